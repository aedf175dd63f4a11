"""The reviewed FHIR of every sample is R4 for two validators that know nothing of each other.

It claims no profile, Belgian or other: none was checked with a validator that knows its slices
and value sets, so none may be claimed.
"""

import json
from pathlib import Path
from typing import Any

import fhirkit
import pytest

from adapters.contract import dump, load
from gateway.fhir.validate import validate

GOLDENS = sorted((Path(__file__).parents[1] / "adapters" / "golden").glob("*.json"))
each_golden = pytest.mark.parametrize("path", GOLDENS, ids=lambda one: one.stem)


def bundle_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = load(path.read_bytes())["bundle"]
    return found


@each_golden
def test_bundle_and_resources_are_valid_for_both(path: Path) -> None:
    bundle = bundle_of(path)
    for one in (bundle, *(entry["resource"] for entry in bundle.get("entry", []))):
        assert validate(one) == ()
        assert fhirkit.validate(dump(one)) == []


@each_golden
def test_no_profile_is_claimed(path: Path) -> None:
    assert '"profile"' not in json.dumps(bundle_of(path), default=str)


WRONG: dict[str, dict[str, Any]] = {
    "an unknown element": {"surname": "x"},
    "a code with a space": {"gender": "x "},
    "a date that is none": {"birthDate": "31/02/2019"},
    "a value of another type": {"name": "x"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_either_validator_alone_finds_what_is_wrong(wrong: str) -> None:
    patient = {"resourceType": "Patient"}
    assert validate(patient) == ()
    assert fhirkit.validate(dump(patient)) == []
    assert validate(patient | WRONG[wrong]) != ()
    assert fhirkit.validate(dump(patient | WRONG[wrong])) != []
