"""What the observation sheet of a group says of each child, and what a person must look at."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from adapters.contract import Fate, Part, Segment, Translation, dump
from adapters.translate import report
from tests.conformance.adapters.samples import ALLOWED, sample, translated, unreadable
from tests.conformance.adapters.workbooks import saved

GROUP = "ko_03"


def sheet(change: Callable[[Worksheet], object] | None = None) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(sample(GROUP).raw))
    if change:
        change(book.worksheets[0])
    return saved(book)


def group(change: Callable[[Worksheet], object] | None = None) -> Translation:
    return translated("childcare", sheet(change) if change else sample(GROUP).raw)


def put(name: str, value: Any) -> Callable[[Worksheet], None]:
    def change(page: Worksheet) -> None:
        page[name] = value

    return change


def part_of(found: Translation, row: int) -> Part:
    (part,) = [one for one in found.parts if one.id == f"sheet 1, row {row}"]
    return part


def observations(part: Part) -> list[Segment]:
    return [one for one in part.segments if one.resource["resourceType"] == "Observation"]


def scores(segment: Segment) -> dict[str, Any]:
    return {
        one["code"]["coding"][0]["code"].removeprefix("childcare-"): one["valueQuantity"]["value"]
        for one in segment.resource["component"]
        if "valueQuantity" in one
    }


def rejected(found: Translation) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in found.rejections}


def test_the_group_is_split_per_child_and_nobody_is_in_anothers_part() -> None:
    found = group()
    assert [part.id.rsplit(" ", 1)[1] for part in found.parts] == ["5", "7", "9", "10"]
    for part in found.parts:
        text = b"".join(dump(one.resource) for one in part.segments).decode()
        others = {"Tuur", "Lisa", "Lucía", "Milan"} - {part.subject.given}
        assert not any(name in text for name in others)


def test_wellbeing_and_involvement_are_scores_of_the_location_not_of_a_doctor() -> None:
    (seen,) = observations(part_of(group(), 5))
    assert seen.data_class == "development"
    assert scores(seen) == {"wellbeing": Decimal(4), "involvement": Decimal(3)}
    assert seen.resource["effectiveDateTime"] == "2024-11-18"
    categories = [one["coding"][0]["code"] for one in seen.resource["category"]]
    assert categories == ["social-history", "survey"]
    assert seen.resource["performer"][0]["display"] == "KDV Het Pimpeltje, fictief"


def test_a_date_counts_as_text_or_as_a_formatted_cell_but_never_as_a_bare_number() -> None:
    found = group()
    assert part_of(found, 7).subject.born == "2023-06-21"
    assert {("cell B8", "date-unformatted"), ("cell C8", "date-unformatted")} <= rejected(found)
    assert not any(part.subject.given == "Lise" for part in found.parts)


def test_a_date_without_a_year_is_refused_with_its_row() -> None:
    assert ("cell C6", "date-invalid") in rejected(group())
    row = {line.fate for line in group().account if line.path.split(" ")[-1] in {"A6", "D6", "H6"}}
    assert row == {Fate.REJECTED}


def test_a_number_written_as_text_with_a_comma_is_a_number() -> None:
    (seen,) = observations(part_of(group(put("E10", "2,5")), 10))
    assert scores(seen)["involvement"] == Decimal("2.5")


@pytest.mark.parametrize("score", [6, 0, "0,9", "5,1", -1])
def test_a_score_off_the_scale_is_refused_by_itself(score: object) -> None:
    found = group(put("D5", score))
    assert rejected(found) & {("cell D5", "value-implausible"), ("cell D5", "number-invalid")}
    assert scores(observations(part_of(found, 5))[0]) == {"involvement": Decimal(3)}


def test_the_score_six_of_the_sample_is_refused_and_the_rest_of_the_row_stands() -> None:
    found = group()
    assert ("cell D9", "value-implausible") in rejected(found)
    assert scores(observations(part_of(found, 9))[0]) == {"involvement": Decimal(3)}


def test_a_replacement_or_a_doubt_in_a_remark_is_for_a_person() -> None:
    asked = {(one.field, one.code) for one in group().questions}
    assert asked == {
        ("cell H7", "doubt-in-free-text"),
        ("cell H9", "doubt-in-free-text"),
        ("cell A10", "name-abbreviated"),
        ("cell H10", "replacement-in-free-text"),
    }


def test_a_comment_on_a_cell_is_a_remark_too() -> None:
    def remark(page: Worksheet) -> None:
        page["C5"].comment = Comment("VERVANGT die van 4/11", "begeleider")

    found = group(remark)
    asked = {(one.field, one.code) for one in found.questions}
    assert ("cell C5, comment", "replacement-in-free-text") in asked
    (line,) = [one for one in found.account if one.path == "sheet 1, cell C5, comment"]
    assert line.fate is Fate.MINIMISED


def test_remarks_stay_in_the_original() -> None:
    text = dump(report("childcare", sample(GROUP).raw, ALLOWED)).decode()
    assert not any(word in text for word in ("huilt", "woordzinnen", "geobserveerd", "score 6"))


def test_a_name_with_an_initial_is_marked_and_stays_as_received() -> None:
    milan = part_of(group(), 10)
    assert milan.subject.abbreviated
    assert milan.segments[0].resource["name"] == [{"text": "Milan P."}]


def test_titles_headings_hidden_numbers_and_totals_have_a_reason() -> None:
    fates = {line.path: line for line in group().account}
    for cell in ("A1", "A4", "I4", "I5", "A12"):
        line = fates[f"sheet 1, cell {cell}"]
        assert (line.fate, bool(line.reason)) == (Fate.MINIMISED, True)
    assert fates["sheet 1, cell A12"].reason.startswith("a total")


def test_a_hidden_or_merged_row_is_put_before_a_person() -> None:
    def hide(page: Worksheet) -> None:
        page.row_dimensions[5].hidden = True

    def merge(page: Worksheet) -> None:
        page.merge_cells("B9:B10")

    assert ("row", "hidden-row") in rejected(group(hide))
    assert [part.id for part in group(merge).parts] == ["sheet 1, row 5", "sheet 1, row 7"]
    assert ("row", "merged-cells") in rejected(group(merge))


def test_one_child_twice_on_one_day_is_put_before_a_person() -> None:
    found = group(put("C6", "20/11/2024"))
    assert ("cell A10", "duplicate-record") in rejected(found)


def test_the_same_row_has_the_same_key_however_its_date_is_written() -> None:
    def keys(found: Translation) -> list[str]:
        return [one.key for one in part_of(found, 10).segments]

    written = keys(group(put("C10", "2024-11-20")))
    assert written == keys(group())
    assert not any("milan" in key.lower() for key in written)


def test_a_sheet_that_is_saved_again_is_newer() -> None:
    assert part_of(group(put("D10", 5)), 10).asserted_at > part_of(group(), 10).asserted_at


def test_another_word_for_an_area_goes_to_a_person() -> None:
    assert ("cell F5", "unknown-code") in rejected(group(put("F5", "zorgwekkend")))


def test_a_column_nobody_knows_is_kept_flagged() -> None:
    def extra(page: Worksheet) -> None:
        page["J4"], page["J5"] = "Slapen", "goed"

    unknown = [line.path for line in group(extra).account if line.fate is Fate.UNKNOWN]
    assert unknown == ["sheet 1, cell J5"]


@pytest.mark.parametrize(("cell", "value"), [("B4", "Geboren"), ("F4", "Geboortedatum")])
def test_a_heading_that_is_not_the_agreed_one_is_refused(cell: str, value: str) -> None:
    answer = unreadable("childcare", sheet(put(cell, value)))
    assert (answer.code, answer.where) == ("header-mismatch", "sheet 1, row 4")
