"""What a CLB trajectory says and does not say."""

from adapters.contract import Fate, Part, RelatedKey, Resource, Translation
from tests.conformance.adapters.samples import sample, translated, unreadable


def export(*changes: tuple[str, str]) -> Translation:
    raw = sample("clb_01").raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("clb", raw.encode())


def only_part(translation: Translation) -> Part:
    (part,) = translation.parts
    return part


def resources(translation: Translation, kind: str) -> list[Resource]:
    found = [segment.resource for segment in only_part(translation).segments]
    return [one for one in found if one["resourceType"] == kind]


def test_a_suspicion_is_provisional_and_a_refuted_one_refuted() -> None:
    conditions = {one["code"]["coding"][0]["code"]: one for one in resources(export(), "Condition")}
    assert set(conditions) == {"F84.0", "F94.0"}
    suspicion = conditions["F84.0"]
    assert suspicion["verificationStatus"]["coding"][0]["code"] == "provisional"
    assert suspicion["code"]["coding"][1]["code"] == "299.00"
    assert suspicion["recordedDate"] == "2024-10-10"
    assert conditions["F94.0"]["verificationStatus"]["coding"][0]["code"] == "refuted"


def test_hypotheses_are_flagged_and_nothing_else_is() -> None:
    for segment in only_part(export()).segments:
        expected = segment.resource["resourceType"] == "Condition"
        assert ("hypothesis" in segment.flags) == expected


def test_needs_are_functional_with_their_words_and_qualifier() -> None:
    needs = {one["code"]["coding"][0]["code"]: one for one in resources(export(), "Observation")}
    assert set(needs) == {"d330", "d710", "e585"}
    assert needs["e585"]["valueCodeableConcept"]["coding"][0]["code"] == "+2"
    assert needs["d330"]["code"]["text"].startswith("Heeft nood aan visuele")


def test_the_words_of_a_hypothesis_stay_in_the_original() -> None:
    said = str([segment.resource for segment in only_part(export()).segments])
    assert "GEEN diagnose" not in said
    assert "taalbegrip zwak" in said


def test_parents_have_their_authority_as_the_pupil_file_says() -> None:
    assert only_part(export()).related == (
        RelatedKey(insz="90710208412", relation="parent", authority="exercised"),
        RelatedKey(insz="88672331155", relation="parent", authority="exercised"),
    )


def test_an_unknown_parent_with_authority_is_kept_without_a_name() -> None:
    translation = export(
        ("<naam>El Amrani</naam>", "<naam>onbekend</naam>"),
        (
            "<voornaam>Yasmina</voornaam><rijksregisternummer>90710208412",
            "<voornaam/><rijksregisternummer>",
        ),
    )
    assert only_part(translation).related[0] == RelatedKey(
        insz=None, relation="parent", authority="exercised"
    )
    assert "name" not in resources(translation, "RelatedPerson")[0]


def test_a_code_no_table_maps_goes_to_a_person() -> None:
    translation = export(("299.00", "300.01"))
    assert [one.code for one in translation.rejections] == ["unknown-code"]
    assert len(resources(translation, "Condition")) == 1


def test_a_wrong_national_number_refuses_the_message() -> None:
    translation = export(("19631421243", "19631421244"))
    assert translation.parts == ()
    assert [(one.code, one.field) for one in translation.rejections] == [
        ("insz-invalid", "rijksregisternummer")
    ]
    assert {one.fate for one in translation.account} == {Fate.REJECTED}


def test_a_date_that_does_not_exist_is_rejected_where_it_stands() -> None:
    translation = export(("10/10/2024", "31/02/2024"))
    (rejection,) = translation.rejections
    assert (rejection.code, rejection.where) == ("date-invalid", "/larsExport/traject/fase[3]")


def test_an_unknown_level_of_confidentiality_is_treated_as_the_strictest() -> None:
    translation = export(('niveau="beroepsgeheim"', 'niveau="anders"'))
    assert [one.code for one in translation.rejections] == ["unknown-code"]
    conditions = [s for s in only_part(translation).segments if "/hypothesis/" in s.key]
    assert all("professional_secrecy" in segment.flags for segment in conditions)


def test_a_record_is_known_again_by_a_later_version() -> None:
    first, second = export(), export(("<volgnummer>1<", "<volgnummer>2<"))
    assert [s.key for s in only_part(first).segments] == [s.key for s in only_part(second).segments]
    assert only_part(first).version < only_part(second).version


def test_another_kind_of_export_is_refused_as_a_whole() -> None:
    raw = sample("clb_01").raw.replace(b"HGD_TRAJECT", b"VERSLAG")
    answer = unreadable("clb", raw)
    assert (answer.code, answer.where) == ("unexpected-document", "/larsExport/@soort")
