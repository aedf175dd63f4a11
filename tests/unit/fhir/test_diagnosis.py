"""One diagnosis per disorder, from any number of statements in any order."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.diagnosis import Diagnosis, diagnoses, orphaned_copies, without_group
from gateway.fhir.diagnosis_groups import ICD10, MAP, group_of, icd10_of, map_version
from gateway.fhir.statement import BASIS, COPIED_FROM, Assertion
from schemas import read_data

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
DSM5 = "http://hl7.org/fhir/sid/dsm5"


def statement(
    number: int,
    code: str,
    date: str,
    *,
    status: str = "confirmed",
    clinical: str = "active",
    source: str = "vaph",
    author: str | None = "MDT",
    basis: str | None = "team",
    copied: str | None = None,
    hypothesis: bool = False,
    system: str = ICD10,
) -> Assertion:
    told = {BASIS: basis, COPIED_FROM: copied}
    content: dict[str, Any] = {
        "resourceType": "Condition",
        "extension": [{"url": url, "valueCode": code} for url, code in told.items() if code],
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": clinical}]},
        "verificationStatus": {"coding": [{"system": VERIFICATION, "code": status}]},
        "code": {"coding": [{"system": system, "code": code}]},
        "recordedDate": date,
    }
    if author:
        content["recorder"] = {"display": author}
    return Assertion(
        id=UUID(int=number),
        partner=source,
        source=source,
        content=content,
        hypothesis=hypothesis,
        asserted_at="2024-12-01",
    )


def wrong(one: Assertion) -> Assertion:
    content = {name: value for name, value in one.content.items() if name != "clinicalStatus"}
    in_error = {"coding": [{"system": VERIFICATION, "code": "entered-in-error"}]}
    return replace(one, content=content | {"verificationStatus": in_error})


# Noor, as the ground truth of the samples tells it.
LANGUAGE_2023 = statement(1, "F80.2", "2023-05-16")
LANGUAGE_2024 = statement(2, "F80", "2024-10-21")
AUTISM = statement(3, "F84.0", "2024-10-21")
SUSPICION = statement(
    4, "299.00", "2024-10-10", status="provisional", source="clb", hypothesis=True, system=DSM5
)
REFUTED_GUESS = statement(
    5, "F94.0", "2024-10-10", status="refuted", source="clb", hypothesis=True, clinical="inactive"
)
NOOR = [LANGUAGE_2023, LANGUAGE_2024, AUTISM, SUSPICION, REFUTED_GUESS]

# Jonas: the CLB quotes a centre, and copies what VAPH said.
CONDUCT = statement(11, "F92.8", "2018-10-09")
CONDUCT_QUOTED = statement(
    12, "F92.8", "2024-04-22", source="clb", author="CGG Voorbeeldregio", basis="quoted"
)
ATTENTION = statement(13, "F90", "2018-10-09")
ATTENTION_COPIED = statement(
    14, "F90.0", "2018", source="clb", author="Vrij CLB", basis="quoted", copied="vaph"
)
JONAS = [CONDUCT, CONDUCT_QUOTED, ATTENTION, ATTENTION_COPIED]

REFUTED = statement(
    21, "F84.0", "2025-02-01", status="refuted", clinical="inactive", source="clb", author="COS"
)


def only(found: tuple[Diagnosis, ...]) -> Diagnosis:
    (one,) = found
    return one


def test_noor_has_autism_and_a_language_disorder_each_once() -> None:
    assert [one.leads for one in diagnoses(NOOR)] == [LANGUAGE_2024, AUTISM]


def test_a_less_specific_code_after_a_specific_one_is_put_before_a_person() -> None:
    language, autism = diagnoses(NOOR)
    assert language.replaces == (LANGUAGE_2023,)
    assert language.reasons == ("proposed", "less-specific")
    assert autism.reasons == ("proposed",)


def test_a_more_specific_code_later_is_no_reason_to_doubt() -> None:
    refined = only(diagnoses([statement(1, "F80", "2023"), statement(2, "F80.2", "2024")]))
    assert (refined.leads.code, refined.reasons) == ("F80.2", ("proposed",))


def test_the_suspicion_in_another_classification_is_in_the_group_that_was_confirmed() -> None:
    assert group_of(SUSPICION.content) == group_of(AUTISM.content) == "F84"
    assert icd10_of(SUSPICION.content) == "F84.0"


def test_jonas_has_one_diagnosis_with_two_authors_and_one_with_a_copy() -> None:
    attention, conduct = diagnoses(JONAS)
    assert (conduct.leads, conduct.voices) == (CONDUCT, (CONDUCT, CONDUCT_QUOTED))
    assert (attention.leads, attention.voices) == (ATTENTION, (ATTENTION,))
    assert attention.disputes == conduct.disputes == ()


def test_zeyneps_corrected_code_leads_and_the_wrong_one_is_gone() -> None:
    wrong_code = wrong(statement(31, "F80.2", "2024-03-19", source="clb"))
    right_code = statement(32, "F80.1", "2024-03-19", source="clb", author="NKO", basis="quoted")
    assert only(diagnoses([wrong_code, right_code])).leads == right_code


@given(st.permutations(NOOR + JONAS + [REFUTED]), st.lists(st.sampled_from(NOOR + JONAS)))
def test_order_and_duplicates_do_not_matter(order: list[Assertion], again: list[Assertion]) -> None:
    assert diagnoses([*order, *again]) == diagnoses([*NOOR, *JONAS, REFUTED])


SOME_OF_THEM = st.lists(st.sampled_from([*NOOR, *JONAS, REFUTED]), unique_by=lambda one: one.id)


@given(
    SOME_OF_THEM,
    st.sampled_from(["2016", "2024-11-30", "2030-01-01"]),
    st.sampled_from(["team", "professional", "quoted"]),
)
def test_a_copy_never_adds_strength_or_confirmation(
    said: list[Assertion], date: str, basis: str
) -> None:
    known = [one for one in said if one.source == "vaph"]
    copies = [
        replace(
            statement(100 + n, one.code, date, source="caw", author="CAW", basis=basis,
                      copied="vaph"),
            asserted_at="2031",
        )
        for n, one in enumerate(known)
    ]  # fmt: skip
    before, after = diagnoses(said), diagnoses([*said, *copies])
    assert [(one.leads, one.voices, one.disputes) for one in after] == [
        (one.leads, one.voices, one.disputes) for one in before
    ]


@given(SOME_OF_THEM)
def test_every_confirmed_statement_is_in_exactly_one_group(said: list[Assertion]) -> None:
    groups = [one.group for one in diagnoses(said)]
    assert len(groups) == len(set(groups))
    confirmed = {one.code[:3] for one in said if one.standing == "confirmed"}
    assert set(groups) == confirmed
    assert without_group(said) == ()


def test_a_suspicion_or_a_refuted_hypothesis_is_no_diagnosis() -> None:
    assert diagnoses([SUSPICION, REFUTED_GUESS]) == ()


@pytest.mark.parametrize(
    ("stronger", "weaker"), [("team", "professional"), ("professional", "quoted")]
)
def test_strength_goes_before_date(stronger: str, weaker: str) -> None:
    old = statement(1, "F84.0", "2019", basis=stronger)
    new = statement(2, "F84.0", "2024", basis=weaker, source="clb", author="other")
    assert only(diagnoses([new, old])).leads == old


def test_what_does_not_say_on_what_it_rests_is_the_word_of_one_professional() -> None:
    silent = statement(1, "F84.0", "2024", basis=None)
    assert only(diagnoses([silent, statement(2, "F84.0", "2020")])).leads.id == UUID(int=2)
    assert only(diagnoses([silent, statement(2, "F84.0", "2025", basis="quoted")])).leads == silent


def test_an_independent_refutation_since_stands_beside_the_diagnosis() -> None:
    found = only(diagnoses([AUTISM, REFUTED]))
    assert (found.leads, found.disputes) == (AUTISM, (REFUTED,))
    assert "disagreement" in found.reasons


def test_an_earlier_refutation_was_overtaken() -> None:
    earlier = replace(REFUTED, content=REFUTED.content | {"recordedDate": "2020"})
    assert only(diagnoses([AUTISM, earlier])).disputes == ()


def test_a_year_and_a_day_in_it_have_no_order_so_both_are_shown() -> None:
    same_year = replace(REFUTED, content=REFUTED.content | {"recordedDate": "2024"})
    assert only(diagnoses([AUTISM, same_year])).disputes == (same_year,)


def test_a_different_code_of_another_author_in_the_group_is_a_disagreement() -> None:
    other = statement(22, "F84.5", "2025-01-01", source="clb", author="COS", basis="professional")
    found = only(diagnoses([AUTISM, other]))
    assert (found.voices, found.disputes) == ((AUTISM,), (other,))


def test_who_rules_out_its_own_diagnosis_leaves_none() -> None:
    own = statement(22, "F84.0", "2025-02-01", status="refuted", clinical="inactive")
    assert diagnoses([AUTISM, own]) == ()


def test_authors_with_one_name_are_no_two_voices() -> None:
    again = statement(
        23, "F84.0", "2024-11-01", source="clb", author="  mdt ", basis="professional"
    )
    assert only(diagnoses([AUTISM, again])).voices == (AUTISM,)


def test_an_author_nobody_names_confirms_nothing() -> None:
    nameless = statement(23, "F84.0", "2024-11-01", source="clb", author=None, basis="quoted")
    assert only(diagnoses([AUTISM, nameless])).voices == (AUTISM,)


def test_a_copy_of_what_its_source_took_back_leads_no_more_and_a_person_looks() -> None:
    struck = replace(ATTENTION, withdrawn=True)
    assert diagnoses([struck, ATTENTION_COPIED]) == ()
    assert orphaned_copies([struck, ATTENTION_COPIED]) == (ATTENTION_COPIED,)
    assert orphaned_copies([ATTENTION, ATTENTION_COPIED]) == ()
    assert only(diagnoses([ATTENTION_COPIED])).leads == ATTENTION_COPIED


def test_what_a_person_rejected_stands_aside_for_the_next() -> None:
    found = diagnoses([LANGUAGE_2023, LANGUAGE_2024], rejected=frozenset({LANGUAGE_2024.id}))
    assert only(found).leads == LANGUAGE_2023


def test_an_inactive_statement_leads_no_more() -> None:
    assert diagnoses([statement(1, "F84.0", "2024", clinical="inactive")]) == ()


def test_a_code_that_is_not_mapped_is_never_guessed_into_a_group() -> None:
    handicap = "https://deelregie.example/fhir/CodeSystem/vaph-handicapcode"
    unmapped = [
        statement(41, "F84.0", "2024", system="urn:other"),
        statement(42, "XX9", "2024"),
        statement(43, "300.00", "2024", system=DSM5),
        statement(44, "1231", "2024", system=handicap),
    ]
    assert diagnoses(unmapped) == ()
    assert without_group(unmapped) == tuple(unmapped)


def test_codings_that_name_two_disorders_name_none_for_certain() -> None:
    both = statement(45, "F84.0", "2024")
    both.content["code"]["coding"].append({"system": DSM5, "code": "313.23"})
    assert group_of(both.content) is None


def test_the_map_holds_what_the_adapters_table_holds() -> None:
    table = json.loads(read_data("codes", "dsm-5-to-icd-10.json"))
    shipped = json.loads(read_data("fhir", MAP))
    rows = {
        one["code"]: (one["display"], [to["code"] for to in one["target"]])
        for group in shipped["group"]
        for one in group["element"]
    }
    assert rows == {code: (row["display"], [row["icd10"]]) for code, row in table["rows"].items()}
    assert shipped["date"] == table["date"]
    assert map_version() == shipped["version"]


def test_a_copy_that_names_an_author_confirms_and_disputes_nothing_either() -> None:
    copy = statement(51, "F84.0", "2025", source="caw", author="CAW", copied="unknown")
    copy.content["asserter"] = {"display": "COS"}
    against = replace(copy, id=UUID(int=52), content={**REFUTED.content})
    copied = {"url": COPIED_FROM, "valueCode": "unknown"}
    against.content["extension"] = [copied]
    against.content["asserter"] = copy.content["asserter"]
    assert only(diagnoses([AUTISM, copy])).voices == (AUTISM,)
    assert only(diagnoses([AUTISM, against])).disputes == ()


def test_a_hypothesis_that_was_refuted_is_no_disagreement_with_what_was_confirmed() -> None:
    guess = replace(REFUTED, hypothesis=True)
    assert only(diagnoses([AUTISM, guess])).disputes == ()
