"""The samples of every registered source, and an independent way to walk their fields."""

import csv
import json
import xml.etree.ElementTree as ET
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.contract import ReadOptions, Translation, Unreadable
from adapters.registry import ADAPTERS
from adapters.translate import translate
from tests.conformance.adapters.workbooks import walk_workbook

SOURCES = Path(__file__).parents[3] / "schemas" / "sources"
ALLOWED = ReadOptions(allow_test_numbers=True)


@dataclass(frozen=True, slots=True)
class Sample:
    source: str
    path: Path

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    def __str__(self) -> str:
        return f"{self.source}/{self.path.stem}"


SAMPLES = [
    Sample(source, path)
    for source in sorted(ADAPTERS)
    for path in sorted((SOURCES / source).glob("*.*"))
]
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def sample(name: str) -> Sample:
    """The one sample whose file name begins so."""
    (found,) = [one for one in SAMPLES if one.path.name.startswith(name)]
    return found


def translated(source: str, raw: bytes, options: ReadOptions = ALLOWED) -> Translation:
    outcome = translate(source, raw, options)
    assert isinstance(outcome, Translation), outcome
    return outcome


def unreadable(source: str, raw: bytes) -> Unreadable:
    outcome = translate(source, raw, ALLOWED)
    assert isinstance(outcome, Unreadable), outcome
    return outcome


def walk(one: Sample) -> Iterator[tuple[str, str]]:
    """Path and value of every leaf, found without the adapters' readers."""
    match one.path.suffix:
        case ".xml":
            root = ET.fromstring(one.raw)
            yield from _walk_xml(root, f"/{_local(root.tag)}")
        case ".json":
            yield from _walk_json(json.loads(one.raw), "$")
        case ".csv":
            yield from _walk_csv(decoded(one.raw))
        case ".xlsx":
            yield from walk_workbook(one.raw)


def decoded(raw: bytes) -> str:
    """The text of a CSV sample: UTF-8 when it says so, else the code page of its source."""
    return raw.decode("utf-8-sig" if raw.startswith(BOM_UTF8) else "cp1252")


def _local(tag: str) -> str:
    return tag.rsplit("}", maxsplit=1)[-1]


def _walk_xml(element: ET.Element, path: str) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield f"{path}/@{_local(name)}", value
    if not len(element) and (not element.attrib or (element.text or "").strip()):
        yield path, (element.text or "").strip()
    names = [_local(child.tag) for child in element]
    for index, (name, child) in enumerate(zip(names, element, strict=True)):
        number = f"[{names[: index + 1].count(name)}]" if names.count(name) > 1 else ""
        yield from _walk_xml(child, f"{path}/{name}{number}")


def _walk_json(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _walk_json(inner, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _walk_json(inner, f"{path}[{index}]")
    else:
        yield path, str(value)


def _walk_csv(text: str) -> Iterator[tuple[str, str]]:
    lines = csv.reader(text.splitlines(keepends=True), delimiter=";")
    header = next(lines)
    while True:
        line = lines.line_num + 1
        cells = next(lines, None)
        if cells is None:
            return
        for column, value in zip(header, cells, strict=True):
            yield f"line {line}, column {column}", value.strip()
