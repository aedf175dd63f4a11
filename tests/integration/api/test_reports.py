"""Reports, documents and requests for help over FHIR: decided like all else, and naming nothing."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.contract import dump
from gateway import clock
from gateway.fhir.validate import validate
from gateway.store import children, resources
from gateway.store.engine import transaction
from gateway.store.resources import ASSERTION, NewVersion
from tests.support.families import Family, a_family
from tests.support.running_hub import CLB, VAPH, Parent, RunningHub

ABSENT = "0123456789abcdef0123456789abcdef"
TYPES = ("DiagnosticReport", "DocumentReference", "ServiceRequest")


class Case:
    """A child of whom VAPH and the CLB each keep a report, and VAPH knows which help it gets."""

    def __init__(self, system: RunningHub) -> None:
        family = a_family()
        vaph = system.delivered(VAPH, family.vaph_2024)
        clb = system.delivered(CLB, corrected_report(family))
        self.patient = str(clb["parts"][0]["patient"])
        child = system.hub.vault.resolve(CLB, self.patient)
        assert child is not None
        keep_request(system, child, UUID(vaph["id"]), about={"child"})
        # Of this one nobody knows whom it is about, so nobody can let it go.
        keep_request(system, child, UUID(vaph["id"]), about=set())
        self.mother: Parent
        self.father: Parent
        self.mother, self.father = system.parents(family)

    def grant(self, *classes: str, to: str = CLB) -> list[str]:
        return [parent.given(to, list(classes)) for parent in (self.mother, self.father)]


@pytest.fixture
def case(system: RunningHub) -> Case:
    return Case(system)


def corrected_report(family: Family) -> bytes:
    """The sample about another child, as if it were about this one."""
    raw = family.record("clb", "clb_04_zeynep_gc_verslag_correctie.xml").decode()
    for there, here in (
        ("16660514646", family.child),
        ("2016-06-05", "2019-03-14"),
        ("92611905288", family.mother),
        ("V-2024-2991", f"V-{family.dossier}"),
        ("LARS-2024-549002", f"LARS-{family.dossier}"),
    ):
        assert there in raw
        raw = raw.replace(there, here)
    return raw.encode()


def keep_request(system: RunningHub, child: UUID, receipt: UUID, *, about: set[str]) -> None:
    """Store what no layout says of a child yet: help that was asked, with all that it hangs on."""
    hidden: dict[str, Any] = {"reference": "Condition/hidden", "display": "F84.0"}
    content = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": {"text": "module"},
        "subject": {"reference": "Patient/inner"},
        "basedOn": [hidden],
        "reasonReference": [hidden],
        "requester": {"reference": "RelatedPerson/hidden", "display": "moeder"},
    }
    new = NewVersion(
        child=child,
        partner=VAPH,
        type="ServiceRequest",
        data_class="functional",
        about=frozenset(about),
        flags=frozenset(),
        layer=ASSERTION,
        key_hash=uuid4().bytes,
        asserted_at="2024-09-16#1",
        content=dump(content),
        receipt=receipt,
    )
    with transaction(system.hub.engine) as tx:
        children.lock(tx, child)
        key = children.key_of(tx, system.hub.vault, child)
        assert key is not None
        resources.save(tx, key, [new], at=clock.now())


def looks(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "date")
    return answer.status_code, answer.content, headers


def test_without_leave_what_is_there_looks_like_nothing(system: RunningHub, case: Case) -> None:
    case.grant("diagnosis")
    for kind in TYPES:
        known = system.call(CLB, "GET", f"/fhir/{kind}?patient={case.patient}")
        absent = system.call(CLB, "GET", f"/fhir/{kind}?patient={ABSENT}")
        assert looks(known) == looks(absent)
        assert known.json() == {"resourceType": "Bundle", "type": "searchset"}


def test_with_leave_each_is_found_and_read_and_after_a_stop_it_is_absent(
    system: RunningHub, case: Case
) -> None:
    consents = case.grant("diagnostic_report", "functional")
    known = [one for kind in TYPES for one in system.search(CLB, kind, case.patient)]
    assert [one["resourceType"] for one in known] == list(TYPES)
    for found in known:
        assert validate(found) == ()
        assert found["subject"] == {"reference": f"Patient/{case.patient}"}
        read = system.call(CLB, "GET", f"/fhir/{found['resourceType']}/{found['id']}")
        assert read.json() == found
    case.mother.stop(consents[0])
    for found in known:
        kind = found["resourceType"]
        denied = system.call(CLB, "GET", f"/fhir/{kind}/{found['id']}")
        assert looks(denied) == looks(system.call(CLB, "GET", f"/fhir/{kind}/{ABSENT}"))
        assert system.search(CLB, kind, case.patient) == []


def test_a_report_does_not_tell_which_measurements_stand_behind_it(
    system: RunningHub, case: Case
) -> None:
    case.grant("diagnostic_report")
    (report,) = system.search(CLB, "DiagnosticReport", case.patient)
    assert report["performer"][0]["display"].startswith("MDT")
    assert set(report) == {
        "resourceType", "id", "meta", "status", "code", "subject", "performer"
    }  # fmt: skip


def test_a_document_leaves_without_text_and_without_what_it_replaces(
    system: RunningHub, case: Case
) -> None:
    case.grant("diagnostic_report")
    (document,) = system.search(CLB, "DocumentReference", case.patient)
    assert document["content"] == [
        {"attachment": {"title": "CLB report", "creation": "2024-05-07"}}
    ]
    assert "LARS" not in json.dumps(document)
    assert "relatesTo" not in document


def test_a_request_does_not_tell_why_help_was_asked_nor_by_whom(
    system: RunningHub, case: Case
) -> None:
    case.grant("functional")
    text = json.dumps(system.search(CLB, "ServiceRequest", case.patient))
    assert "module" in text
    for trace in ("hidden", "F84.0", "moeder", "inner"):
        assert trace not in text


def test_a_service_that_needs_no_reports_gets_none_with_leave_either(
    system: RunningHub, case: Case
) -> None:
    case.grant("diagnostic_report", to=VAPH)
    child = system.hub.vault.resolve(CLB, case.patient)
    assert child is not None
    own = system.hub.vault.pairwise(VAPH, child)
    assert system.search(VAPH, "DiagnosticReport", own) == []
    assert system.search(VAPH, "DocumentReference", own) == []


def test_what_is_not_offered_is_absent(system: RunningHub, case: Case) -> None:
    case.grant("logistics", "medical", "functional", "diagnostic_report")
    for kind in ("Task", "Encounter", "Organization", "Patient", "RelatedPerson"):
        answer = system.call(CLB, "GET", f"/fhir/{kind}?patient={case.patient}")
        assert answer.status_code == httpx.codes.NOT_FOUND
