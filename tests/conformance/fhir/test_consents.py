"""The consents that the tests are made of are real FHIR R4."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gateway.fhir.validate import validate
from tests.property.test_provisions import consents
from tests.support.fhir_consents import (
    BTG_USERS,
    DOCTOR,
    JSON,
    LOINC,
    actions,
    classes,
    concept,
    consent,
    data,
    deny,
    labels,
    opt,
    permit,
    purposes,
    recipient,
)

EVERY_SELECTOR: dict[str, Any] = {
    "period": {"start": "2026-01", "end": "2026-12-31"},
    "dataPeriod": {"start": "2022", "end": "2025-06-30T12:00:00+02:00"},
    "actor": [recipient(DOCTOR), recipient(BTG_USERS)],
    "action": actions("access", "use", "disclose", "correct"),
    "purpose": purposes("TREAT", "BTG"),
    "securityLabel": labels("N", "PSY"),
    "class_": classes("Observation"),
    "code": [concept(LOINC, "29463-7")],
    "data": [data("instance", "Observation/1"), data("authoredby", DOCTOR)],
}
EXAMPLES: dict[str, JSON] = {
    "everything": consent(permit()),
    "opt-in": consent(None, policyRule=opt("OPTIN")),
    "every selector": consent(permit(**EVERY_SELECTOR)),
    "nested": consent(deny(permit(deny(**EVERY_SELECTOR), **EVERY_SELECTOR))),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_consent_of_the_tests_is_real_fhir(example: JSON) -> None:
    assert validate(example) == ()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(consents.filter(lambda one: one["status"] != "strange"))
def test_consents_of_the_theorems_are_real_fhir(example: JSON) -> None:
    assert validate(example) == ()
