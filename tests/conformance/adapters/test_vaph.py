"""What VAPH dossiers say and do not say."""

import re
from decimal import Decimal

import pytest

from adapters.contract import Fate, Part, RelatedKey, Resource, Translation
from tests.conformance.adapters.samples import sample, translated

NOOR_2023, NOOR_2024, JONAS = "vaph_01", "vaph_02", "vaph_03"


def dossier(name: str, *changes: tuple[str, str]) -> Translation:
    raw = sample(name).raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("vaph", raw.encode())


def only_part(translation: Translation) -> Part:
    (part,) = translation.parts
    return part


def resources(translation: Translation, kind: str, data_class: str | None = None) -> list[Resource]:
    return [
        segment.resource
        for segment in only_part(translation).segments
        if segment.resource["resourceType"] == kind and data_class in {None, segment.data_class}
    ]


def icd(condition: Resource) -> str:
    code: str = condition["code"]["coding"][0]["code"]
    return code


def observation(translation: Translation, code: str) -> list[Resource]:
    found = resources(translation, "Observation")
    return [one for one in found if one["code"]["coding"][0]["code"] == code]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NOOR_2023, {("F80.2", "2023-05-16")}),
        (NOOR_2024, {("F84.0", "2024-10-21"), ("F80", "2024-10-21")}),
        (JONAS, {("F90", "2018-10-09"), ("F92.8", "2018-10-09")}),
    ],
)
def test_each_disorder_code_is_a_confirmed_assertion_of_its_day(
    name: str, expected: set[tuple[str, str]]
) -> None:
    conditions = resources(dossier(name), "Condition", "diagnosis")
    assert {(icd(one), one["recordedDate"]) for one in conditions} == expected
    for one in conditions:
        assert one["verificationStatus"]["coding"][0]["code"] == "confirmed"
        assert one["contained"][0]["organization"]["display"].startswith("MDT Revalidatie")


def test_a_dossier_is_a_snapshot_of_one_child_with_two_parents() -> None:
    translation = dossier(NOOR_2023)
    part = only_part(translation)
    assert translation.snapshot
    assert (part.subject.insz, part.subject.born) == ("19631421243", "2019-03-14")
    assert part.related == (
        RelatedKey(insz="90710208412", relation="parent", authority="exercised"),
        RelatedKey(insz="88672331155", relation="parent", authority="exercised"),
    )
    assert part.asserted_at == part.version == "2023-06-02T09:14:07.120+02:00"


def test_a_later_snapshot_keeps_the_ids_of_what_it_repeats() -> None:
    first, second = dossier(NOOR_2023), dossier(NOOR_2024)
    for kind in ("Patient", "Coverage", "EpisodeOfCare", "Organization"):
        ids = [{one["id"] for one in resources(one, kind)} for one in (first, second)]
        assert ids[0] == ids[1]
    assert only_part(first).version < only_part(second).version


def test_sentinels_never_become_values() -> None:
    translation = dossier(NOOR_2023)
    assert observation(translation, "iq") == []
    fates = {line.path.split("/")[-1]: line for line in translation.account}
    for leaf in ("p", "v", "t", "type", "einddatum"):
        assert fates[leaf].fate is Fate.MINIMISED
        assert fates[leaf].reason
    assert all("end" not in one["period"] for one in resources(translation, "Coverage"))


def test_scores_keep_their_spelling_and_only_the_given_ones_are_there() -> None:
    (iq,) = observation(dossier(NOOR_2024), "iq")
    values = {part["code"]["coding"][0]["code"]: part["valueQuantity"] for part in iq["component"]}
    assert {name: str(value["value"]) for name, value in values.items()} == {
        "iq-performance": "84.0",
        "iq-verbal": "77.0",
        "iq-total": "80.0",
    }
    assert iq["effectiveDateTime"] == "2024-09-30"
    (only_total,) = observation(dossier(JONAS), "iq")
    assert [part["valueQuantity"]["value"] for part in only_total["component"]] == [Decimal("91.0")]


def test_a_lost_leading_zero_is_put_back_and_remarked() -> None:
    translation = dossier(JONAS)
    assert only_part(translation).subject.insz == "09652917516"
    (line,) = [
        one for one in translation.account if one.path.endswith("gegevens/rijksregisternummer")
    ]
    assert line.fate is Fate.MAPPED
    assert "leading zero" in line.reason


def test_an_unknown_code_goes_to_a_person_and_the_rest_goes_on() -> None:
    translation = dossier(JONAS)
    (rejection,) = translation.rejections
    assert (rejection.code, rejection.field) == ("unknown-code", "code")
    assert rejection.where.endswith("/stoornissenItem[3]")
    refused = [one.path for one in translation.account if one.fate is Fate.REJECTED]
    assert refused
    assert all("stoornissenItem[3]" in path for path in refused)


def test_each_report_names_its_team_and_its_measurements_but_no_disorder() -> None:
    for name, results in ((NOOR_2023, 1), (NOOR_2024, 3), (JONAS, 1)):
        (report,) = resources(dossier(name), "DiagnosticReport", "diagnostic_report")
        assert report["performer"][0]["display"].startswith("MDT Revalidatie")
        assert len(report["result"]) == results
        assert "conclusionCode" not in report


def test_where_a_report_comes_from_is_told_to_who_may_see_the_report_only() -> None:
    (origin,) = resources(dossier(NOOR_2024), "Provenance", "diagnostic_report")
    (report,) = resources(dossier(NOOR_2024), "DiagnosticReport")
    assert origin["target"] == [{"reference": f"DiagnosticReport/{report['id']}"}]
    assert origin["agent"][0]["who"]["display"].startswith("MDT Revalidatie")
    assert origin["occurredDateTime"] == "2024-10-21"


def test_a_report_that_carries_only_a_refused_code_is_not_there() -> None:
    said = [one["id"] for one in resources(dossier(JONAS), "DiagnosticReport")]
    assert len(said) == 1
    assert "2014" not in str(resources(dossier(JONAS), "DiagnosticReport"))


def test_a_function_group_named_after_a_disorder_is_shared_as_a_diagnosis_only() -> None:
    for name, data_class in ((NOOR_2023, "functional"), (JONAS, "diagnosis")):
        (hint,) = observation(dossier(name), "function-group")
        assert hint["meta"]["security"][0]["code"] == data_class


def test_no_functional_or_logistic_segment_names_a_disorder() -> None:
    for name in (NOOR_2023, NOOR_2024, JONAS):
        for segment in only_part(dossier(name)).segments:
            if segment.data_class in {"functional", "logistics"}:
                said = re.sub(r"[0-9a-f-]{36}", "", str(segment.resource)).lower()
                assert not any(word in said for word in ("f84", "f80", "autis", "hyperk", "f90"))


def test_money_address_and_phone_stay_in_the_original() -> None:
    said = str([segment.resource for segment in only_part(dossier(JONAS)).segments])
    assert not any(value in said for value in ("31250", "8019", "Fictielaan", "2800", "12025"))


def test_a_foster_parent_gets_no_authority_from_a_dossier() -> None:
    assert only_part(dossier(JONAS)).related == (
        RelatedKey(insz="79701033064", relation="foster_parent", authority="unknown"),
    )


def test_a_wrong_number_of_the_subject_refuses_the_dossier_with_its_place() -> None:
    translation = dossier(NOOR_2023, ("19631421243", "19631421244"))
    assert translation.parts == ()
    (rejection,) = translation.rejections
    assert (rejection.code, rejection.field) == ("insz-invalid", "rijksregisternummer")
    assert rejection.where.endswith("/persoonsgegevens")
    assert {one.fate for one in translation.account if "/diagnose/" in one.path} == {Fate.REJECTED}


def test_a_wrong_number_of_a_parent_refuses_that_parent_only() -> None:
    translation = dossier(NOOR_2023, ("88672331155", "88672331156"))
    assert len(only_part(translation).related) == 1
    assert [one.code for one in translation.rejections] == ["insz-invalid"]


@pytest.mark.parametrize("gone", ["88672331155", "<code>O</code>"])
def test_a_representative_without_number_or_type_is_refused_by_place(gone: str) -> None:
    raw = sample(NOOR_2023).raw.decode()
    head, _, tail = raw.rpartition(gone)
    translation = translated("vaph", f"{head}{tail}".encode())
    assert len(only_part(translation).related) == 1
    assert [(one.code, one.where.endswith("Item[2]")) for one in translation.rejections] == [
        ("missing-field", True)
    ]


def test_an_element_nobody_knows_is_kept_flagged() -> None:
    translation = dossier(NOOR_2023, ("<diagnose>", "<diagnose><nieuw>iets</nieuw>"))
    (line,) = [one for one in translation.account if one.fate is Fate.UNKNOWN]
    assert line.path.endswith("/diagnose/nieuw")


def test_the_order_of_elements_does_not_matter() -> None:
    moved = "<dossiernummer>9900123</dossiernummer>"
    other = dossier(NOOR_2023, (moved, ""), ("<persoonsgegevens>", f"<persoonsgegevens>{moved}"))
    assert only_part(other) == only_part(dossier(NOOR_2023))


def test_an_enterprise_number_in_two_spellings_is_one_and_a_wrong_one_is_rejected() -> None:
    (service,) = resources(dossier(NOOR_2023), "EpisodeOfCare")
    assert service["managingOrganization"]["display"].startswith("Thuisbegeleidingsdienst")
    wrong = dossier(NOOR_2023, ("BE1999.000.249", "BE1999.000.248"))
    assert [one.code for one in wrong.rejections] == ["kbo-invalid"]


def test_a_period_that_ends_before_it_starts_loses_its_end() -> None:
    translation = dossier(NOOR_2023, ("9999-12-31", "2020-01-01"))
    assert [one.code for one in translation.rejections] == ["period-invalid"]
    (coverage,) = resources(translation, "Coverage")
    assert coverage["period"] == {"start": "2023-05-16"}


def test_the_same_disorder_twice_is_one_assertion_and_one_rejection() -> None:
    raw = sample(NOOR_2023).raw.decode()
    start, end = raw.index("<stoornissenItem>"), raw.index("</stoornissen>")
    twice = dossier(NOOR_2023, ("</stoornissen>", raw[start:end] + "</stoornissen>"))
    assert len(resources(twice, "Condition")) == 1
    assert [one.code for one in twice.rejections] == ["duplicate-record"]


def test_a_score_beside_no_test_is_no_score_and_for_a_person() -> None:
    translation = dossier(NOOR_2023, ("<t>0.0</t>", "<t>84.0</t>"), ("<v>0.0</v>", "<v>n.g.</v>"))
    assert [(one.field, one.code) for one in translation.rejections] == [
        ("t", "score-without-test")
    ]
    assert not resources(translation, "Observation", "diagnostic_report")
