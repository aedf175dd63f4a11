"""The bare parsers of a file, and the least that an account in Python costs on top of one.

The bare parser under every adapter is the project's own reader: it gives each field its place,
without which there is no account and no rejection that names a line (ADR 0020). The parsers that
anybody would take (in C, and openpyxl for workbooks) keep none; they are the second yardstick.
"""

import csv
import gc
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import openpyxl
from lxml import etree

from adapters.contract import AccountLine, Fate, Kind, Unreadable
from adapters.reading.document import AnyDocument, read_document
from adapters.registry import ADAPTERS

FLOOR: Final = 10.0
"""The least share of the reader with places, in per cent."""

FLOOR_TOLD: Final = f"{FLOOR:.0f} % of the reader with places"


def read_with_places(path: Path, raw: bytes) -> AnyDocument:
    """Parse a file as its adapter does: every field with its place, and nothing mapped."""
    found = read_document(
        raw, Kind(path.suffix[1:]), code_page=ADAPTERS[path.parent.name].code_page
    )
    assert not isinstance(found, Unreadable)
    return found


def read_plainly(path: Path, raw: bytes) -> Any:
    """Parse a file as anybody would, with no care for what it may do."""
    if path.suffix == ".xml":
        return etree.fromstring(raw)
    if path.suffix == ".json":
        return json.loads(raw)
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(io.BytesIO(raw))
        return [list(sheet.iter_rows(values_only=True)) for sheet in book]
    return list(csv.reader(io.StringIO(raw.decode("windows-1252")), delimiter=";"))


def shares(value: float, reader: float, plain: float) -> dict[str, float]:
    """How much of a translation's time either parser takes, and whether the floor is met."""
    share = 100 * reader / value
    return {
        "share of the reader with places, %": share,
        f"the floor of {FLOOR:.0f} % is met (1) or not (0)": float(share >= FLOOR),
        "share of a parser without places, %": 100 * plain / value,
    }


@contextmanager
def as_in_the_product() -> Iterator[None]:
    """Look for cycles as seldom as the background process and `deelregie translate` do."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


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
