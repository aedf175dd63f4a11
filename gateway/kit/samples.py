"""The samples of a source, and a walk past their fields that does not use the adapters' readers."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from adapters.contract import ReadOptions
from adapters.registry import ADAPTERS
from gateway.kit.workbooks import walk_workbook

SOURCES = Path(__file__).parents[2] / "schemas" / "sources"
ALLOWED = ReadOptions(allow_test_numbers=True)


@dataclass(frozen=True, slots=True)
class Sample:
    """One synthetic file of a source."""

    source: str
    path: Path

    @property
    def raw(self) -> bytes:
        """Its exact bytes."""
        return self.path.read_bytes()

    @property
    def text(self) -> str:
        """As its source writes it: Unicode, or else the code page of that source."""
        try:
            return self.raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.raw.decode(ADAPTERS[self.source].code_page or "utf-8")

    def __str__(self) -> str:
        return f"{self.source}/{self.path.stem}"


def samples_of(source: str) -> list[Sample]:
    """Every sample of a source, by name."""
    return [Sample(source, path) for path in sorted((SOURCES / source).glob("*.*"))]


def walk(one: Sample) -> Iterator[tuple[str, str]]:
    """Path and value of every leaf, in the order of the file."""
    match one.path.suffix:
        case ".xml":
            root = etree.fromstring(one.raw, etree.XMLParser(resolve_entities=False))
            yield from _walk_xml(root, f"/{_local(root.tag)}")
        case ".json":
            yield from _walk_json(json.loads(one.raw), "$")
        case ".csv":
            yield from _walk_csv(one.text)
        case ".xlsx":
            yield from walk_workbook(one.raw)


def _local(tag: object) -> str:
    return str(tag).rsplit("}", maxsplit=1)[-1]


def _walk_xml(element: etree._Element, path: str) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield f"{path}/@{_local(name)}", str(value)
    children = [child for child in element if isinstance(child.tag, str)]
    if not children and (not element.attrib or (element.text or "").strip()):
        yield path, (element.text or "").strip()
    names = [_local(child.tag) for child in children]
    for index, (name, child) in enumerate(zip(names, children, strict=True)):
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
            yield f"line {line}, column {column.strip()}", value.strip()
