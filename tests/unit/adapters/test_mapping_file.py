"""A mapping file says where a source keeps things, and is refused when it does not."""

from typing import Any

import pytest

from adapters.contract import Unreadable
from adapters.reading.csv_table import Table, read_table
from adapters.reading.json_document import read_json
from adapters.reading.mapping_file import MappingFile, MappingFileError, checked
from adapters.reading.node import Node

PLACES = {"name": "persoon/naam", "visits": "bezoeken/bezoek", "day": "dag"}
WORDS = {"yes": ["J", "ja"]}
CONTENT = {"version": "1", "source": "none", "date": "2026-11-22", "status": "invented"}


def mapping(needed: dict[str, Any] = PLACES, **changes: Any) -> MappingFile:
    content = {**CONTENT, "places": needed, "words": WORDS, **changes}
    return checked("clb/visit", content, places=needed, words=WORDS)


def json_document(raw: bytes) -> Node:
    found = read_json(raw)
    assert isinstance(found, Node)
    return found


def table(raw: bytes) -> Table:
    found = read_table(raw, code_page=None)
    assert isinstance(found, Table)
    return found


def test_a_place_is_found_from_a_node_by_the_adapters_own_name() -> None:
    document = json_document(
        b'{"persoon":{"naam":"x"},"bezoeken":{"bezoek":[{"dag":1},{"dag":2}]}}'
    )
    name = mapping().field(document, "name")
    assert name
    assert (name.path, name.text) == ("$.persoon.naam", "x")
    days = [mapping().field(one, "day") for one in mapping().nodes(document, "visits")]
    assert [day and day.text for day in days] == ["1", "2"]
    assert mapping().field(None, "name") is None
    assert mapping().node(document, "day") is None


def test_a_repeated_group_of_columns_is_counted() -> None:
    flat = mapping({"family": "kind{n}_naam", "number": "nr"})
    rows = table(b"nr;kind1_naam;kind2_naam\n1;a;b\n").rows
    found = [flat.field(rows[0], "family", number) for number in (1, 2, 3)]
    assert [field and field.text for field in found] == ["a", "b", None]
    assert flat.lacks(table(b"nr;kind1_naam\n")) is None
    refused = flat.lacks(table(b"nr;kind2_naam\n"))
    assert isinstance(refused, Unreadable)
    assert "kind1_naam" in refused.message
    assert flat.lacks(table(b"kind1_naam\n"), optional=["number"]) is None


def test_cells_of_a_row_come_in_the_order_asked_and_a_column_that_is_not_there_is_none() -> None:
    columns = mapping({"name": "naam", "day": "dag", "visits": "bezoek"}).columns
    row = table(b"dag;naam\n1;x\n").rows[0]
    asked = columns("name", "visits", "day")
    assert [cell and cell.text for cell in row.cells(asked)] == ["x", None, "1"]
    assert [cell and cell.text for cell in row.cells(asked[::-1])] == ["1", None, "x"]


def test_words_of_the_source_have_a_meaning_or_none() -> None:
    document = json_document(b'{"a":"ja","b":"misschien"}')
    assert mapping().says(document.field("a"), "yes")
    assert mapping().meaning(document.field("b")) is mapping().meaning(None) is None


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"places": {"name": "naam"}}, "places is missing day, visits"),
        ({"places": {**PLACES, "nam": "naam"}}, "places has nam, which nothing reads"),
        ({"places": {**PLACES, "day": ""}}, "places leaves day empty"),
        ({"words": {}}, "words is missing yes"),
        ({"status": ""}, "it does not say its status"),
        ({"date": "November"}, "date is not written as yyyy-mm-dd"),
    ],
)
def test_a_file_that_does_not_say_what_is_needed_is_refused_by_name(
    changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(MappingFileError, match=f"clb/visit.*{complaint}"):
        mapping(**changes)
