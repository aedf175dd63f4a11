"""The bare parser of each format, and the least that an account in Python costs on top of it."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from adapters.contract import AccountLine, Fate


def read_plainly(path: Path, raw: bytes) -> Any:
    """Parse a file as anybody would, with no care for what it may do."""
    if path.suffix == ".xml":
        return etree.fromstring(raw)
    if path.suffix == ".json":
        return json.loads(raw)
    return list(csv.reader(io.StringIO(raw.decode("windows-1252")), delimiter=";"))


def account_plainly(path: Path, raw: bytes) -> list[tuple[dict[str, str], AccountLine]]:
    """Parse it, and make one small dict and one account line for each field: no place is checked.

    Nothing written in Python that accounts for every field can cost less.
    """
    document = read_plainly(path, raw)
    return [
        ({"path": place, "text": text}, AccountLine(place, Fate.MAPPED, ("Patient/1.name",)))
        for place, text in _leaves(document, "$")
    ]


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}[{index}]")
    elif isinstance(value, etree._Element):
        yield from _elements(value, place)
    else:
        yield place, str(value)


def _elements(element: etree._Element, place: str) -> Iterator[tuple[str, str]]:
    for index, inner in enumerate(element):
        yield from _elements(inner, f"{place}/{inner.tag}[{index}]")
    if not len(element):
        yield place, element.text or ""
