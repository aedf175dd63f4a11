"""A real hub without a broker, in which the test says what time it is: a child and its family."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import select, text, update

from gateway.clock import BRUSSELS
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.deliveries.seal_delivery import claim_and_seal, mark_sent
from gateway.exchange.disclose import Asked, disclose
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.families.refuse import RefusalOrder, choices, refuse
from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.wording import wording_for, wording_of_refusal
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import children, message_keys, notices, resources, ties
from gateway.store.children import ChildFacts, Tie
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import consent_event, family_notice
from gateway.store.resources import ASSERTION, NewVersion
from gateway.store.tables import access_log, child, consent, delivery, outbox, resource
from gateway.store.vault import encrypt
from tests.integration.streams.world import settings_for

SAMPLE = Path("schemas/sources/vaph/vaph_01_dossier_noor_2023.xml")
CLASSES = frozenset({"diagnosis", "functional"})
SOURCE, READER, OTHER = "vaph", "clb-voorbeeldstreek", "caw-voorbeeldregio"
KINDS = {SOURCE: "vaph_admin", READER: "clb", OTHER: "caw"}
KEPT = (
    notices.CONSENT_ENDS_SOON,
    notices.CONSENT_ENDED,
    notices.RECONFIRM,
    notices.TURNS_TWELVE,
    notices.TURNS_EIGHTEEN,
    notices.SERVICE_MERGED,
    notices.SERVICE_CLOSED,
)
START = datetime(2026, 1, 12, 9, tzinfo=UTC)


def brussels(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """Return an instant by the clock on the wall in Brussels; midnight when no clock is given."""
    return datetime.combine(day, time(hour, minute, second), BRUSSELS).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One hub with one child, and everything a test asks or does there."""

    hub: Hub
    child: UUID
    mother: UUID
    father: UUID
    at: datetime

    def grant(
        self,
        person: UUID | None = None,
        *,
        to: str = READER,
        classes: frozenset[str] = CLASSES,
        until: date | None = None,
        at: datetime | None = None,
    ) -> UUID:
        """Let somebody (the mother) share; everything shareable is queued."""
        given_at = at or self.at
        last = until or given_at.astimezone(BRUSSELS).date() + timedelta(days=90)
        words = wording_for(
            language="nl", classes=classes, purpose="care", partner_name=to, until=last
        )
        order = ConsentOrder(
            child=str(self.child),
            classes=classes,
            purpose="care",
            to=to,
            until=last,
            language="nl",
            wording_sha256=words.sha256,
        )
        who = PersonCaller(person=str(person or self.mother), correlation="test")
        given = give_consent(self.hub, who, order, at=given_at)
        assert isinstance(given, str), given
        return UUID(given)

    def both_grant(self, **more: Any) -> tuple[UUID, UUID]:
        """Let both parents share the same."""
        return self.grant(self.mother, **more), self.grant(self.father, **more)

    def restrict(self, *sources: str, at: datetime) -> None:
        """Let the mother restrict what some services say, whoever would read it."""
        order = RefusalOrder(
            child=str(self.child),
            effect="restrict_gdpr",
            language="nl",
            wording_sha256="",
            sources=frozenset(sources),
        )
        with transaction(self.hub.engine) as tx:
            asked = choices(tx, "parent", order)
        words = wording_of_refusal(language="nl", effect="restrict_gdpr", choices=asked)
        who = PersonCaller(person=str(self.mother), correlation="test")
        said = refuse(self.hub, who, replace(order, wording_sha256=words.sha256), at=at)
        assert isinstance(said, str), said

    def send(self, at: datetime | None = None) -> tuple[bytes, ...]:
        """Let the relay seal and send what is due; return the messages."""
        sealed = claim_and_seal(self.hub, limit=1_000, at=at or self.at)
        mark_sent(self.hub, [(one.delivery, 0) for one in sealed], at=at or self.at)
        return tuple(one.jwe for one in sealed)

    def read(self, partner: str = READER, *, at: datetime | None = None) -> dict[str, str]:
        """Ask for the keys of all of a partner's messages, and return each id with its answer."""
        ids = [str(one) for one in self.messages(partner)]
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        answers = release_keys(self.hub, caller, ids, at=at or self.at)
        return {one.id: one.state for one in answers}

    def sees(self, partner: str = READER, *, at: datetime | None = None) -> int:
        """Return how many diagnoses a partner can read over HTTP."""
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        patient = self.hub.vault.pairwise(partner, self.child)
        asked = Asked(type="Condition", purpose="care", patient=patient)
        return len(disclose(self.hub, caller, asked, at=at or self.at))

    def keep(self, at: datetime) -> dict[str, int]:
        """Keep the calendar once, and return what was done."""
        return {name: count for name, count in keep_calendar(self.hub, at=at).items() if count}

    def messages(self, partner: str = READER) -> list[UUID]:
        """Return a partner's messages with content, in order."""
        query = select(delivery.c.id).where(
            delivery.c.partner == partner, delivery.c.kind == "updated"
        )
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query.order_by(delivery.c.sequence)).scalars())

    def keys(self, partner: str = READER) -> dict[str, int]:
        """Return how many keys of each data class a partner could still ask for."""
        query = (
            select(resource.c.data_class)
            .join(delivery, delivery.c.resource == resource.c.id)
            .where(delivery.c.partner == partner, message_keys.has_key())
        )
        with transaction(self.hub.engine) as tx:
            found = list(tx.execute(query).scalars())
        return {one: found.count(one) for one in sorted(set(found))}

    def data_classes(self, messages: Iterable[str]) -> set[str]:
        """Return the data classes of what messages tell."""
        query = (
            select(resource.c.data_class)
            .join(delivery, delivery.c.resource == resource.c.id)
            .where(delivery.c.id.in_([UUID(one) for one in messages]))
        )
        with transaction(self.hub.engine) as tx:
            return set(tx.execute(query).scalars())

    def told(self, partner: str = READER) -> int:
        """Return how many notices of withdrawal were queued for a partner."""
        with transaction(self.hub.engine) as tx:
            query = select(outbox.c.id).where(
                outbox.c.partner == partner, outbox.c.kind == "withdrawn"
            )
            return len(tx.execute(query).all())

    def notices(self, *kinds: str) -> list[tuple[UUID, str, str, date]]:
        """Return what people were told of time and services, or of these kinds."""
        with transaction(self.hub.engine) as tx:
            rows = tx.execute(select(family_notice).order_by(family_notice.c.made_at)).all()
        return [
            (one.person, one.kind, one.subject, one.day)
            for one in rows
            if one.kind in (kinds or KEPT)
        ]

    def told_people(self, kind: str) -> set[UUID]:
        """Return who was told of something, each exactly once."""
        people = [one[0] for one in self.notices(kind)]
        assert len(people) == len(set(people))
        return set(people)

    def events(self) -> list[tuple[UUID, str]]:
        """Return what ended by itself in the history of all consents."""
        by_itself = consent_event.c.actor == "hub"
        with transaction(self.hub.engine) as tx:
            query = select(consent_event).where(by_itself).order_by(consent_event.c.id)
            rows = tx.execute(query).all()
        return [(one.consent, one.act) for one in rows]

    def ended(self) -> set[UUID]:
        """Return the decisions that ended by themselves."""
        with transaction(self.hub.engine) as tx:
            query = select(consent.c.id).where(consent.c.ended_at.is_not(None))
            return set(tx.execute(query).scalars())

    def log(self, *acts: str) -> list[tuple[str, str | None, list[str]]]:
        """Return the acts in the access log, with partner and rules."""
        with transaction(self.hub.engine) as tx:
            rows = tx.execute(select(access_log).order_by(access_log.c.id)).all()
        return [(one.act, one.partner, one.rules) for one in rows if not acts or one.act in acts]

    def everything(self) -> list[object]:
        """Return all rows that the calendar can change, to see that nothing did."""
        tables = (family_notice, consent_event, consent, delivery, outbox, access_log, resource)
        with transaction(self.hub.engine) as tx:
            return [sorted(map(str, tx.execute(select(one)).all())) for one in tables]

    def born(self, day: str) -> None:
        """Let the child be born on another day."""
        with transaction(self.hub.engine) as tx:
            rewrite_facts(tx, self.hub, self.child, day)

    def youngster(self) -> UUID:
        """Let the child have a sign-in of its own; return its person."""
        with transaction(self.hub.engine) as tx:
            person = children.ensure_person(tx, b"the child itself")
            tie = Tie(person=person, relation="self", authority="none")
            ties.set_tie(tx, self.child, tie, evidence="test", at=self.at)
        return person

    def state(self, data_class: str, *, partner: str = SOURCE, key: bytes = b"x") -> UUID:
        """Let a service state something of one data class about the child."""
        with transaction(self.hub.engine) as tx:
            data_key = children.key_of(tx, self.hub.vault, self.child)
            receipt = tx.execute(text("select id from receipt limit 1")).scalar_one()
            assert data_key is not None
            new = _statement(self.child, partner, data_class, key, receipt)
            (found,) = resources.save(tx, data_key, [new], at=self.at)
        return found

    def status(self, partner: str) -> Any:
        """Return a service as it is registered."""
        with transaction(self.hub.engine) as tx:
            query = text("select * from partner where id = :id")
            return tx.execute(query, {"id": partner}).one()


def _statement(
    child_id: UUID, partner: str, data_class: str, key: bytes, receipt: UUID
) -> NewVersion:
    content = {"resourceType": "Observation", "status": "final", "code": {"text": partner}}
    return NewVersion(
        child=child_id,
        partner=partner,
        type="Observation",
        data_class=data_class,
        about=frozenset({"child"}),
        flags=frozenset(),
        layer=ASSERTION,
        key_hash=key,
        asserted_at="2026",
        content=orjson.dumps(content),
        receipt=receipt,
    )


def rewrite_facts(tx: Any, hub: Hub, child_id: UUID, born: str) -> None:
    """Overwrite a birth date, which the hub itself never does."""
    key = children.key_of(tx, hub.vault, child_id)
    assert key is not None
    sealed = encrypt(
        key, ChildFacts(born=born, given="").encoded(), place=f"child/{child_id}/facts"
    )
    tx.execute(update(child).where(child.c.id == child_id).values(facts=sealed))


def register(hub: Hub, name: str, kind: str, *, source: str | None = None) -> None:
    """Register a service with a key nobody uses."""
    keys = {"keys": [public_part(new_signing_jwk())]}
    registration = Registration(id=name, name=name, kind=kind, source=source, jwks=keys)
    register_partner(hub, registration, at=START)


def hand_in(hub: Hub, *, at: datetime, partner: str = SOURCE, comment: bytes = b"") -> None:
    """Accept one record about the child."""
    raw = SAMPLE.read_bytes() + (b"<!-- %s -->" % comment if comment else b"")
    incoming = Incoming(
        partner=partner,
        source=SOURCE,
        raw=raw,
        content_type="application/xml",
        idempotency_key=None,
        channel="http",
    )
    assert isinstance(accept_record(hub, incoming, at=at), Accepted)


def build_world(database_url: str, *, at: datetime = START) -> World:
    """Register the services, let one tell about the child, and let the others be around it."""
    hub = open_hub(settings_for(database_url, "", "http://127.0.0.1:1"))
    for name, kind in KINDS.items():
        register(hub, name, kind, source=SOURCE if name == SOURCE else None)
    hand_in(hub, at=at)
    assert process_accepted(hub, limit=10, at=at) == 1
    with transaction(hub.engine) as tx:
        found = tx.execute(text("select id from child")).scalar_one()
        mother, father = parents_of(tx, found, at=at)
        for partner in (READER, OTHER):
            children.start_care(tx, found, partner, at=at)
    return World(hub=hub, child=found, mother=mother, father=father, at=at)


def parents_of(tx: Any, child_id: UUID, *, at: datetime) -> Iterable[UUID]:
    """Let the child have two parents who exercise authority."""
    tx.execute(text("delete from family_tie where child = :child"), {"child": child_id})
    people = [children.ensure_person(tx, uuid4().bytes) for _ in range(2)]
    for person in people:
        tie = Tie(person=person, relation="parent", authority="exercised")
        ties.set_tie(tx, child_id, tie, evidence="test", at=at)
    return people
