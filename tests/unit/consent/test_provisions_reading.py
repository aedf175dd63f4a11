"""A FHIR Consent is read whole or refused; what is wrong with a question is told as well."""

from dataclasses import replace
from typing import Any, cast

import pytest

from consent.provision_codes import ACT_CODE, ACT_REASON, SCOPE
from consent.provision_model import Answer, Coding, Note, Reason, Says
from consent.provisions import evaluate
from tests.support.fhir_consents import (
    AT,
    DOCTOR,
    EVERYTHING,
    JSON,
    OTHER_DOCTOR,
    ask,
    coding,
    concept,
    consent,
    deny,
    labels,
    opt,
    permit,
    permitted,
    purposes,
    question,
    recipient,
    some_data,
    why,
)


def test_a_tree_is_read_fifty_provisions_deep_and_no_deeper() -> None:
    tree: JSON = permit()
    for _ in range(49):
        tree = permit(tree)
    assert permitted(consent(tree))
    assert set(why(ask(consent(permit(tree)))).values()) == {"too_deep"}


@pytest.mark.parametrize(
    ("elements", "path", "reason"),
    [
        ({"scope": "patient-privacy"}, "scope", "unknown_word"),
        ({"scope": {"coding": {}}}, "scope.coding", "not_a_list"),
        ({"scope": {**concept(SCOPE, "research"), "text": 1}}, "scope.text", "not_text"),
    ],
)
def test_a_fault_of_the_scope_names_its_element(elements: JSON, path: str, reason: str) -> None:
    answer = ask([EVERYTHING, consent(permit(), **elements)])
    assert answer.outcome is Says.DENY
    assert (f"Consent.{path}", reason) in why(answer).items()


def test_a_fault_about_the_patient_refuses_even_if_somebody_else_is_named() -> None:
    other = {"reference": "Patient/noor", "link": "x"}
    answer = ask([EVERYTHING, consent(permit(), patient=other)])
    assert (answer.outcome, answer.heard[1].says) == (Says.DENY, Says.DENY)
    assert why(answer) == {"Consent.patient.link": "unknown_element"}
    broken = ask([EVERYTHING, consent(permit(), patient="Patient/noor")])
    assert "Consent.patient" in why(broken)


def test_a_consent_of_something_that_is_no_patient_is_about_somebody_else() -> None:
    family = consent(deny(), patient={"reference": "Group/family"})
    answer = ask([EVERYTHING, family])
    assert (answer.outcome, answer.heard[1].says) == (Says.PERMIT, Says.ABSENT)


def test_beside_a_fault_the_missing_base_is_told_too() -> None:
    answer = ask(consent({"purpose": [1]}))
    assert why(answer) == {
        "Consent.provision.purpose[0]": "not_an_object",
        "Consent.policyRule": "no_base",
    }


@pytest.mark.parametrize(
    "rule", [concept("https://example.org", "OPTIN"), concept(ACT_CODE, "NOPE"), opt("OPTOUT")]
)
def test_only_the_word_for_opting_in_is_a_base_that_permits(rule: JSON) -> None:
    answer = ask(consent(None, policyRule=rule))
    assert (answer.outcome, answer.heard[0].says) == (Says.DENY, Says.DENY)
    assert answer.heard[0].path == "Consent.policyRule"
    assert "request" not in why(answer)


def test_every_broken_provision_beside_another_is_told() -> None:
    tree = permit() | {"provision": ["deny", {"type": "x"}]}
    assert why(ask(consent(tree))) == {
        "Consent.provision.provision[0]": "not_an_object",
        "Consent.provision.provision[1].type": "unknown_word",
    }


def test_an_exception_is_held_to_the_actor_of_the_very_provision_it_stands_in() -> None:
    mine = permit(actor=[recipient(DOCTOR)], purpose=purposes("HRESCH"))
    of_others = permit(permit(), actor=[recipient(OTHER_DOCTOR)])
    assert not permitted(consent(deny(mine, of_others)))
    assert permitted(consent(deny(mine, of_others)), question(who=OTHER_DOCTOR))


def test_a_refusal_inside_a_permit_that_ended_still_holds() -> None:
    ended: dict[str, Any] = {"period": {"end": "2025"}}
    assert not permitted(consent(permit(permit(deny(), **ended))))
    assert not permitted(consent(permit(permit(**ended), deny())))


def test_a_period_of_one_instant_holds_in_that_instant() -> None:
    now = AT.isoformat(timespec="microseconds")
    assert permitted(consent(permit(period={"start": now, "end": now})))


def test_an_id_that_is_no_text_names_no_consent() -> None:
    answer = ask(consent(permit(), id=7))
    assert (answer.outcome, answer.heard[0].id) == (Says.PERMIT, None)


def test_each_consent_is_numbered_as_it_was_given() -> None:
    absent, faulty = consent(permit(), status="inactive"), consent(permit(), scope=None)
    answer = ask([absent, faulty, EVERYTHING])
    assert [one.consent for one in answer.heard] == [0, 1, 2]
    assert [one.path for one in answer.heard] == [
        "Consent.status",
        "Consent.scope",
        "Consent.provision",
    ]
    nothing = ask(consent(permit(purpose=purposes("HRESCH")))).heard[0]
    assert (nothing.says, nothing.path, nothing.reason) == (Says.NOTHING, None, None)


def test_a_question_nobody_can_read_is_refused_and_said_to_be_broken() -> None:
    nothing = cast("list[object]", None)
    broken = Answer(outcome=Says.DENY, not_understood=(Note("request", Reason("broken")),))
    assert evaluate(nothing, question()) == broken


def test_a_question_without_purpose_is_refused() -> None:
    answer = ask(EVERYTHING, replace(question(), purposes=frozenset()))
    assert (answer.outcome, answer.heard) == (Says.DENY, ())
    assert answer.not_understood == (Note("request.purposes", Reason("no_purpose")),)


@pytest.mark.parametrize(
    "asked",
    [question(at=AT.replace(tzinfo=None)), question(action="peek"), question(patient="")],
)
def test_a_question_with_a_fault_is_refused(asked: Any) -> None:
    assert ask(EVERYTHING, asked).outcome is Says.DENY


def test_emergency_treatment_declared_with_breaking_the_glass_is_one_question() -> None:
    break_glass = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(break_glass, question("BTG", "ETREAT"))


@pytest.mark.parametrize(
    "asked", [Coding(ACT_REASON, "HRESCH"), Coding("https://example.org", "BTG")]
)
def test_a_purpose_that_is_no_override_adds_no_treatment(asked: Coding) -> None:
    tree = consent(
        permit(
            permit(purpose=purposes("TREAT"), securityLabel=labels("R")),
            purpose=[coding(*asked)],
            securityLabel=labels("N"),
        )
    )
    about_restricted = replace(question(about=some_data("R")), purposes=frozenset({asked}))
    assert not permitted(tree, about_restricted)
    assert permitted(tree, replace(question(), purposes=frozenset({asked})))
