"""The access log as FHIR AuditEvents, asked over HTTP by an auditor, a family and a service."""

from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import fhirkit
import httpx
import pytest

from adapters.contract import dump
from gateway import clock
from gateway.exchange.audit.integrate_log import integrate
from gateway.exchange.family_views.family_view import who_looked
from gateway.fhir.validate import validate
from gateway.identity.callers import PersonCaller
from gateway.store import access_log
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import legal_route
from gateway.store.vault import AUDITORS
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import Note
from gateway.transparency.proofs import inclusion_holds
from gateway.transparency.tree import leaf_hash
from tests.integration.log.calling import Api
from tests.integration.log.world import Log
from tests.support.balp import broken, claimed
from tests.support.families import FATHER, MOTHER, NOOR
from tests.support.family_world import CAW, CLB, SEVEN, TWELVE, VAPH, FamilyWorld

HOUR = timedelta(hours=1)
EVENTS = "/fhir/AuditEvent"
NOWHERE = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def api(world: FamilyWorld) -> Iterator[Api]:
    made = Api(Log(world.hub, world.hub.engine))
    yield made
    made.close()


@pytest.fixture
def told(world: FamilyWorld) -> FamilyWorld:
    """CLB looks on a consent, CAW in vain; the tree of the log has taken all of it."""
    world.given(world.mother, {"diagnosis", "functional"}, at=SEVEN, days=90)
    assert world.reads(at=SEVEN + HOUR)
    assert world.reads(CAW, at=SEVEN + 2 * HOUR) == 0
    integrate(world.hub, at=clock.now(), batch=5000)
    return world


def asked(api: Api, person: PersonCaller, path: str = EVENTS) -> httpx.Response:
    return api.ask("GET", path, {"Cookie": api.session(person=person.person)})


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the AuditEvents of a page, each of them valid and what it claims to be."""
    assert answer.status_code == httpx.codes.OK, answer.text
    bundle = answer.json()
    assert "total" not in bundle
    found = [one["resource"] for one in bundle.get("entry", [])]
    for one in (bundle, *found):
        assert validate(one) == ()
        assert fhirkit.validate(dump(one)) == []
    for one in found:
        assert [place for name in claimed(one) for place in broken(one, name)] == []
    return found


def pages(api: Api, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while path:
        answer = api.auditor("GET", path)
        found += events(answer)
        links = {one["relation"]: one["url"] for one in answer.json()["link"]}
        path = links.get("next", "")
    return found


def acts(found: list[dict[str, Any]]) -> list[str]:
    return [one["subtype"][-1]["code"] for one in found]


def detail(event: dict[str, Any]) -> dict[str, str]:
    (line,) = [one for one in event["entity"] if "detail" in one]
    return {one["type"]: one.get("valueString") or one["valueBase64Binary"]
            for one in line["detail"]}  # fmt: skip


def test_an_auditor_sees_every_line_by_pseudonyms_and_page_by_page(
    told: FamilyWorld, api: Api
) -> None:
    found = pages(api, f"{EVENTS}?_count=3")
    numbers = [int(one["id"]) for one in found]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == numbers[0] > 9
    text = str(found)
    for secret in (NOOR, MOTHER, FATHER, str(told.child), told.mother.person, "Noor", "'k'"):
        assert secret not in text
    pseudonym = told.hub.vault.pairwise(AUDITORS, told.child)
    about = events(api.auditor("GET", f"{EVENTS}?patient={pseudonym}&_count=500"))
    assert about == [one for one in found if pseudonym in str(one["entity"])]
    assert acts(about)[:3] == ["search", "search", "consent_given"]
    assert claimed(about[1]) == ["IHE.BasicAudit.PatientQuery"]
    assert claimed(about[2]) == ["IHE.BasicAudit.PatientCreate"]


def test_a_denial_reads_as_one_and_claims_no_success(told: FamilyWorld, api: Api) -> None:
    (denied,) = events(api.auditor("GET", f"{EVENTS}?outcome=8"))
    assert (denied["outcome"], denied["outcomeDesc"], claimed(denied)) == ("8", "T6", [])
    assert denied["agent"][0]["who"]["reference"] == f"Organization/{CAW}"
    assert told.child


DICOM = "http://dicom.nema.org/resources/ontology/DCM"
SEARCHES = {
    f"agent=Organization/{CLB}&subtype=search": ["search"],
    f"agent={VAPH}&outcome=8": [],
    f"type={DICOM}|110107": ["intake", "intake"],
    "type=rest&subtype=http://hl7.org/fhir/restful-interaction|search-type": ["search", "search"],
    "type=110107&subtype=search": [],
    "outcome=4,8": ["search"],
    "date=2026-09-01&subtype=create": ["consent_given"],
    "date=ge2026-09-01T10:30:00%2B02:00&date=lt2026-09-02": ["search"],
    "date=lt2026-01-05": [],
    f"patient={NOWHERE}": [],
}
REFUSED = (
    "altid=x", "entity=Consent/1", "_count=0", "_count=501", "_count=x", "date=soon",
    "date=2026-13", "date=2026-11-22T10:00", "outcome=", "patient=%00", "after=x",
    "patient=a&patient=b", "_sort=date",
)  # fmt: skip


def test_an_auditor_searches_by_the_parameters_of_fhir(told: FamilyWorld, api: Api) -> None:
    assert told.child
    found = {one: acts(events(api.auditor("GET", f"{EVENTS}?{one}"))) for one in SEARCHES}
    assert found == SEARCHES


def test_what_the_search_does_not_know_is_refused_in_words(world: FamilyWorld, api: Api) -> None:
    answers = [api.auditor("GET", f"{EVENTS}?{one}") for one in REFUSED]
    answers.append(asked(api, world.mother, f"{EVENTS}?agent=Organization/{CLB}"))
    answers.append(asked(api, world.mother, f"{EVENTS}?after={NOWHERE}"))
    for answer in answers:
        assert answer.status_code == httpx.codes.BAD_REQUEST
        outcome = answer.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert fhirkit.validate(answer.text) == []
        assert outcome["issue"][0]["details"]["text"]


def test_a_reader_proves_a_line_by_the_checkpoint(told: FamilyWorld, api: Api) -> None:
    assert told.child
    for event in events(api.auditor("GET", EVENTS))[1:]:
        said = detail(event)
        leaf, index, size = b64decode(said["leaf"]), said["leaf-index"], said["tree-size"]
        assert b64decode(said["leaf-hash"]) == leaf_hash(leaf)
        proof = api.auditor("GET", said["inclusion-proof"]).json()
        root = Checkpoint.of(Note.parse(api.auditor("GET", said["checkpoint"]).text)).root
        path = [b64decode(one) for one in proof["inclusion_path"]]
        assert inclusion_holds(leaf_hash(leaf), int(index), int(size), path, root)
        assert f'"act":"{event["subtype"][-1]["code"]}"'.encode() in leaf


def test_reading_the_log_is_a_line_of_the_log(told: FamilyWorld, api: Api) -> None:
    (first, *_) = events(api.auditor("GET", EVENTS))
    one = api.auditor("GET", f"{EVENTS}/{first['id']}")
    assert one.json() == first
    assert acts(events(api.auditor("GET", f"{EVENTS}?_count=2"))) == ["log_searched"] * 2
    before = told.acts().count("log_viewed")
    asked(api, told.mother)
    assert told.acts().count("log_viewed") == before + 1


def test_a_parent_sees_what_the_page_of_who_looked_shows(told: FamilyWorld, api: Api) -> None:
    answer = asked(api, told.mother)
    found = events(answer)
    page = who_looked(told.hub, told.mother, str(told.child), at=clock.now())
    assert [one["id"] for one in found] == [f"{told.child.hex}{one.line}" for one in page]
    assert acts(found) == ["denied", "search"]
    assert [one["outcome"] for one in found] == ["8", "0"]
    seen = found[1]
    assert seen["agent"][0]["who"] == {"display": f"Dienst {CLB}"}
    labels = seen["entity"][1]["securityLabel"]
    assert {one["code"] for one in labels} == set(page[1].classes)
    # No number of a line, no place in the tree, no consent, no service's id.
    for hidden in ("leaf", "Consent/", "Organization/", "edition", NOOR, MOTHER, FATHER):
        assert hidden not in answer.text
    assert acts(events(asked(api, told.mother, f"{EVENTS}?outcome=0"))) == ["search"]
    assert acts(events(asked(api, told.mother, f"{EVENTS}?patient=Patient/{uuid4()}"))) == []
    one = asked(api, told.mother, f"{EVENTS}/{seen['id']}")
    assert one.json() == seen


def test_absent_not_yours_and_not_for_you_look_alike(told: FamilyWorld, api: Api) -> None:
    (_, own) = events(asked(api, told.mother))
    (fathers, *_) = events(asked(api, told.father))
    stranger = PersonCaller(person=str(uuid4()), correlation="test")
    looked = [
        asked(api, told.mother, f"{EVENTS}/{NOWHERE}{NOWHERE}"),
        asked(api, told.mother, f"{EVENTS}/{fathers['id']}"),
        asked(api, told.mother, f"{EVENTS}/1"),
        asked(api, stranger, f"{EVENTS}/{own['id']}"),
        api.auditor("GET", f"{EVENTS}/999999"),
        api.auditor("GET", f"{EVENTS}/{own['id']}"),
        api.partner(CLB, "GET", f"{EVENTS}/1"),
        api.partner(CLB, "GET", f"{EVENTS}/{own['id']}"),
        api.partner(CLB, "GET", EVENTS),
        api.partner(CLB, "GET", f"{EVENTS}?patient={told.patient(CLB)}"),
    ]
    assert {(one.status_code, one.content) for one in looked} == {(404, looked[0].content)}
    assert events(asked(api, stranger)) == []
    for path in (EVENTS, f"{EVENTS}/1"):
        assert api.ask("GET", path).status_code == httpx.codes.UNAUTHORIZED
    with_both = {"Authorization": "Bearer x", "Cookie": api.session(person=told.mother.person)}
    assert api.ask("GET", EVENTS, with_both).status_code == httpx.codes.UNAUTHORIZED
    cookie = api.session(person=told.mother.person)
    assert api.ask("GET", "/fhir/Condition?patient=x", {"Cookie": cookie}).status_code == 401


def test_a_youngsters_confidential_contact_leaves_no_gap_for_a_parent(
    world: FamilyWorld, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = world.youngster(at=TWELVE)
    world.given(world.mother, {"functional"}, at=TWELVE - HOUR)
    world.reads(at=TWELVE - HOUR, type="Observation")
    later: datetime = TWELVE + 9 * HOUR
    monkeypatch.setattr(clock, "now", lambda: later)
    every = (EVENTS, f"{EVENTS}?_count=1", f"{EVENTS}?date=ge2031-03-14", f"{EVENTS}?outcome=8")
    before = [asked(api, world.mother, path).content for path in every]
    assert acts(events(asked(api, world.mother))) == ["search"]
    own = world.given(young, {"diagnosis"}, at=TWELVE + HOUR, to=CAW)
    world.reads(CAW, at=TWELVE + 2 * HOUR)
    assert [asked(api, world.mother, path).content for path in every] == before
    (seen,) = events(asked(api, young, f"{EVENTS}?date=ge2031-03-14"))
    assert seen["agent"][0]["who"]["display"] == f"Dienst {CAW}"
    assert own not in str(seen)
    assert asked(api, world.mother, f"{EVENTS}/{seen['id']}").status_code == 404


def test_a_delayed_line_is_not_there_before_its_day(told: FamilyWorld, api: Api) -> None:
    before, route, at = asked(api, told.mother).content, uuid4(), clock.now()
    with transaction(told.hub.engine) as tx:
        tx.execute(
            legal_route.insert().values(
                id=route, child=told.child, ground="necessity", source=VAPH, recipient=CAW,
                purpose="safety", resources=[], record=b"", complete=True, invoked_at=at,
                notify_at=at + timedelta(days=7), idempotency_key=route.bytes, said=b"",
            )
        )  # fmt: skip
        line: dict[str, Any] = {"actor": CAW, "partner": CAW, "purpose": "safety"}
        line |= {"child": told.child, "outcome": "permit", "correlation": str(route)}
        access_log.append(tx, access_log.Entry(at=at, act="key_release", **line))
    # What that recipient was denied meanwhile waits as well.
    waits = events(asked(api, told.mother))
    assert acts(waits) == ["search"]
    with transaction(told.hub.engine) as tx:
        tx.execute(legal_route.update().values(notify_at=at - HOUR))
    assert acts(events(asked(api, told.mother))) == ["key_release", "denied", "search"]
    assert before != asked(api, told.mother).content
