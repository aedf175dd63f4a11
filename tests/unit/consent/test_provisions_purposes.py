"""Purposes of a FHIR Consent follow v3-ActReason; an override must be named."""

from typing import Any

import pytest

from consent.provision_model import Asker, Coding, Says
from tests.support.fhir_consents import (
    AT,
    BTG_USERS,
    DOCTOR,
    PATIENT,
    UNKNOWN_CODE,
    ask,
    classes,
    consent,
    deny,
    labels,
    permit,
    permitted,
    purposes,
    question,
    recipient,
    some_data,
    why,
)


@pytest.mark.parametrize(
    ("named", "asked", "reached"),
    [
        ("HRESCH", "CLINTRCH", True),
        ("HRESCH", "CLINTRCHNPC", True),
        ("CLINTRCH", "HRESCH", False),
        ("TREAT", "COC", True),
        ("TREAT", "HPAYMT", False),
        ("PurposeOfUse", "FAMRQT", True),
        ("TREAT", "BTG", False),
        ("TREAT", "ETREAT", False),
        ("TREAT", "ERTREAT", False),
        ("ETREAT", "ERTREAT", True),
        ("ETREAT", "BTG", False),
        ("PurposeOfUse", "BTG", False),
        ("BTG", "TREAT", False),
        ("BTG", "BTG", True),
    ],
)
def test_a_purpose_permits_itself_and_what_lies_below_it_but_no_override(
    named: str, asked: str, reached: bool
) -> None:
    assert permitted(consent(permit(purpose=purposes(named))), question(asked)) is reached


@pytest.mark.parametrize(
    ("named", "asked", "reached"),
    [
        ("HRESCH", "CLINTRCH", True),
        ("CLINTRCH", "HRESCH", False),
        ("ETREAT", "BTG", True),
        ("PurposeOfUse", "BTG", True),
        ("TREAT", "ERTREAT", True),
        ("HPAYMT", "TREAT", False),
    ],
)
def test_a_refused_purpose_refuses_what_lies_below_it(
    named: str, asked: str, reached: bool
) -> None:
    tree = consent(permit(deny(purpose=purposes(named)), purpose=purposes(asked)))
    assert permitted(tree, question(asked)) is not reached


def test_a_named_override_adds_to_what_treatment_may_see() -> None:
    tree = consent(
        permit(
            permit(
                actor=[recipient(BTG_USERS)],
                purpose=purposes("BTG"),
                securityLabel=labels("R"),
                class_=classes("Observation"),
            ),
            purpose=purposes("TREAT"),
            securityLabel=labels("N"),
        )
    )
    user = Asker(references=frozenset({DOCTOR}), groups=frozenset({BTG_USERS}))
    assert permitted(tree, question("BTG", who=user))
    assert not permitted(tree, question("BTG"))
    assert not permitted(tree, question("BTG", who=user, about=some_data("R")))


def test_an_override_that_is_permitted_still_meets_a_refusal_of_treatment() -> None:
    break_glass = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(break_glass, question("BTG"))
    assert not permitted([break_glass, consent(deny(purpose=purposes("TREAT")))], question("BTG"))


def test_a_refusal_of_treatment_alone_says_nothing_about_an_override() -> None:
    answer = ask(consent(deny(purpose=purposes("TREAT"))), question("BTG"))
    assert (answer.outcome, answer.heard[0].says) == (Says.DENY, Says.NOTHING)


def test_one_consent_that_names_the_override_opens_no_other_consent() -> None:
    normal = consent(permit(purpose=purposes("TREAT"), securityLabel=labels("N")))
    restricted_only = consent(permit(purpose=purposes("BTG"), class_=classes("Observation")))
    assert not permitted([normal, restricted_only], question("BTG"))


def test_treatment_declared_with_an_override_is_one_question() -> None:
    break_glass = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(break_glass, question("BTG", "TREAT"))


def test_every_purpose_asked_for_must_be_permitted() -> None:
    treatment = consent(permit(purpose=purposes("TREAT")))
    assert not permitted(treatment, question("TREAT", "HRESCH"))


def test_a_purpose_of_another_system_permits_only_itself() -> None:
    tree = consent(permit(purpose=[UNKNOWN_CODE]))
    asked = question()
    same = Coding(UNKNOWN_CODE["system"], UNKNOWN_CODE["code"])
    assert permitted(tree, question_for(same))
    assert not permitted(tree, asked)
    assert why(ask(tree, asked)) == {"Consent.provision.purpose[0]": "not_comparable"}


def question_for(purpose: Coding) -> Any:
    asked = question()
    return type(asked)(
        patient=PATIENT,
        asker=asked.asker,
        purposes=frozenset({purpose}),
        action="access",
        at=AT,
        data=asked.data,
    )


def test_a_wider_purpose_beside_an_override_is_still_asked_for_itself() -> None:
    override = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(override, question("BTG"))
    assert not permitted(override, question("PurposeOfUse"))
    assert not permitted(override, question("BTG", "PurposeOfUse"))
