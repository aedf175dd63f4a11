"""What the hub writes as FHIR Consent is valid R4 and keeps its own profile."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import fhirkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import dump
from consent.lifecycle import State
from consent.vocabulary import CONSENT_EFFECTS, DATA_CLASSES, PURPOSES
from gateway.fhir.capability import capability_statement
from gateway.fhir.consent_resource import (
    ANNULLED,
    EFFECT,
    GIVER,
    PROFILE,
    STATE,
    WORDING,
    StoredDecision,
    Words,
    consent_resource,
)
from gateway.fhir.validate import validate
from tests.property.test_consent_round_trip import GONE, decisions

FOLDER = files("schemas") / "fhir"
NAMES = sorted(one.name for one in FOLDER.iterdir() if one.name[0].isupper())
EVERY_STATE = (*GONE, State.ACTIVE, State.RECONFIRM_DUE, State.NOT_YET)
WORDS = Words(id="share", version="1", language="nl", sha256=bytes(32))
A_GRANT = StoredDecision(
    id="d1",
    child="mila",
    person="mother",
    effect="grant",
    classes=("diagnosis",),
    purpose="care",
    partner="clb-leuven",
    since=datetime(2026, 3, 2, 9, tzinfo=UTC),
    until=date(2027, 3, 1),
    wording="share/v1",
    words=WORDS,
)

stored = st.one_of(
    decisions("grant", any_=False, state=EVERY_STATE, words=st.sampled_from((None, WORDS))),
    *(
        decisions(effect, any_=True, state=(State.ACTIVE, State.WITHDRAWN, State.EXPIRED))
        for effect in ("refuse", "exclude", "object", "object_gdpr", "restrict_gdpr")
    ),
)


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


def codes(name: str) -> set[str]:
    return {one["code"] for one in read(f"CodeSystem-{name}.json")["concept"]}


@pytest.mark.parametrize("name", NAMES)
def test_profile_extensions_and_code_systems_are_valid_fhir(name: str) -> None:
    resource = read(name)
    assert name == f"{resource['resourceType']}-{resource['id']}.json"
    assert validate(resource) == ()
    assert fhirkit.validate(dump(resource)) == []


def test_the_code_systems_hold_the_words_of_the_rules() -> None:
    assert codes("purpose") == PURPOSES
    assert codes("data-class") == DATA_CLASSES
    assert codes("decision-effect") == CONSENT_EFFECTS
    assert codes("decision-state") == {*State, ANNULLED}
    assert codes("giver") == {"self", "parent", "guardian", "foster_parent"}


def test_the_addresses_in_code_are_those_of_the_files() -> None:
    urls = {read(name)["url"] for name in NAMES}
    assert {PROFILE, GIVER, EFFECT, STATE, WORDING} <= urls
    (consent,) = [
        one
        for one in capability_statement("https://hub.example")["rest"][0]["resource"]
        if one["type"] == "Consent"
    ]
    assert consent["supportedProfile"] == [PROFILE]


@settings(max_examples=150, deadline=None)
@given(stored)
def test_a_rendered_decision_is_valid_and_keeps_the_profile(decision: StoredDecision) -> None:
    resource = consent_resource(decision)
    assert validate(resource) == ()
    assert fhirkit.validate(dump(resource)) == []
    assert list(broken(resource)) == []


@pytest.mark.parametrize(
    ("changed", "broken_rule"),
    [
        ({"performer": [{"reference": "#a"}, {"reference": "#b"}]}, "Consent.performer"),
        ({"modifierExtension": [{"url": "x", "valueCode": "y"}]}, "Consent.modifierExtension"),
        ({"extension": []}, "Consent.extension"),
        ({"status": "entered-in-error"}, "dr-4"),
        ({"provision": {"type": "permit", "period": {"start": "2026"}}}, "dr-1"),
        ({"provision": {"type": "deny", "period": {"start": "2026"}}}, "dr-2"),
    ],
)
def test_a_resource_that_breaks_the_profile_is_found(
    changed: dict[str, Any], broken_rule: str
) -> None:
    assert broken_rule in set(broken(consent_resource(A_GRANT) | changed))


def broken(resource: dict[str, Any]) -> Iterator[str]:
    """What of the profile a resource breaks: cardinalities, patterns, bindings, invariants."""
    for element in read("StructureDefinition-deelregie-consent.json")["differential"]["element"]:
        if "sliceName" in element or element["path"] == "Consent":
            continue
        parents, _, name = element["path"].rpartition(".")
        for parent in values([resource], parents.split(".")[1:]):
            found = values([parent], [name])
            if not element.get("min", 0) <= len(found) <= int(element.get("max", "999")):
                yield element["path"]
            if pattern := element.get("patternCodeableConcept"):
                yield from (element["path"] for one in found if one != pattern)
            if binding := element.get("binding"):
                known = codes(binding["valueSet"].rsplit("/", 1)[1])
                yield from (element["path"] for one in found if one["code"] not in known)
    yield from (key for key, holds in invariants(resource).items() if not holds)


def values(within: list[Any], path: list[str]) -> list[Any]:
    for name in path:
        found = [one.get(name) for one in within]
        within = [
            each
            for one in found
            if one not in (None, [])
            for each in (one if isinstance(one, list) else [one])
        ]
    return within


def invariants(resource: dict[str, Any]) -> dict[str, bool]:
    """The FHIRPath invariants of the profile, in Python."""
    said = {one["url"]: one.get("valueCode") for one in resource["extension"]}
    rule, status = resource["provision"], resource["status"]
    period = rule.get("period", {})
    named = all(rule.get(name) for name in ("actor", "purpose", "class")) and period.get("end")
    return {
        "dr-1": rule["type"] != "permit" or bool(named),
        "dr-2": (rule["type"] == "permit") == (said.get(EFFECT) == "grant"),
        "dr-3": status != "active" or said.get(STATE) in {"active", "reconfirm_due", "not_yet"},
        "dr-4": (status == "entered-in-error") == (said.get(STATE) == ANNULLED),
    }


def test_every_invariant_of_the_profile_is_checked_here() -> None:
    root = read("StructureDefinition-deelregie-consent.json")["differential"]["element"][0]
    assert [one["key"] for one in root["constraint"]] == [*invariants(consent_resource(A_GRANT))]
