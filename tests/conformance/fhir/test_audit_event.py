"""A line of the log reads as a valid AuditEvent, and claims a BALP profile only if it fits."""

import base64
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import fhirkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import dump
from consent.vocabulary import DATA_CLASSES, PURPOSES
from gateway.fhir.audit_event import (
    ENTITY,
    HUB,
    OUTCOMES,
    UNTOLD,
    AuditLine,
    Leaf,
    Party,
    audit_event,
)
from gateway.fhir.audit_event_acts import BALP, FAMILY_ONLY, PATTERNS, claimable
from gateway.fhir.capability import capability_statement
from gateway.fhir.validate import validate
from gateway.transparency.tree import leaf_hash
from tests.support.balp import PROFILE, broken, claimed

ISSUER = "https://hub.example"
CLB, CAW = Party(kind="service", id="clb"), Party(kind="service", id="caw")
MOTHER = Party(kind="person", id="ab12")
LEAF = Leaf(log="hub.example/log", index=7, bytes=b'{"act":"read"}', tree_size=9)
USUAL: dict[str, Any] = {
    "id": "23",
    "at": datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=UTC),
    "act": "read",
    "outcome": "permit",
    "asker": CLB,
    "role": "system",
    "purpose": "care",
    "child": "b21218e2",
    "classes": ("diagnosis",),
    "rules": ("K1",),
    "consents": ("3308",),
    "edition": "2026-11.1",
    "leaf": LEAF,
}
ASKER = {
    "consent_given": MOTHER,
    "consent_withdrawn": MOTHER,
    "consent_upheld": Party(kind="auditor", id="an"),
}
names = st.text("abcdef0123456789", min_size=1, max_size=32)
parties = st.one_of(
    st.just(HUB),
    st.just(UNTOLD),
    st.builds(
        Party,
        kind=st.sampled_from(("service", "person", "auditor", "other")),
        id=st.none() | names,
        name=st.none() | st.just("Dienst"),
    ),
)
lines = st.builds(
    AuditLine,
    id=names,
    at=st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),
    act=st.sampled_from((*PATTERNS, "no_such_act")),
    outcome=st.sampled_from((*OUTCOMES, "no_such_outcome")),
    asker=parties,
    services=st.lists(parties, max_size=2).map(tuple),
    role=st.none() | st.just("system"),
    purpose=st.none() | st.sampled_from((*sorted(PURPOSES), "unknown")),
    child=st.none() | names,
    classes=st.lists(st.sampled_from(sorted(DATA_CLASSES)), max_size=3, unique=True).map(tuple),
    rules=st.lists(st.sampled_from(("K1", "T6", "kept:clb-file")), max_size=2).map(tuple),
    consents=st.lists(names, max_size=3).map(tuple),
    edition=st.none() | st.just("2026-11.1"),
    leaf=st.none() | st.just(LEAF),
)


def event(**changed: Any) -> dict[str, Any]:
    return audit_event(AuditLine(**(USUAL | changed)), issuer=ISSUER)


def claiming(name: str) -> dict[str, Any]:
    """Return an AuditEvent that claims this profile."""
    for act in PATTERNS:
        found = event(act=act, asker=ASKER.get(act, CLB))
        if claimed(found) == [name]:
            return found
    raise AssertionError(name)


@settings(max_examples=150, deadline=None)
@given(lines)
def test_every_line_is_valid_fhir_and_keeps_what_it_claims(line: AuditLine) -> None:
    made = audit_event(line, issuer=ISSUER)
    assert validate(made) == ()
    assert fhirkit.validate(dump(made)) == []
    assert made["action"] in set("CRUDE")
    assert made.get("outcome", "0") in {"0", "4", "8"}
    # sev-1: either a name or a query.
    assert not any("name" in one for one in made["entity"])
    for name in claimed(made):
        assert list(broken(made, name)) == []


@pytest.mark.parametrize("name", PROFILE)
def test_each_profile_is_claimed_by_some_line(name: str) -> None:
    assert list(broken(claiming(name), name)) == []


def test_what_is_refused_or_about_no_child_claims_nothing() -> None:
    for act in PATTERNS:
        for changed in ({"outcome": "deny"}, {"outcome": "refused"}, {"child": None}):
            assert claimed(event(act=act, asker=ASKER.get(act, CLB), **changed)) == []


def without(path: str, name: str) -> dict[str, Any]:
    """Take one element away from an AuditEvent that claims a profile."""
    made = deepcopy(claiming(name))
    place, _, element = path.partition(".")
    if not element:
        del made[place]
        return made
    list_, _, number = place.partition(":")
    made[list_][int(number)].pop(element)
    return made


@pytest.mark.parametrize("name", PROFILE)
@pytest.mark.parametrize(
    "path",
    ["type", "subtype", "action", "outcome", "agent", "entity", "agent:0.who", "agent:-1.network",
     "entity:0.what", "entity:0.role", "entity:1.type"],
)  # fmt: skip
def test_the_table_of_constraints_finds_what_is_missing(name: str, path: str) -> None:
    if (name, path) == ("IHE.BasicAudit.PrivacyDisclosure.Source", "entity:1.type"):
        pytest.skip("this profile asks no type of its data")
    assert list(broken(without(path, name), name)) != []


def test_the_profiles_named_as_supported_are_those_that_are_claimed() -> None:
    assert claimable() == tuple(sorted(f"{BALP}/StructureDefinition/{one}" for one in PROFILE))
    resources = capability_statement(ISSUER)["rest"][0]["resource"]
    (own,) = [one for one in resources if one["type"] == "AuditEvent"]
    assert own["supportedProfile"] == list(claimable())
    assert validate(capability_statement(ISSUER)) == ()


def test_a_denial_says_which_rule_kept_it_closed() -> None:
    made = event(outcome="deny", rules=("T6",), consents=())
    assert (made["outcome"], made["outcomeDesc"]) == ("8", "T6")


def test_an_emergency_is_told_apart_from_another_disclosure() -> None:
    made = event(act="emergency_access")
    assert "110127" in {one["code"] for one in made["subtype"]}
    codes = [coding["code"] for one in made["purposeOfEvent"] for coding in one["coding"]]
    assert codes == ["care", "BTG"]


def test_the_leaf_of_the_tree_goes_along_with_where_to_prove_it() -> None:
    (line,) = [one for one in event()["entity"] if one["type"] == {"system": ENTITY, "code": "4"}]
    told = {one["type"]: one for one in line["detail"]}
    raw = base64.b64decode(told["leaf"]["valueBase64Binary"])
    assert base64.b64decode(told["leaf-hash"]["valueBase64Binary"]) == leaf_hash(raw)
    assert told["inclusion-proof"]["valueString"].endswith("?leaf_index=7&tree_size=9")
    assert "leaf" not in str(event(leaf=None))


def test_the_words_of_the_familys_view_name_no_way_of_trying() -> None:
    assert {one for one in FAMILY_ONLY if one.endswith("denied")} <= set(PATTERNS)
    made = event(act="denied", outcome="deny")
    assert not {"read", "search", "key_release"} & {one["code"] for one in made["subtype"]}
