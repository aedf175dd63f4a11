"""One diagnosis per disorder, from any number of statements in any order."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.fhir.diagnosis import ICD10, Assertion, inactivated, leading_diagnoses

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def statement(
    number: int, code: str, date: str, *, status: str = "confirmed", hypothesis: bool = False
) -> Assertion:
    content: dict[str, Any] = {
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "verificationStatus": {"coding": [{"code": status}]},
        "code": {"coding": [{"system": ICD10, "code": code}]},
        "recordedDate": date,
    }
    return Assertion(
        id=UUID(int=number),
        partner="vaph",
        content=content,
        hypothesis=hypothesis,
        asserted_at=date,
    )


LANGUAGE_2023 = statement(1, "F80.2", "2023-05-16")
LANGUAGE_2024 = statement(2, "F80", "2024-10-21")
AUTISM = statement(3, "F84.0", "2024-10-21")
SUSPICION = statement(4, "F84.0", "2025-01-01", status="provisional", hypothesis=True)
REFUTED = statement(5, "F94.0", "2024-10-10", status="refuted", hypothesis=True)
ALL = [LANGUAGE_2023, LANGUAGE_2024, AUTISM, SUSPICION, REFUTED]


def codes(assertions: list[Assertion]) -> list[str]:
    return [one.of.content["code"]["coding"][0]["code"] for one in leading_diagnoses(assertions)]


@given(st.permutations(ALL), st.lists(st.sampled_from(ALL)))
def test_order_and_duplicates_do_not_matter(order: list[Assertion], again: list[Assertion]) -> None:
    assert codes([*order, *again]) == ["F80", "F84.0"]


def test_a_suspicion_or_a_refuted_hypothesis_is_no_diagnosis() -> None:
    assert codes([SUSPICION, REFUTED]) == []


def test_a_superseded_statement_leads_no_more_but_is_no_error() -> None:
    old = statement(1, "F80.2", "2023-05-16")
    content = inactivated(old.content)
    assert content["verificationStatus"] == old.content["verificationStatus"]
    inactive = Assertion(
        id=old.id, partner="vaph", content=content, hypothesis=False, asserted_at=old.asserted_at
    )
    assert codes([inactive]) == []


def test_a_code_that_is_not_mapped_is_never_guessed_into_a_group() -> None:
    unmapped = statement(6, "F84.0", "2024-01-01")
    unmapped.content["code"] = {"coding": [{"system": "urn:other", "code": "F84.0"}]}
    assert codes([unmapped]) == []


def test_the_leading_statement_is_tagged_and_keeps_what_its_author_said() -> None:
    (found,) = leading_diagnoses([AUTISM])
    assert found.content["meta"]["tag"][0]["code"] == "leading"
    assert found.content["recordedDate"] == AUTISM.content["recordedDate"]
