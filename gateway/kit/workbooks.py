"""A walk past the cells of a workbook that does not use the adapters' reader."""

import io
import zipfile
from collections.abc import Iterator

from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_PROPERTIES = "docProps/core.xml"


def walk_workbook(raw: bytes) -> Iterator[tuple[str, str]]:
    """Path and spelling of every filled cell, for a book without shared texts or comments."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if _PROPERTIES in parts:
        for element in _parsed(parts[_PROPERTIES]):
            if str(element.tag).endswith("}modified"):
                yield "workbook, modified", element.text or ""
    names = [
        str(one.get("name")) for one in _parsed(parts["xl/workbook.xml"]).iter(f"{_MAIN}sheet")
    ]
    for number, name in enumerate(names, start=1):
        yield f"sheet {number}, name", name
        for cell in _parsed(parts[f"xl/worksheets/sheet{number}.xml"]).iter(f"{_MAIN}c"):
            if text := "".join(str(piece) for piece in cell.itertext()).strip():
                yield f"sheet {number}, cell {cell.get('r')}", text


def _parsed(part: bytes) -> etree._Element:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False))
