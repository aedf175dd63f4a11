"""What a childcare information sheet says and does not say."""

import json
from typing import Any

import pytest

from adapters.contract import Fate, Part, RelatedKey, Segment, Translation
from tests.conformance.adapters.samples import sample, translated

MILAN, NOOR = "ko_02", "ko_inlichtingenfiche_noor"


def sheet(name: str, **changes: Any) -> Translation:
    document = {**json.loads(sample(name).raw), **changes}
    return translated("childcare", json.dumps(document).encode())


def only_part(translation: Translation) -> Part:
    (part,) = translation.parts
    return part


def segments(translation: Translation, kind: str) -> list[Segment]:
    found = only_part(translation).segments
    return [one for one in found if one.resource["resourceType"] == kind]


def test_a_child_is_known_by_name_and_birth_date_and_its_parents_by_number() -> None:
    part = only_part(sheet(MILAN))
    assert (part.subject.insz, part.subject.given, part.subject.born) == (
        None,
        "Milan",
        "2021-09-30",
    )
    assert part.related == (
        RelatedKey(insz="90710208412", relation="parent", authority="unknown"),
        RelatedKey(insz=None, relation="parent", authority="unknown"),
    )


def test_an_allergy_is_unconfirmed_and_medical() -> None:
    (allergy,) = segments(sheet(MILAN), "AllergyIntolerance")
    assert allergy.data_class == "medical"
    assert allergy.resource["verificationStatus"]["coding"][0]["code"] == "unconfirmed"


def test_nothing_to_report_makes_no_resource() -> None:
    translation = sheet(MILAN)
    assert segments(translation, "MedicationStatement") == []
    (line,) = [one for one in translation.account if one.path == "$.medisch.medicatie"]
    assert line.fate is Fate.MINIMISED


def test_a_practical_need_is_functional_and_a_remark_medical() -> None:
    found = {one.key.split("/")[2]: one for one in segments(sheet(NOOR), "Observation")}
    assert found["care-need"].data_class == "functional"
    assert "daglijn" in found["care-need"].resource["valueString"]
    assert found["remark"].data_class == "medical"


def test_third_persons_phones_and_permissions_stay_in_the_original() -> None:
    for name in (MILAN, NOOR):
        translation = sheet(name)
        said = str([one.resource for one in only_part(translation).segments])
        assert not any(w in said for w in ("Fatima", "Griet", "Oorbeeld", "0400", "KC-VOOR"))
        for line in translation.account:
            if line.path.startswith(("$.toestemming", "$.magAfhalen", "$.huisarts")):
                assert line.fate is Fate.MINIMISED


def test_a_sheet_without_a_birth_date_is_refused() -> None:
    child = json.loads(sample(MILAN).raw)["kind"]
    translation = sheet(MILAN, kind={**child, "geboortedatum": "??/??/2021"})
    assert translation.parts == ()
    assert [(one.where, one.field, one.code) for one in translation.rejections] == [
        ("$.kind", "geboortedatum", "date-invalid")
    ]


def test_a_field_nobody_knows_is_kept_flagged() -> None:
    translation = sheet(MILAN, nieuw={"iets": 1})
    unknown = [one.path for one in translation.account if one.fate is Fate.UNKNOWN]
    assert unknown == ["$.nieuw.iets"]


def test_a_field_name_that_could_be_personal_is_not_repeated() -> None:
    translation = sheet(MILAN, **{"Milan Peeters": 1, "19631421243": 2})
    unknown = [one.path for one in translation.account if one.fate is Fate.UNKNOWN]
    assert len(unknown) == 2
    assert not any("Peeters" in path or "1963" in path for path in unknown)


def test_fields_of_another_type_are_accounted_and_nothing_raises() -> None:
    translation = sheet(MILAN, ouders={"rol": "mama", "naam": ["x"]}, medisch=3, huisarts=[[1]])
    assert only_part(translation).subject.given == "Milan"


def test_a_later_version_sorts_after_an_earlier_one() -> None:
    assert only_part(sheet(MILAN, versie=10)).version > only_part(sheet(MILAN)).version


@pytest.mark.parametrize(
    ("told", "asked"),
    [(True, 0), ("ja", 0), (None, 0), (False, 1), ("enkel na overleg", 1), (["a", "b"], 2)],
)
def test_a_permission_that_is_no_plain_yes_is_for_a_person_and_never_read(
    told: object, asked: int
) -> None:
    found = sheet(MILAN, toestemming={"infoNaarKleuterschool": told})
    assert [one.code for one in found.questions] == ["wish-about-sharing"] * asked
    lines = [one for one in found.account if one.path.startswith("$.toestemming")]
    assert {one.fate for one in lines} == {Fate.MINIMISED}


def test_a_wish_names_its_place_and_not_its_words() -> None:
    (wish,) = sheet(MILAN).questions
    assert (wish.where, wish.field) == ("$.toestemming", "infoNaarKleuterschool")
    assert "overleg" not in wish.message


def test_a_day_inside_a_remark_stays_part_of_the_remark() -> None:
    (remark,) = segments(sheet(MILAN), "Observation")
    assert remark.resource["valueString"] == "Koortsstuip op 3/2/'23"
    assert "effectiveDateTime" not in remark.resource


def medical(**said: Any) -> Translation:
    return sheet(MILAN, medisch={"allergieën": [], "medicatie": "", "bijzonderheden": "", **said})


@pytest.mark.parametrize(
    "words",
    ["geen", "Geen gekend", "geen gekende", "Geen allergieën.", "niets", "nvt", "n.v.t.", "/"],
)
@pytest.mark.parametrize("where", ["allergieën", "medicatie", "bijzonderheden"])
def test_many_words_for_nothing_claim_nothing(words: str, where: str) -> None:
    found = medical(**{where: words})
    assert [one for one in only_part(found).segments if one.data_class == "medical"] == []
    assert "doubt-in-free-text" not in {one.code for one in found.questions}


@pytest.mark.parametrize("words", ["onbekend", "niet gekend"])
def test_what_is_not_known_is_left_out_for_that_reason(words: str) -> None:
    found = medical(allergieën=[words])
    assert segments(found, "AllergyIntolerance") == []
    (line,) = [one for one in found.account if one.path.startswith("$.medisch.allergieën")]
    assert (line.fate, "not known" in line.reason) == (Fate.MINIMISED, True)


@pytest.mark.parametrize("words", ["Geen melk", "niet zeker, noten?", "?", "x", "0", "neen, enkel"])
@pytest.mark.parametrize("where", ["allergieën", "medicatie"])
def test_what_may_be_nothing_or_something_is_for_a_person(words: str, where: str) -> None:
    found = medical(**{where: words})
    assert [one for one in only_part(found).segments if one.data_class == "medical"] == []
    (asked,) = [one for one in found.questions if one.code == "doubt-in-free-text"]
    assert words not in asked.message
    assert asked.where.startswith("$.medisch")


def test_a_remark_may_begin_with_a_denial_and_a_mark_is_no_remark() -> None:
    (remark,) = segments(medical(bijzonderheden="Niet alleen laten bij water"), "Observation")
    assert remark.resource["valueString"] == "Niet alleen laten bij water"
    assert segments(medical(bijzonderheden="?"), "Observation") == []


def test_no_key_holds_what_was_told() -> None:
    found = medical(allergieën=["geen", "koemelk"], medicatie=["Ventolin", "Zyrtec"])
    keys = [one.key.split("/", 2)[2] for one in only_part(found).segments]
    told = {"allergy/2", "medication/1", "medication/2"}
    assert {one for one in keys if one.startswith(("allergy", "medication"))} == told


def test_a_relative_is_the_same_one_when_another_of_that_role_is_named_later() -> None:
    mother = json.loads(sample(MILAN).raw)["ouders"][0]
    other = {"rol": "mama", "naam": "Claes An"}

    def keys(*parents: dict[str, str]) -> list[str]:
        found = segments(sheet(MILAN, ouders=parents), "RelatedPerson")
        assert not any(word in one.key for one in found for word in ("Claes", "90710208412"))
        return [one.key for one in found]

    first, second = keys(mother), keys(mother, other)
    assert first == second[:1] == keys(other, mother)[1:]
    assert len(set(second)) == len(second) == 2


def test_a_care_need_that_is_denied_and_described_is_for_a_person() -> None:
    need = {"aanwezig": False, "attestDatum": "2024-05-01", "omschrijving": "Heeft sondevoeding"}
    found = sheet(NOOR, specifiekeZorgbehoefte=need)
    assert not any(one.key.endswith("/care-need") for one in only_part(found).segments)
    (told,) = found.rejections
    assert (told.field, told.code) == ("omschrijving", "care-need-inconsistent")
    fates = {line.path.rpartition(".")[2]: line for line in found.account if "Zorg" in line.path}
    assert fates["omschrijving"].fate is Fate.REJECTED
    assert "attest" in fates["attestDatum"].reason
