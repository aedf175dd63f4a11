"""What the monthly feed of a childcare location says: that a child attends, and no more."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Fate, Part, Translation, dump
from adapters.translate import report
from tests.conformance.adapters.samples import ALLOWED, sample, translated

HEADER, *ROWS = sample("ko_01").raw.decode("utf-8-sig").split("\r\n")[:-1]
MILAN, MILAN_AGAIN, TUUR, LISA, LISE, LUCIA, INITIAL = ROWS


def feed(*rows: str, header: str = HEADER) -> Translation:
    return translated("childcare", "\r\n".join([header, *rows, ""]).encode("utf-8-sig"))


def given_names(found: Translation) -> list[str]:
    return [part.subject.given for part in found.parts]


def attendance(part: Part) -> dict[str, object]:
    (episode,) = [one for one in part.segments if one.resource["resourceType"] == "EpisodeOfCare"]
    assert episode.data_class == "logistics"
    return episode.resource


def codes(found: Translation) -> list[tuple[str, str]]:
    asked = [(one.where, one.code) for one in found.questions]
    return asked + [(one.where, one.code) for one in found.rejections]


def test_every_child_is_a_part_and_twins_are_two() -> None:
    assert given_names(feed(*ROWS)) == ["Milan", "Tuur", "Lisa", "Lise", "Lucia", "L."]
    keys = [segment.key for part in feed(*ROWS).parts for segment in part.segments]
    assert len({key for key in keys if key.endswith("attendance")}) == 6


def test_no_child_has_a_number_and_names_stay_as_received() -> None:
    (part,) = feed(MILAN).parts
    assert (part.subject.insz, part.subject.family, part.subject.gender) == (
        None,
        "PEETERS",
        "male",
    )
    patient = part.segments[0].resource
    assert patient["name"] == [{"use": "official", "family": "PEETERS", "given": ["Milan"]}]


def test_only_since_when_a_child_attends_is_said() -> None:
    (part,) = feed(MILAN_AGAIN, MILAN).parts
    assert attendance(part)["period"] == {"start": "2024-11-04"}
    said = dump(report("childcare", sample("ko_01").raw, ALLOWED)["bundle"]).decode()
    assert not any(value in said for value in ("9.25", "9,25", "2024-11-05", "Proefstraat", "0400"))


def test_a_name_of_which_only_an_initial_is_known_is_nobody_in_particular() -> None:
    found = feed(LISA, LISE, INITIAL)
    assert [part.subject.abbreviated for part in found.parts] == [False, False, True]
    assert codes(found) == [("line 4", "name-abbreviated")]


def test_a_child_that_should_have_gone_to_school_is_put_before_a_person() -> None:
    assert codes(feed(MILAN, MILAN_AGAIN)) == [("line 2", "school-start-past")]
    assert codes(feed(MILAN.replace("1/9/2024", "1/9/2025"))) == []
    assert codes(feed(MILAN.replace("1/9/2024", "2024"))) == []


def test_a_delivery_is_complete_for_one_month_of_one_location() -> None:
    found = feed(*ROWS)
    assert found.scope == "feed/999000123/2024-11"
    assert not found.snapshot
    assert {part.within for part in found.parts} == {None}
    keys = [segment.key for part in found.parts for segment in part.segments]
    own = [key for key in keys if not key.startswith("organization/")]
    assert all(key.startswith(f"{found.scope}/") for key in own)


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("04/11/2024", "31/11/2024", "date-invalid"),
        ("04/11/2024", "11/2024", "date-invalid"),
        ("11/04/2022", "??/04/2022", "date-invalid"),
        ("999000123", "", "missing-field"),
        ("Tuur", "", "subject-incomplete"),
        ("7,75", "7,75;x", "column-count"),
    ],
)
def test_a_refused_row_replaces_nothing_that_was_said_before(
    before: str, after: str, code: str
) -> None:
    found = feed(LISA, TUUR.replace(before, after))
    assert given_names(found) == ["Lisa"]
    assert [one.code for one in found.rejections] == [code]
    assert found.scope is None
    assert [part.within for part in found.parts] == ["feed/999000123/2024-11"]
    fates = {line.fate for line in found.account if line.path.startswith("line 3")}
    assert fates <= {Fate.REJECTED, Fate.MINIMISED}


def test_two_months_or_locations_in_one_file_replace_nothing() -> None:
    for other in (LISA.replace("/11/2024", "/10/2024"), LISA.replace("999000123", "999000124")):
        found = feed(MILAN, other)
        assert found.scope is None
        assert ("the whole file", "mixed-delivery") in codes(found)
        assert given_names(found) == ["Milan", "Lisa"]
        months = [part.within for part in found.parts]
        assert months[0] == "feed/999000123/2024-11"
        assert months[0] != months[1]


def test_a_file_without_rows_replaces_nothing() -> None:
    assert feed().scope is None


def test_keys_hold_no_name_and_stay_the_same_whatever_the_spelling() -> None:
    first, other = feed(LUCIA), feed(LUCIA.replace("Garcia Iniguez;Lucia", "GARCIA  INIGUEZ;lucia"))
    keys = [[segment.key for segment in found.parts[0].segments] for found in (first, other)]
    assert keys[0] == keys[1]
    assert not any("garcia" in key.lower() or "lucia" in key.lower() for key in keys[0])


@settings(max_examples=40, deadline=None)
@given(st.permutations(ROWS), st.lists(st.sampled_from(ROWS), max_size=3))
def test_order_and_repetition_of_rows_do_not_matter(rows: list[str], again: list[str]) -> None:
    found, plain = feed(*rows, *again), feed(*ROWS)
    assert said(found) == said(plain)
    assert found.scope == plain.scope


def said(found: Translation) -> set[str]:
    return {
        json.dumps(json.loads(dump(segment.resource)), sort_keys=True)
        for part in found.parts
        for segment in part.segments
    }
