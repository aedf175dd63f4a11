"""Which FHIR Consents count: active, in their period, about this child, about sharing."""

import pytest

from consent.provision_codes import SCOPE
from consent.provision_model import Says
from tests.support.fhir_consents import (
    AT,
    EVERYTHING,
    JSON,
    ask,
    concept,
    consent,
    deny,
    permit,
    permitted,
    question,
    refused_within,
    why,
)


@pytest.mark.parametrize(
    "status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"]
)
def test_a_consent_that_is_not_active_counts_as_absent(status: str) -> None:
    assert not permitted(consent(permit(), status=status))
    assert permitted([EVERYTHING, consent(deny(), status=status)])


@pytest.mark.parametrize("status", ["Active", "", 1, None, "revoked"])
def test_a_status_nobody_knows_denies(status: object) -> None:
    broken = {**consent(deny()), "status": status}
    answer = ask([EVERYTHING, broken])
    assert answer.outcome is Says.DENY
    assert "Consent.status" in why(answer)


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        ({"end": "2026-03-02"}, True),
        ({"end": "2026-03"}, True),
        ({"end": "2026"}, True),
        ({"end": "2026-03-01"}, False),
        ({"end": "2026-02"}, False),
        ({"end": "2025"}, False),
        ({"start": "2026-03-02"}, True),
        ({"start": "2026-03-03"}, False),
        ({"start": "2026-04"}, False),
        ({"start": "2027"}, False),
        ({"start": "2026-03-02T09:00:00Z"}, True),
        ({"start": "2026-03-02T09:00:01Z"}, False),
        ({"end": "2026-03-02T10:00:00+01:00"}, True),
        ({"end": "2026-03-02T09:59:59.999+01:00"}, False),
        ({"start": "2025", "end": "9999-12-31"}, True),
    ],
)
def test_a_consent_counts_only_in_its_period(period: JSON, counts: bool) -> None:
    assert permitted(consent(permit(period=period))) is counts
    assert permitted([EVERYTHING, consent(deny(period=period))]) is not counts


def test_a_second_is_whole_unless_it_has_a_fraction() -> None:
    half_past = question(at=AT.replace(microsecond=500_000))
    whole, exact = "2026-03-02T10:00:00+01:00", "2026-03-02T10:00:00.4999+01:00"
    assert permitted(consent(permit(period={"end": whole})), half_past)
    assert not permitted(consent(permit(period={"end": exact})), half_past)


def test_a_day_without_zone_is_a_day_in_brussels() -> None:
    ends = consent(permit(period={"end": "2026-03-01"}))
    assert permitted(ends, question(at=AT.replace(day=1, hour=23, minute=59)))
    assert not permitted(ends, question(at=AT.replace(day=2, hour=0, minute=0)))


@pytest.mark.parametrize(
    "period",
    [
        {},
        "2026",
        [],
        {"start": "2026-3-1"},
        {"start": "2026-02-30"},
        {"end": "2026-03-02T10:00:00"},
        {"end": "2026-03-02T10:00Z"},
        {"end": "0000"},
        {"end": "٢٠٢٦"},
        {"end": 2026},
        {"start": "2027", "end": "2026"},
        {"until": "2026"},
    ],
)
def test_a_period_nobody_can_read_denies(period: object) -> None:
    for broken in (consent(permit(period=period)), consent(permit(dataPeriod=period))):
        answer = ask([EVERYTHING, broken])
        assert answer.outcome is Says.DENY
        assert any("eriod" in path for path in why(answer))


def test_a_nested_provision_out_of_its_period_counts_as_absent() -> None:
    assert permitted(refused_within(period={"end": "2025"}))
    assert not permitted(refused_within(period={"end": "2026"}))
    assert not permitted(consent(deny(permit(period={"end": "2025"}))))


def test_a_permit_inside_one_that_ended_has_ended_too() -> None:
    tree = consent(deny(permit(permit(), period={"end": "2025"})))
    assert not permitted(tree)


def test_consent_about_another_child_counts_as_absent() -> None:
    other = {"reference": "Patient/noor"}
    assert not permitted(consent(permit(), patient=other))
    assert permitted([EVERYTHING, consent(deny(), patient=other)])


@pytest.mark.parametrize(
    "patient",
    [
        None,
        {},
        {"display": "Mila"},
        {"reference": "#p"},
        {"reference": "https://example.org/fhir/Patient/mila"},
        {"identifier": {"value": "1"}},
    ],
)
def test_consent_about_nobody_knows_whom_denies(patient: object) -> None:
    answer = ask([EVERYTHING, consent(permit(), patient=patient)])
    assert answer.outcome is Says.DENY
    assert any(path.startswith("Consent.patient") for path in why(answer))


def test_consent_to_be_treated_says_nothing_about_sharing() -> None:
    treatment = concept(SCOPE, "treatment")
    assert not permitted(consent(permit(), scope=treatment))
    assert permitted([EVERYTHING, consent(deny(), scope=treatment)])


@pytest.mark.parametrize("name", ["scope", "category", "policy"])
def test_a_mandatory_element_that_is_missing_denies_and_is_not_repaired(name: str) -> None:
    answer = ask([EVERYTHING, consent(permit(), **{name: None})])
    assert answer.outcome is Says.DENY
    assert why(answer) == {f"Consent.{name}": "missing"}
