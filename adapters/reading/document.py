"""Which reader parses a file: told by how it begins, and parsed once."""

import codecs
from collections.abc import Callable, Collection
from typing import Final, TypeAlias

from adapters.contract import Kind, Unreadable
from adapters.reading.csv_table import Table, read_table
from adapters.reading.json_document import read_json
from adapters.reading.node import Node
from adapters.reading.xml_document import read_xml

AnyDocument: TypeAlias = Node | Table

_READERS: Final[dict[Kind, Callable[[bytes], AnyDocument | Unreadable]]] = {
    Kind.XML: read_xml,
    Kind.JSON: read_json,
}
_BEGINNINGS: Final = {b"<": Kind.XML, b"{": Kind.JSON, b"[": Kind.JSON}
_ENOUGH: Final = 1024


def kind_of(raw: bytes, expected: Collection[Kind]) -> Kind:
    """Tell how a file is written; one that looks like nothing expected is read as the first."""
    start = raw[:_ENOUGH].removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    kind = _BEGINNINGS.get(start, Kind.CSV)
    return kind if kind in expected else next(iter(expected))


def read_document(raw: bytes, kind: Kind, *, code_page: str | None) -> AnyDocument | Unreadable:
    """Parse a file of this kind, or say why it cannot be read."""
    if kind is Kind.CSV:
        return read_table(raw, code_page=code_page)
    return _READERS[kind](raw)
