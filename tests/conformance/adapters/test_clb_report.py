"""What a CLB report says: whose diagnosis it is, what it takes back, and what was wished."""

import json
from uuid import UUID

import pytest

from adapters.clb.report import payload
from adapters.contract import (
    Ending,
    Fate,
    Part,
    RelatedKey,
    Resource,
    Retraction,
    Segment,
    Translation,
)
from adapters.reading.mapping_file import checked
from adapters.systems import COPIED_FROM, DIAGNOSIS_BASIS, GIVER, SIGNED
from gateway.fhir.statement import Assertion
from schemas import read_data
from tests.conformance.adapters.samples import sample, translated

JONAS, ZEYNEP = "clb_03", "clb_04"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


def report(name: str, *changes: tuple[str, str]) -> Translation:
    raw = sample(name).raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("clb", raw.encode())


def only_part(translation: Translation) -> Part:
    (part,) = translation.parts
    return part


def segments(translation: Translation) -> dict[str, Segment]:
    return {one.key: one for one in only_part(translation).segments}


def diagnosis(translation: Translation, code: str) -> Resource:
    found = segments(translation)
    return next(one.resource for key, one in found.items() if key.endswith(f"/{ICD_10}/{code}"))


def extension(resource: Resource, url: str) -> list[object]:
    return [one["valueCode"] for one in resource["extension"] if one["url"] == url]


def status(condition: Resource) -> str:
    code: str = condition["verificationStatus"]["coding"][0]["code"]
    return code


def test_a_diagnosis_of_another_service_names_who_made_it() -> None:
    condition = diagnosis(report(JONAS), "F92.8")
    asserter = next(one for one in condition["contained"] if one["id"] == "asserter")
    assert asserter["organization"] == {"display": "CGG Voorbeeldregio"}
    assert extension(condition, DIAGNOSIS_BASIS) == ["quoted"]
    assert extension(condition, COPIED_FROM) == []
    assert (status(condition), condition["recordedDate"]) == ("confirmed", "2024-04-22")


def test_a_copied_diagnosis_is_marked_as_a_copy_and_keeps_its_partial_date() -> None:
    condition = diagnosis(report(JONAS), "F90.0")
    assert extension(condition, COPIED_FROM) == ["vaph"]
    assert "asserter" not in condition
    assert condition["recordedDate"] == "2018"


@pytest.mark.parametrize(
    ("said", "copied"),
    [
        ("overgenomen van VAPH", ["vaph"]),
        ("Overgenomen uit dossier CAW", ["caw"]),
        ("VAPH", ["vaph"]),
        ("overgenomen van een dienst", ["unknown"]),
        ("VAPH-verslag 2018", ["vaph"]),
        ("cf. VAPH-dossier", ["vaph"]),
        ("dossier (overgenomen)", ["unknown"]),
        ("CAR De Wilg", []),
    ],
)
def test_whatever_was_taken_over_counts_as_a_copy(said: str, copied: list[str]) -> None:
    condition = diagnosis(report(JONAS, ("overgenomen VAPH", said)), "F90.0")
    assert extension(condition, COPIED_FROM) == copied


def test_a_diagnosis_of_the_centre_itself_is_its_own() -> None:
    centre = "Vrij CLB Voorbeeldstreek (fictief)"
    condition = diagnosis(report(JONAS, ("CGG Voorbeeldregio", centre)), "F92.8")
    assert extension(condition, DIAGNOSIS_BASIS) == ["professional"]
    assert "asserter" not in condition


@pytest.mark.parametrize("origin", ['bron=""', ""])
def test_a_diagnosis_of_which_nobody_says_who_made_it_is_the_weakest(origin: str) -> None:
    condition = diagnosis(report(JONAS, ('bron="CGG Voorbeeldregio"', origin)), "F92.8")
    assert extension(condition, DIAGNOSIS_BASIS) == ["quoted"]
    told = Assertion(
        id=UUID(int=1), partner="clb", content=condition, hypothesis=False, asserted_at=""
    )
    assert told.author is None


def test_an_unknown_mother_keeps_her_authority_and_a_foster_parent_has_none() -> None:
    assert only_part(report(JONAS)).related == (
        RelatedKey(insz="79701033064", relation="foster_parent", authority="none"),
        RelatedKey(insz=None, relation="parent", authority="exercised"),
    )


def test_a_foster_parent_has_delegated_authority_at_most() -> None:
    part = only_part(report(JONAS, ("<ouderlijkGezag>N<", "<ouderlijkGezag>J<")))
    assert part.related[0].authority == "delegated"


def test_the_pupils_refusal_is_kept_as_a_denial_and_put_before_a_person() -> None:
    translation = report(JONAS)
    refusal = segments(translation)["message/LARS-2024-551377/wish/outside/self"]
    assert refusal.data_class == "confidential"
    assert refusal.resource["provision"]["type"] == "deny"
    assert refusal.resource["verification"] == [{"verified": False}]
    (performer,) = refusal.resource["performer"]
    assert performer["reference"] == refusal.resource["patient"]["reference"]
    assert performer["extension"] == [{"url": GIVER, "valueCode": "self"}]
    assert [(one.code, one.where) for one in translation.questions] == [
        ("sharing-refused", "/larsExport/toestemming")
    ]


def test_the_words_of_a_wish_are_never_read() -> None:
    translation = report(JONAS)
    assert "CAW" not in str([one.resource for one in only_part(translation).segments])
    (line,) = [one for one in translation.account if one.path == "/larsExport/toestemming"]
    assert line.fate is Fate.MINIMISED


def test_a_yes_told_by_a_source_opens_nothing() -> None:
    translation = report(JONAS, ('waarde="N"', 'waarde="J"'))
    kinds = {one.resource["resourceType"] for one in only_part(translation).segments}
    assert "Consent" not in kinds
    assert [one.code for one in translation.questions] == ["sharing-permitted-elsewhere"]


def test_an_answer_nobody_knows_is_taken_for_a_no() -> None:
    translation = report(JONAS, ('waarde="N"', 'waarde="misschien"'))
    assert "message/LARS-2024-551377/wish/outside/self" in segments(translation)
    assert [one.code for one in translation.rejections] == ["unknown-code"]


def test_who_signed_is_kept_without_a_name() -> None:
    document = segments(report(JONAS))["report/V-2024-3310/document"].resource
    signed = [one["extension"] for one in document["extension"] if one["url"] == SIGNED]
    assert [(by["valueCode"], on["valueDate"]) for by, on in signed] == [
        ("centre", "2024-06-18"),
        ("self", "2024-06-20"),
    ]


def test_only_doubt_about_capacity_is_put_before_a_person() -> None:
    assert "capacity-doubted" not in {one.code for one in report(JONAS).questions}
    doubted = report(JONAS, ('bekwaamheid leerling="J"', 'bekwaamheid leerling="N"'))
    assert "capacity-doubted" in {one.code for one in doubted.questions}


def test_a_type_of_education_is_as_private_as_the_disorder_it_names() -> None:
    found = segments(report(JONAS))
    assert found["report/V-2024-3310/education/type"].data_class == "diagnosis"
    assert found["report/V-2024-3310/education/form"].data_class == "functional"


@pytest.mark.parametrize("kind", ["GC", "IAC", "OV4", "GV", "V"])
def test_every_type_of_report_has_the_same_layout(kind: str) -> None:
    translation = report(JONAS, ('type="IAC"', f'type="{kind}"'))
    document = segments(translation)["report/V-2024-3310/document"].resource
    assert document["type"]["coding"][0]["code"] == kind
    assert translation.rejections == ()


def test_a_type_nobody_knows_is_flagged_and_the_report_stays() -> None:
    translation = report(JONAS, ('type="IAC"', 'type="ZZ"'))
    assert [one.code for one in translation.rejections] == ["unknown-code"]
    assert "type" not in segments(translation)["report/V-2024-3310/document"].resource


def test_what_a_correction_takes_back_is_in_error_and_what_it_says_stands() -> None:
    translation = report(ZEYNEP)
    wrong, right = diagnosis(translation, "F80.2"), diagnosis(translation, "F80.1")
    assert status(wrong) == "entered-in-error"
    assert "clinicalStatus" not in wrong
    assert status(right) == "confirmed"


def test_a_correction_ends_the_statement_by_the_key_it_had_in_the_first_version() -> None:
    first = report(
        ZEYNEP,
        ("<volgnummer>2<", "<volgnummer>1<"),
        ('code="F80.1"', 'code="F80.2"'),
        ('<ongedaan classificatie="ICD-10" code="F80.2"', '<weg classificatie="" code=""'),
        ("</ongedaan>", "</weg>"),
    )
    second = report(ZEYNEP)
    (ended,) = second.retractions
    part = only_part(second)
    assert ended == Retraction(
        key=f"report/V-2024-2991/diagnosis/{ICD_10}/F80.2",
        ending=Ending.ERROR,
        asserted_at="v000000002",
        version=part.asserted_at,
        where="/larsExport/verslag/ongedaan",
        subject=part.subject,
    )
    assert ended.key in segments(first)
    assert only_part(first).version < part.version
    assert set(segments(first)) - set(segments(second)) == set()


def test_a_correction_keeps_its_keys_when_the_pupils_number_changed() -> None:
    other = report(ZEYNEP, ("16660514646", "16660514745"))
    named = {key for key in segments(other) if not key.startswith("pupil/")}
    assert named == {key for key in segments(report(ZEYNEP)) if not key.startswith("pupil/")}


def test_a_code_that_is_both_said_and_taken_back_does_not_stand() -> None:
    translation = report(ZEYNEP, ('code="F80.1"', 'code="F80.2"'))
    assert status(diagnosis(translation, "F80.2")) == "entered-in-error"
    assert [one.code for one in translation.rejections] == ["duplicate-record"]


def test_the_next_version_says_which_message_it_replaces() -> None:
    found = segments(report(ZEYNEP))
    (related,) = found["report/V-2024-2991/document"].resource["relatesTo"]
    assert related["code"] == "replaces"
    assert related["target"]["identifier"]["value"] == "LARS-2024-549002#1"
    entities = found["message/LARS-2024-549002"].resource["entity"]
    assert [one["role"] for one in entities] == ["source", "revision"]


def test_letters_of_another_alphabet_arrive_whole() -> None:
    part = only_part(report(ZEYNEP))
    assert (part.subject.family, part.subject.damaged) == ("Çağlayan", False)


def test_a_period_that_ends_before_it_starts_is_rejected_once() -> None:
    translation = report(ZEYNEP, ("<opheffingsdatum/>", "<opheffingsdatum>2020</opheffingsdatum>"))
    assert [one.code for one in translation.rejections] == ["period-invalid"]


def test_another_layout_needs_another_mapping_file_and_no_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = json.loads(read_data("mappings", "clb/report.json"))
    places = {**content["places"], "reports": "dossier/rapport", "undone": "ingetrokken"}
    file = checked("clb/report", {**content, "places": places}, content["places"], content["words"])
    expected = segments(report(ZEYNEP))
    monkeypatch.setattr(payload, "REPORT", file)
    moved = report(
        ZEYNEP,
        ("<verslag ", "<dossier><rapport "),
        ("</verslag>", "</rapport></dossier>"),
        ("<ongedaan ", "<ingetrokken "),
        ("</ongedaan>", "</ingetrokken>"),
    )
    assert segments(moved) == expected
