"""Workbooks for tests: changed and built without the adapters' own reader."""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping

from openpyxl import Workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MODIFIED = "docProps/core.xml"


def parts_of(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def saved(book: Workbook) -> bytes:
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def sheet_parts(parts: Mapping[str, bytes]) -> list[str]:
    """The parts of the sheets, in the order of a book whose sheets were never moved."""
    return sorted(name for name in parts if name.startswith("xl/worksheets/sheet"))


def replaced_in_workbook(raw: bytes, path: str, value: str) -> bytes:
    """The book with one cell, name or moment changed into a text."""
    parts = parts_of(raw)
    if path == "workbook, modified":
        return zipped(_with_modified(parts, value))
    place, _, what = path.removeprefix("sheet ").partition(", ")
    number = int(place) - 1
    if what == "name":
        return zipped(_with_name(parts, number, value))
    part = sheet_parts(parts)[number]
    root = ET.fromstring(parts[part])
    for cell in root.iter(f"{MAIN}c"):
        if cell.get("r") == what.removeprefix("cell "):
            cell[:] = []
            cell.set("t", "inlineStr")
            ET.SubElement(ET.SubElement(cell, f"{MAIN}is"), f"{MAIN}t").text = value
    return zipped({**parts, part: ET.tostring(root)})


def _with_modified(parts: dict[str, bytes], value: str) -> dict[str, bytes]:
    root = ET.fromstring(parts[MODIFIED])
    for element in root:
        if element.tag.endswith("}modified"):
            element.text = value
    return {**parts, MODIFIED: ET.tostring(root)}


def _with_name(parts: dict[str, bytes], number: int, value: str) -> dict[str, bytes]:
    root = ET.fromstring(parts["xl/workbook.xml"])
    list(root.iter(f"{MAIN}sheet"))[number].set("name", value)
    return {**parts, "xl/workbook.xml": ET.tostring(root)}
