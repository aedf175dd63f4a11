"""What a reader of a sheet sees is what the hub reads, and where it stands."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from adapters.contract import Unreadable
from adapters.reading.spreadsheet_values import CellKind
from adapters.reading.workbook import Cell, Workbook, read_workbook
from gateway.kit.workbooks import walk_workbook
from tests.conformance.adapters.samples import sample
from tests.conformance.adapters.workbooks import parts_of, saved, zipped

GROUP = "ko_03"


def read(raw: bytes) -> Workbook:
    found = read_workbook(raw)
    assert isinstance(found, Workbook), found
    return found


def cells(book: Workbook, sheet: int = 0) -> dict[str, Cell]:
    rows = book.sheets[sheet].rows.values()
    return {cell.field.name.removeprefix("cell "): cell for row in rows for cell in row}


def sheet_with(**values: Any) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    assert book.active is not None
    for name, value in values.items():
        book.active[name] = value
    return book


def test_every_cell_of_the_sample_is_read_as_an_independent_library_reads_it() -> None:
    raw = sample(GROUP).raw
    book = openpyxl.load_workbook(io.BytesIO(raw))
    for number, sheet in enumerate(book.worksheets):
        expected = {
            cell.coordinate: shown(cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        assert {
            name: cell.field.text for name, cell in cells(read(raw), number).items()
        } == expected


def shown(value: object) -> str:
    if isinstance(value, datetime):
        return str(value.date()) if value.time().isoformat() == "00:00:00" else value.isoformat()
    return str(value)


def test_every_place_is_found_by_an_independent_walk() -> None:
    raw = sample(GROUP).raw
    assert [field.path for field in read(raw).fields()] == [path for path, _ in walk_workbook(raw)]


def test_only_a_number_formatted_as_a_date_is_a_date() -> None:
    found = cells(read(sample(GROUP).raw))
    assert (found["B5"].kind, found["B5"].field.text, found["B5"].raw) == (
        CellKind.DATE,
        "2022-04-11",
        "44662",
    )
    assert (found["B8"].kind, found["B8"].field.text) == (CellKind.NUMBER, "45098")
    assert found["B6"].kind is CellKind.TEXT


def test_a_date_counts_from_the_year_the_book_says() -> None:
    book = sheet_with(A1=date(2024, 11, 18), A2=datetime(2024, 11, 18, 9, 30))
    assert [cell.field.text for cell in cells(read(saved(book))).values()] == [
        "2024-11-18",
        "2024-11-18T09:30:00",
    ]
    book.epoch = CALENDAR_MAC_1904
    assert cells(read(saved(book)))["A1"].field.text == "2024-11-18"


def test_the_day_that_never_was_stays_a_number() -> None:
    book = sheet_with(A1=59, A2=60, A3=61, A4=-1, A5=1e300)
    assert book.active is not None
    for row in range(1, 6):
        book.active.cell(row, 1).number_format = "dd/mm/yyyy"
    found = cells(read(saved(book)))
    assert [found[f"A{row}"].kind.value for row in range(1, 6)] == [
        "date",
        "number",
        "date",
        "number",
        "number",
    ]
    assert (found["A1"].field.text, found["A3"].field.text) == ("1900-02-28", "1900-03-01")


def test_a_number_keeps_its_spelling_without_the_noise_of_binary() -> None:
    raw = saved(sheet_with(A1=1, A2=2))
    parts = parts_of(raw)
    part = "xl/worksheets/sheet1.xml"
    spelled = parts[part].replace(b"<v>1</v>", b"<v>2.50</v>")
    spelled = spelled.replace(b"<v>2</v>", b"<v>4.9000000000000004</v>")
    found = cells(read(zipped({**parts, part: spelled})))
    assert (found["A1"].field.text, found["A2"].field.text) == ("2.50", "4.9")
    assert found["A2"].raw == "4.9000000000000004"


def test_comments_and_hidden_cells_are_kept_and_merged_rows_are_named() -> None:
    book = sheet_with(A1="x", A2="y", B3="z", C4="w")
    sheet = book.active
    assert sheet is not None
    sheet["A1"].comment = Comment("VERVANGT 18/11", "iemand")
    sheet["D9"].comment = Comment("alleen een opmerking", "iemand")
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[2].hidden = True
    sheet.merge_cells("C4:C6")
    sheet.merge_cells("A1:B1")
    book.create_sheet("weg").sheet_state = "hidden"
    found = read(saved(book))
    names = cells(found)
    first = names["A1"].comment
    assert first
    assert (first.path, first.text) == ("sheet 1, cell A1, comment", "VERVANGT 18/11")
    assert names["D9"].comment
    assert {name for name, cell in names.items() if cell.hidden} == {"B3", "A2"}
    assert found.sheets[0].merged_rows == {4}
    assert found.sheets[0].hidden_rows == {2}
    assert [sheet.hidden for sheet in found.sheets] == [False, True]
    assert not any("iemand" in field.text for field in found.fields())


def test_a_part_that_nobody_reads_is_named_in_the_account() -> None:
    parts = {**parts_of(saved(sheet_with(A1="x"))), "xl/drawings/drawing1.xml": b"<a>woorden</a>"}
    assert [field.path for field in read(zipped(parts)).unread] == [f"package, part {len(parts)}"]


def test_a_formula_has_the_value_that_was_last_computed() -> None:
    raw = saved(sheet_with(A1="=1+1"))
    parts = parts_of(raw)
    part = "xl/worksheets/sheet1.xml"
    computed = parts[part].replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    assert cells(read(zipped({**parts, part: computed})))["A1"].field.text == "2"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40))
def test_any_text_of_a_cell_is_read_trimmed(text: str) -> None:
    book = sheet_with(A1="x")
    assert book.active is not None
    book.active.cell(2, 2, text).data_type = "s"
    found = cells(read(saved(book))).get("B2")
    assert (found.field.text if found else "").split() == text.split()


def test_what_is_no_workbook_is_refused_with_a_remedy() -> None:
    answer = read_workbook(zipped({"a.txt": b"x"}))
    assert isinstance(answer, Unreadable)
    assert (answer.code, answer.status) == ("unexpected-document", 422)
