"""Who can see what, why, and what if: asked by a family of the running hub."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, update

from gateway import clock
from gateway.exchange.family_views.family_view import times_looked, who_looked
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, consents
from gateway.store.consents import ConsentRow
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import legal_route
from gateway.store.tables import child as child_table
from gateway.store.tables import family_tie, person
from gateway.store.vault import encrypt
from tests.support.families import Family, a_family
from tests.support.running_hub import CAW, CLB, VAPH, Parent, RunningHub

SEES = ("yes", "extract")


@dataclass
class Case:
    """A child that VAPH and CLB told about, with both parents signed in."""

    family: Family
    patient: str
    mother: Parent
    father: Parent
    system: RunningHub

    @property
    def child(self) -> UUID:
        return UUID(self.mother.child)

    def person(self, insz: str) -> PersonCaller:
        with transaction(self.system.hub.engine) as tx:
            found = self.system.hub.vault.lookup("insz", insz)
            one = tx.execute(select(person.c.id).where(person.c.insz_hash == found)).scalar_one()
        return PersonCaller(person=str(one), correlation="test")

    def becomes(self, child: UUID, age: int) -> None:
        """Give the child another birth date: this many years ago, yesterday."""
        yesterday = clock.brussels_date(clock.now()) - timedelta(days=40)
        born = date(yesterday.year - age, yesterday.month, min(yesterday.day, 28))
        hub = self.system.hub
        with transaction(hub.engine) as tx:
            wrapped = tx.execute(
                select(child_table.c.wrapped_key).where(child_table.c.id == child)
            ).scalar_one()
            key = hub.vault.unwrap(wrapped, place=f"child/{child}")
            facts = json.dumps({"born": str(born), "given": "Noor"}).encode()
            sealed = encrypt(key, facts, place=f"child/{child}/facts")
            tx.execute(update(child_table).where(child_table.c.id == child).values(facts=sealed))

    def youngster(self, child: UUID) -> PersonCaller:
        """Make the child a person that signs in."""
        with transaction(self.system.hub.engine) as tx:
            one = uuid4()
            tx.execute(person.insert().values(id=one, insz_hash=one.bytes * 2))
            tx.execute(
                family_tie.insert().values(
                    child=child, person=one, relation="self", authority="none",
                    evidence="test", claimed_at=clock.now(),
                )
            )  # fmt: skip
        return PersonCaller(person=str(one), correlation="test")

    def waiting_route(self, child: UUID) -> UUID:
        """Store a legal route that the family is told of in a week."""
        route, at = uuid4(), clock.now()
        with transaction(self.system.hub.engine) as tx:
            tx.execute(
                legal_route.insert().values(
                    id=route, child=child, ground="necessity", source=VAPH, recipient=CLB,
                    purpose="safety", resources=[], record=b"", complete=True, invoked_at=at,
                    notify_at=at + timedelta(days=7), idempotency_key=route.bytes, said=b"",
                )
            )  # fmt: skip
        return route

    def decides(
        self, child: UUID, by: PersonCaller, effect: str, to: str, classes: set[str]
    ) -> UUID:
        """Store a decision of a youngster."""
        today = clock.brussels_date(clock.now())
        row = ConsentRow(
            id=uuid4(), child=child, person=UUID(by.person), effect=effect,
            classes=tuple(sorted(classes)), purpose="care", partner=to, since=clock.now(),
            until=today + timedelta(days=90), wording_id="share", wording_version="1",
            wording_language="nl", wording_sha256=bytes(32), channel="portal", giver="self",
        )  # fmt: skip
        with transaction(self.system.hub.engine) as tx:
            consents.insert(tx, row)
        return row.id


@pytest.fixture
def case(system: RunningHub) -> Case:
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    clb = system.delivered(CLB, family.clb_2024)
    mother, father = system.parents(family)
    return Case(family, clb["parts"][0]["patient"], mother, father, system)


def seen(parent: Parent, child: str, language: str = "nl") -> dict[str, dict[str, Any]]:
    answer = parent.client.get(f"/children/{child}/who-can-see?language={language}")
    assert answer.status_code == httpx.codes.OK, answer.text
    return {part["class"]: part for part in answer.json()["parts"]}


def of(part: dict[str, Any], service: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in part["services"] if one["service"] == service)
    return found


def previewed(parent: Parent, to: str, *classes: str) -> httpx.Response:
    wish = {"child": parent.child, "classes": [*classes], "purpose": "care", "to": to}
    return parent.client.post("/consents/preview", json=wish, headers={"X-CSRF-Token": parent.csrf})


def test_a_parent_sees_who_can_see_what_why_and_what_would_change_it(case: Case) -> None:
    before = of(seen(case.mother, case.mother.child)["diagnosis"], CLB)
    assert (before["sees"], before["rules"]) == ("no", ["T6"])
    # One parent may speak for both about the diagnosis.
    assert ["you_agrees"] in before["changes"]
    case.mother.given(CLB, ["diagnosis"])
    after = of(seen(case.mother, case.mother.child)["diagnosis"], CLB)
    assert (after["sees"], after["rules"]) == ("yes", ["K4"])
    assert ["you_stops"] in after["changes"]
    assert ["other_parent_stops"] in after["changes"]


def test_what_needs_both_parents_says_whose_yes_is_missing(case: Case) -> None:
    case.system.delivered(VAPH, case.family.vaph_2024)
    report = of(seen(case.mother, case.mother.child)["diagnostic_report"], CLB)
    assert report["changes"] == [["you_agrees", "other_parent_agrees"]]
    assert report["change"] == "Dit gaat open als jij ja zegt en de andere ouder ja zegt."


def test_a_service_outside_the_circle_is_not_listed(case: Case) -> None:
    listed = {one["service"] for part in seen(case.mother, case.mother.child).values()
              for one in part["services"]}  # fmt: skip
    assert listed <= {CLB, VAPH}
    assert CAW not in listed


def test_a_preview_says_what_a_yes_would_open_and_keeps_nothing(case: Case) -> None:
    found = previewed(case.mother, CLB, "diagnosis", "diagnostic_report").json()
    assert found["to"]["opens"] == ["diagnosis"]
    report = [one for one in found["to"]["closed"] if one["class"] == "diagnostic_report"]
    assert not report or ["other_parent_agrees"] in report[0]["changes"]
    assert all(one["opens"] == one["extracts"] == [] for one in found["others"])
    assert case.mother.client.get("/consents").json()["consents"] == []
    case.mother.given(CLB, ["diagnosis"])
    assert previewed(case.mother, CLB, "diagnosis").json()["to"]["already"] == ["diagnosis"]


def test_what_is_not_yours_to_preview_looks_absent(case: Case) -> None:
    mine = previewed(case.mother, "nowhere", "diagnosis")
    assert mine.status_code == httpx.codes.NOT_FOUND
    assert previewed(case.mother, CLB, "judicial").content == mine.content
    other = a_family()
    case.system.delivered(VAPH, other.vaph_2023)
    stranger = case.system.parents(other)[0]
    answer = stranger.client.get(f"/children/{case.mother.child}/who-can-see")
    assert answer.status_code == httpx.codes.NOT_FOUND


def test_a_look_explains_itself(case: Case) -> None:
    case.system.search(CLB, "Condition", case.patient)
    caller = case.person(case.family.mother)
    looks = who_looked(case.system.hub, caller, case.mother.child, at=clock.now())
    answer = case.mother.client.get(
        f"/children/{case.mother.child}/decisions/{looks[0].line}?language=en"
    )
    assert answer.json()["rules"] == ["T6"]
    assert answer.json()["allowed"] is False
    father = case.father.client.get(f"/children/{case.mother.child}/decisions/{looks[0].line}")
    assert father.status_code == httpx.codes.NOT_FOUND


def test_a_parent_of_a_capable_child_learns_nothing_of_what_the_child_decides(case: Case) -> None:
    hub, child = case.system.hub, case.child
    case.mother.given(CLB, ["diagnosis"])
    case.system.search(CLB, "Condition", case.patient)
    mother = case.person(case.family.mother)
    case.becomes(child, 14)
    before = mother_sees(case, child)
    me = case.youngster(child)
    case.decides(child, me, "grant", CLB, {"diagnosis"})
    assert case.system.search(CLB, "Condition", case.patient)
    case.decides(child, me, "refuse", CLB, {"functional"})
    case.system.search(CLB, "Observation", case.patient)
    assert mother_sees(case, child) == before
    lines = who_looked(hub, mother, str(child), at=clock.now())
    assert [one.reason for one in lines] == ["K4"]
    week = clock.now() - timedelta(days=7)
    assert times_looked(hub, mother, str(child), since=week, at=clock.now()) == 1
    assert len(who_looked(hub, me, str(child), at=clock.now())) > len(lines)


def mother_sees(case: Case, child: UUID) -> list[Any]:
    """Everything the mother can ask, as bytes."""
    client = case.mother.client
    return [
        client.get(f"/children/{child}/who-can-see").json(),
        client.get("/consents").json(),
        client.get("/wie-ziet-wat").status_code,
        client.get(f"/toestemming?kind={child}&dienst={CLB}").status_code,
        client.get("/").text.count("<li"),
    ]


def test_a_parent_of_a_grown_up_sees_nobody(case: Case) -> None:
    child = case.child
    case.becomes(child, 18)
    assert "Noor" not in case.mother.client.get("/").text
    answer = case.mother.client.get(f"/children/{child}/who-can-see")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert case.mother.client.get("/consents").json()["consents"] == []


def test_lines_that_tell_of_the_child_or_wait_are_left_out_without_a_gap(case: Case) -> None:
    hub, child = case.system.hub, case.child
    mine = UUID(case.mother.given(CLB, ["diagnosis"]))
    case.becomes(child, 14)
    me = case.youngster(child)
    its_own = case.decides(child, me, "grant", CLB, {"diagnosis"})
    route = case.waiting_route(child)
    told = {
        "mine": ({"K1"}, {"diagnosis"}, (mine,), None),
        "refused": ({"K1", "R1"}, {"diagnosis"}, (mine,), None),
        "shut out": ({"K1", "R2"}, {"diagnosis"}, (mine,), None),
        "intimate": ({"K1"}, {"sexual_health"}, (mine,), None),
        "of the child": ({"K1"}, {"diagnosis"}, (mine, its_own), None),
        "nobody's": ({"T6"}, set[str](), (), None),
        "a secret place": ({"H1", "K1"}, {"diagnosis"}, (mine,), None),
        "waits": ({"L3"}, {"diagnosis"}, (mine,), str(route)),
    }
    at = clock.now()
    lines = [
        access_log.Entry(
            at=at,
            act="read",
            actor=CLB,
            outcome="permit",
            partner=CLB,
            purpose=name,
            child=child,
            classes=tuple(sorted(classes)),
            rules=tuple(sorted(rules)),
            consents=decisions,
            correlation=correlation,
        )
        for name, (rules, classes, decisions, correlation) in told.items()
    ]
    with transaction(hub.engine) as tx:
        access_log.append(tx, *lines)
    mother = who_looked(hub, case.person(case.family.mother), str(child), at=at)
    assert [one.purpose for one in mother] == ["mine"]
    young = {one.purpose for one in who_looked(hub, me, str(child), at=at)}
    assert young >= set(told) - {"waits"}
    assert "waits" not in young
    later = at + timedelta(days=8)
    assert "waits" in {one.purpose for one in who_looked(hub, me, str(child), at=later)}


def test_a_new_yes_says_what_of_an_earlier_one_it_leaves_out(case: Case) -> None:
    case.mother.given(CLB, ["diagnosis", "functional"])
    found = previewed(case.mother, CLB, "diagnosis").json()["to"]
    assert (found["already"], found["stops"]) == (["diagnosis"], ["functional"])
    case.mother.given(CLB, ["diagnosis"])
    after = seen(case.mother, case.mother.child)
    assert of(after["functional"], CLB)["sees"] in {"no", "waiting"}
