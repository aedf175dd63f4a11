"""What a school doctor's file says: several pupils, one part each."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Part, ReadOptions, Segment, Translation
from tests.conformance.adapters.samples import sample, translated


def contacts() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(sample("clb_02").raw)
    return document


def read(document: object) -> Translation:
    return translated("clb", json.dumps(document).encode())


def changed(number: int, **fields: object) -> Translation:
    document = contacts()
    document["records"][number] |= fields
    return read(document)


def segments(part: Part) -> dict[str, Segment]:
    return {one.key.rsplit("/", 1)[-1]: one for one in part.segments}


def test_each_pupil_is_a_part_of_its_own_in_which_no_other_is_named() -> None:
    parts = translated("clb", sample("clb_02").raw).parts
    assert [one.subject.given for one in parts] == ["Noor", "Mamadi", "Mateo"]
    for part in parts:
        others = {one.subject.insz for one in parts} - {part.subject.insz}
        said = str([one.resource for one in part.segments])
        assert not any(str(other) in said for other in others)


def test_a_number_with_a_comma_keeps_its_spelling_as_a_decimal() -> None:
    noor = segments(read(contacts()).parts[0])
    assert noor["height"].resource["valueQuantity"]["value"] == Decimal("112.4")
    sight = noor["vision"].resource["component"]
    assert [str(one["valueQuantity"]["value"]) for one in sight] == ["0.8", "0.63"]
    mamadi = segments(read(contacts()).parts[1])
    assert str(mamadi["vision"].resource["component"][0]["valueQuantity"]["value"]) == "1.0"


def test_a_bis_number_in_another_field_is_the_pupils_number() -> None:
    mamadi = read(contacts()).parts[1].subject
    assert (mamadi.insz, mamadi.born, mamadi.family) == ("17200099714", "2017", "TOURE SYLLA")


@pytest.mark.parametrize(("said", "born"), [("??/??/2017", "2017"), ("??/5/2017", "2017-05")])
def test_of_a_birth_date_only_what_is_known_is_kept(said: str, born: str) -> None:
    pupil = {**contacts()["records"][1]["leerling"], "geboortedatum": said}
    part = changed(1, leerling=pupil).parts[1]
    assert part.segments[0].resource["birthDate"] == born


def test_not_measured_is_said_and_never_a_value() -> None:
    translation = read(contacts())
    weight = segments(translation.parts[1])["weight"].resource
    assert weight["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert "valueQuantity" not in weight
    (line,) = [one for one in translation.account if one.path == "$.records[1].gewicht_kg"]
    assert line.reason.startswith("not measured")


def test_a_weight_nobody_of_that_age_has_is_rejected_by_place_and_never_repaired() -> None:
    translation = read(contacts())
    assert [(one.code, one.where, one.field) for one in translation.rejections] == [
        ("value-implausible", "$.records[2]", "gewicht_kg")
    ]
    assert "weight" not in segments(translation.parts[2])
    assert "15,5" not in str(translation.parts[2].segments)


@pytest.mark.parametrize(("said", "kept"), [("155", False), ("15,5", True), ("1,5", False)])
def test_how_heavy_is_plausible_depends_on_the_age(said: str, kept: bool) -> None:
    assert ("weight" in segments(changed(2, gewicht_kg=said).parts[2])) == kept


def test_the_doctors_number_is_checked_and_travels_inside_only() -> None:
    height = segments(read(contacts()).parts[0])["height"].resource
    assert height["contained"][0]["identifier"][0]["value"] == "11530231003"
    wrong = changed(0, arts={"naam": "dr. V. Oorbeeld", "riziv": "1-15302-99-003"})
    assert "riziv-invalid" in {one.code for one in wrong.rejections}
    height = segments(wrong.parts[0])["height"].resource
    assert "identifier" not in height["contained"][0]


def test_two_different_numbers_in_one_record_are_put_before_a_person() -> None:
    pupil = {**contacts()["records"][0]["leerling"], "bis": "17.20.00-997.14"}
    translation = changed(0, leerling=pupil)
    assert "number-conflict" in {one.code for one in translation.rejections}
    assert translation.parts[0].subject.insz == "19631421243"


def test_a_letter_nobody_knows_is_flagged_and_never_guessed() -> None:
    translation = changed(0, kleurzin="Z")
    assert "unknown-code" in {one.code for one in translation.rejections}
    assert "colour-vision" not in segments(translation.parts[0])


def test_a_remark_about_whoever_stays_in_the_original() -> None:
    said = str([one.resource for part in read(contacts()).parts for one in part.segments])
    assert "Pulaar" not in said


def test_a_pupil_whose_number_is_refused_takes_nobody_else_along() -> None:
    translation = translated("clb", sample("clb_02").raw, ReadOptions())
    assert [one.subject.given for one in translation.parts] == ["Mamadi"]


def test_a_contact_without_a_day_or_an_id_is_refused() -> None:
    for field in ("datum", "id"):
        translation = changed(0, **{field: ""})
        assert [one.id for one in translation.parts] == ["2", "3"]
        assert translation.rejections[0].field == field


def test_the_same_contact_twice_is_taken_once() -> None:
    document = contacts()
    document["records"].append(document["records"][0])
    translation = read(document)
    assert len(translation.parts) == 3
    assert "duplicate-record" in {one.code for one in translation.rejections}


def test_a_later_version_of_a_contact_has_the_same_keys() -> None:
    first, second = read(contacts()).parts[0], changed(0, volgnummer="2").parts[0]
    assert [one.key for one in first.segments] == [one.key for one in second.segments]
    assert first.version < second.version


def test_a_poorer_spelling_of_a_name_never_replaces_a_better_one() -> None:
    here = read(contacts()).parts[2].segments[0]
    there = translated("clb", sample("clb_05").raw).parts[0].segments[0]
    assert here.resource["name"][0]["family"] == "Garcia"
    assert here.key != there.key


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_order_of_pupils_and_of_fields_does_not_matter(data: st.DataObject) -> None:
    document = contacts()
    expected = sorted(str(part.segments) for part in read(document).parts)
    shuffled = [dict(data.draw(st.permutations(list(one.items())))) for one in document["records"]]
    document["records"] = data.draw(st.permutations(shuffled))
    assert sorted(str(part.segments) for part in read(document).parts) == expected
