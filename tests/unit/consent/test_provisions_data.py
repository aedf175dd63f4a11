"""What a provision of a FHIR Consent lets be done, and with which data."""

import pytest

from consent.provision_model import Coding, Data, Says
from tests.support.fhir_consents import (
    DOCTOR,
    EVERYTHING,
    LOINC,
    OTHER_DOCTOR,
    actions,
    ask,
    classes,
    concept,
    consent,
    data,
    labels,
    permit,
    permitted,
    question,
    refused_within,
    some_data,
    when,
    why,
)


def test_an_action_that_is_not_named_is_any_action() -> None:
    assert permitted(EVERYTHING, question(action="disclose"))
    access = consent(permit(action=actions("access", "use")))
    assert permitted(access, question(action="use"))
    assert not permitted(access, question(action="disclose"))
    assert permitted(refused_within(action=actions("disclose")))


@pytest.mark.parametrize("rank", range(6))
@pytest.mark.parametrize("limit", range(6))
def test_a_permit_reaches_down_and_a_refusal_reaches_up(rank: int, limit: int) -> None:
    code, of_data = "ULMNRV"[limit], some_data("ULMNRV"[rank])
    asked = question(about=of_data)
    assert permitted(consent(permit(securityLabel=labels(code))), asked) is (rank <= limit)
    assert permitted(refused_within(securityLabel=labels(code)), asked) is (rank < limit)


def test_of_two_confidentialities_the_higher_counts() -> None:
    asked = question(about=some_data("N", "R"))
    assert not permitted(consent(permit(securityLabel=labels("N"))), asked)
    assert not permitted(refused_within(securityLabel=labels("R")), asked)


@pytest.mark.parametrize(
    ("named", "of_data", "reached"),
    [
        ("SUD", "ETHUD", True),
        ("SPI", "ETHUD", True),
        ("ETHUD", "SUD", False),
        ("PSY", "HIV", False),
        ("PSY", "PSY", True),
    ],
)
def test_a_sensitivity_reaches_what_lies_below_it(named: str, of_data: str, reached: bool) -> None:
    asked = question(about=some_data("R", of_data))
    assert permitted(consent(permit(securityLabel=labels(named))), asked) is reached
    assert permitted(refused_within(securityLabel=labels(named)), asked) is not reached


@pytest.mark.parametrize("code", ["N", "V", "PSY"])
def test_data_without_labels_are_not_known_to_be_safe(code: str) -> None:
    asked = question(about=Data())
    assert not permitted(consent(permit(securityLabel=labels(code))), asked)
    answer = ask(refused_within(securityLabel=labels(code)), asked)
    assert answer.outcome is Says.DENY
    assert set(why(answer).values()) == {"unlabelled"}


def test_class_and_code_are_met_word_for_word() -> None:
    weight, height = Coding(LOINC, "29463-7"), Coding(LOINC, "8302-2")
    asked = question(
        about=some_data(
            classes=frozenset({Coding("http://hl7.org/fhir/resource-types", "Observation")}),
            codes=frozenset({weight}),
        )
    )
    assert permitted(consent(permit(class_=classes("Observation"))), asked)
    assert not permitted(consent(permit(class_=classes("Condition"))), asked)
    assert permitted(refused_within(class_=classes("Condition")), asked)
    assert permitted(consent(permit(code=[concept(*height), concept(*weight)])), asked)
    assert not permitted(refused_within(code=[concept(*weight)]), asked)
    assert permitted(refused_within(code=[concept(*height)]), asked)


def test_a_misspelt_type_of_resource_in_a_refusal_denies() -> None:
    observation = Coding("http://hl7.org/fhir/resource-types", "Observation")
    asked = question(about=some_data(classes=frozenset({observation})))
    answer = ask(refused_within(class_=classes("Observaton")), asked)
    assert answer.outcome is Says.DENY
    assert why(answer) == {"Consent.provision.provision[0].class[0]": "not_comparable"}


@pytest.mark.parametrize(
    ("start", "end", "by_permit", "by_deny"),
    [
        ("2022-01-01", "2022-12-31", True, True),
        ("2021-12-31", "2022-01-01", False, True),
        ("2022-12-31", "2023-01-01", False, True),
        ("2021", "2021-12-31", False, False),
        ("2023-01-01", "2023", False, False),
    ],
)
def test_a_data_period_permits_what_lies_inside_and_denies_what_touches_it(
    start: str, end: str, by_permit: bool, by_deny: bool
) -> None:
    asked = question(about=some_data(period=when(start, end)))
    year = {"start": "2022-01", "end": "2022-12"}
    assert permitted(consent(permit(dataPeriod=year)), asked) is by_permit
    assert permitted(refused_within(dataPeriod=year), asked) is not by_deny


def test_a_period_of_the_data_is_not_the_period_of_the_rule() -> None:
    old = question(about=some_data(period=when("2020")))
    assert permitted(consent(permit(period={"start": "2026"})), old)
    assert not permitted(consent(permit(dataPeriod={"start": "2026"})), old)


SEEN = some_data(
    reference="Observation/1",
    refers_to=frozenset({"Encounter/1", "Condition/9"}),
    referred_to_by=frozenset({"DiagnosticReport/1"}),
    authors=frozenset({DOCTOR}),
)


@pytest.mark.parametrize(
    ("meaning", "reference", "met"),
    [
        ("instance", "Observation/1", True),
        ("instance", "Observation/2", False),
        ("instance", "Encounter/1", False),
        ("related", "Observation/1", True),
        ("related", "Encounter/1", True),
        ("related", "DiagnosticReport/1", True),
        ("related", "Encounter/2", False),
        ("dependents", "Encounter/1", True),
        ("dependents", "DiagnosticReport/1", False),
        ("authoredby", DOCTOR, True),
        ("authoredby", OTHER_DOCTOR, False),
    ],
)
def test_data_are_named_by_instance_relation_or_author(
    meaning: str, reference: str, met: bool
) -> None:
    named = [data(meaning, reference)]
    asked = question(about=SEEN)
    assert permitted(consent(permit(data=named)), asked) is met
    assert permitted(refused_within(data=named), asked) is not met
