"""Labelled FHIR back to the payer's own words: decisions about the care allowance it may see."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from adapters.contract import Resource
from adapters.groeipakket.payload import PLACES
from adapters.systems import CARE_ALLOWANCE_DECISION, DECISION, SSIN

_CODE = "care-allowance"
_VERSION = "1"


def write(resources: Iterable[Resource]) -> bytes:
    """The decisions among these resources as one message, in the order given.

    Only what was disclosed is there to write: no amount, no score, no remark. A child without a
    national number is written by name and birth date.
    """
    given = list(resources)
    children = {f"Patient/{one['id']}": one for one in given if one["resourceType"] == "Patient"}
    decisions = [
        _decision(one, children.get(one.get("beneficiary", {}).get("reference", ""), {}))
        for one in given
        if one["resourceType"] == "Coverage" and _is_care_allowance(one)
    ]
    message: dict[str, Any] = {}
    _put(message, "kind", _word("care allowance"))
    _put(message, "layout", _VERSION)
    _put(message, "decisions", decisions)
    return json.dumps(message, ensure_ascii=False, indent=1).encode() + b"\n"


def _is_care_allowance(coverage: Resource) -> bool:
    """Whether a payer decided it: a recognition in childcare has its code, but no such number."""
    if not _number(coverage, CARE_ALLOWANCE_DECISION):
        return False
    codings = coverage.get("type", {}).get("coding", [])
    return any(one.get("system") == DECISION and one.get("code") == _CODE for one in codings)


def _decision(coverage: Resource, child: Resource) -> dict[str, Any]:
    name: Mapping[str, Any] = next(iter(child.get("name", [])), {})
    period = coverage.get("period", {})
    values = {
        "number": _number(coverage, CARE_ALLOWANCE_DECISION),
        "action": _word("granted") if coverage["status"] == "active" else _word("withdrawn"),
        "child.insz": _number(child, SSIN),
        "child.family": name.get("family"),
        "child.given": " ".join(name.get("given", [])) or None,
        "child.born": child.get("birthDate"),
        "start": period.get("start"),
        "end": period.get("end"),
    }
    decision: dict[str, Any] = {}
    for own, value in values.items():
        if value is not None:
            _put(decision, own, value)
    return decision


def _number(resource: Resource, system: str) -> str | None:
    numbers = resource.get("identifier", [])
    return next((one["value"] for one in numbers if one.get("system") == system), None)


def _put(into: dict[str, Any], own: str, value: object) -> None:
    """Put a value at its place in the payer's document."""
    *steps, last = PLACES.places[own]
    for step in steps:
        into = into.setdefault(step, {})
    into[last] = value


def _word(meaning: str) -> str:
    return min(PLACES.words[meaning])
