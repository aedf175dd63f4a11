"""The base of a FHIR Consent, and its tree of exceptions to exceptions."""

from consent.provision_model import Coding, Says
from consent.provision_reading import MAX_DEPTH
from tests.support.fhir_consents import (
    DOCTOR,
    EVERYTHING,
    JSON,
    OTHER_DOCTOR,
    ask,
    classes,
    consent,
    deny,
    opt,
    permit,
    permitted,
    purposes,
    question,
    recipient,
    refused_within,
    some_data,
    why,
)


def test_the_base_comes_from_the_policy_rule_or_from_the_root() -> None:
    assert permitted(consent({"purpose": purposes("TREAT")}, policyRule=opt("OPTIN")))
    assert permitted(consent(None, policyRule=opt("OPTIN")))
    assert not permitted([EVERYTHING, consent(None, policyRule=opt("OPTOUT"))])
    assert permitted(consent(permit(), policyRule=opt("OPTIN")))
    assert permitted(consent({"provision": [permit()]}, policyRule=opt("OPTOUT")))


def test_a_root_that_contradicts_the_policy_rule_is_refused() -> None:
    answer = ask([EVERYTHING, consent(permit(), policyRule=opt("OPTOUT"))])
    assert answer.outcome is Says.DENY
    assert why(answer) == {"Consent.provision.type": "contradiction"}


def test_without_a_base_everything_but_the_exceptions_is_denied() -> None:
    bare = {"provision": [permit(purpose=purposes("TREAT"))]}
    answer = ask(consent(bare), question("HRESCH"))
    assert answer.outcome is Says.DENY
    assert why(answer)["Consent.policyRule"] == "no_base"
    assert permitted(consent(bare))


def test_the_last_provision_that_matches_decides() -> None:
    assert not permitted(consent(permit(permit(), deny())))
    assert permitted(consent(deny(deny(), permit())))
    assert [one.path for one in ask(consent(permit(permit(), deny()))).decided_by] == [
        "Consent.provision.provision[1]"
    ]


def test_exceptions_to_exceptions_nest_to_any_depth() -> None:
    tree: JSON = deny()
    for depth in range(MAX_DEPTH - 1):
        tree = (deny if depth % 2 else permit)(tree)
    assert not permitted(consent(tree))
    innermost_permits: JSON = permit()
    for _ in range(MAX_DEPTH - 1):
        innermost_permits = deny(innermost_permits)
    assert permitted(consent(innermost_permits))


def test_a_tree_deeper_than_anybody_means_denies_and_is_reported() -> None:
    tree: JSON = permit()
    for _ in range(100_000):
        tree = permit(tree)
    answer = ask([EVERYTHING, consent(tree)])
    assert answer.outcome is Says.DENY
    assert set(why(answer).values()) == {"too_deep"}


def test_nested_provisions_are_tried_when_the_purpose_of_their_parent_does_not_match() -> None:
    tree = consent(permit(permit(purpose=purposes("HRESCH")), purpose=purposes("TREAT")))
    assert permitted(tree, question("HRESCH"))
    assert permitted(tree, question("TREAT"))


def test_a_nested_permit_never_reaches_further_than_the_actor_it_stands_in() -> None:
    tree = consent(deny(permit(permit(), actor=[recipient(DOCTOR)])))
    assert permitted(tree)
    assert not permitted(tree, question(who=OTHER_DOCTOR))


def test_a_nested_refusal_stands_on_its_own() -> None:
    tree = consent(permit(permit(deny(), actor=[recipient(OTHER_DOCTOR)])))
    assert not permitted(tree)


def test_all_selectors_of_a_provision_must_match() -> None:
    both = {"purpose": purposes("TREAT"), "class_": classes("Observation")}
    about = some_data(
        classes=frozenset({Coding("http://hl7.org/fhir/resource-types", "Condition")})
    )
    assert not permitted(consent(permit(**both)), question(about=about))
    assert permitted(refused_within(**both), question(about=about))


def test_of_several_values_one_is_enough() -> None:
    assert permitted(consent(permit(purpose=purposes("HRESCH", "TREAT"))))
    assert not permitted(refused_within(purpose=purposes("HRESCH", "TREAT")))


def test_nothing_matched_denies_and_nobody_decided() -> None:
    answer = ask(consent(permit(purpose=purposes("HRESCH"))))
    assert (answer.outcome, answer.decided_by) == (Says.DENY, ())
    assert not permitted([])
