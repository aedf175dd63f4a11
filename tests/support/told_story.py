"""One child on a real database and no broker: acts of families, services and time, in any order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from consent.model import Segment
from gateway import clock
from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.exchange.disclose import Asked, disclose
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.families.show_consents import consents_for
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.legal_routes.answer_access import Question, evaluate, search_recipients
from gateway.exchange.partners.register_partner import set_partner_status
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.store import children
from gateway.store.children import ChildFacts
from gateway.store.consents import ConsentRow, insert
from gateway.store.engine import transaction
from gateway.store.tables import access_log, delivery, partner, resource
from gateway.store.vault import encrypt
from tests.integration.streams.world import settings_for
from tests.support.families import Family, a_family
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH, register_partners

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
READERS = (CLB, CAW, CHILDCARE)
TYPES = ("Condition", "Observation", "CarePlan", "EpisodeOfCare")
CLASSES = ("diagnosis", "functional", "development", "context", "logistics")
DAY = timedelta(days=1)


def a_hub(database_url: str) -> Hub:
    """Open a hub on an empty database, with the four partners."""
    hub = open_hub(settings_for(database_url, "127.0.0.1:1", "http://127.0.0.1:1"))
    register_partners(hub)
    return hub


@dataclass
class Story:
    """A child with two parents whom every service helps; `at` is the story's own clock."""

    hub: Hub
    child: UUID
    parents: tuple[UUID, UUID]
    family: Family
    at: datetime = BEGIN
    given: list[tuple[UUID, str]] = field(default_factory=list[tuple[UUID, str]])

    @classmethod
    def begin(cls, hub: Hub) -> "Story":
        """Let VAPH and the CLB tell about a new child."""
        family = a_family()
        deliver(hub, VAPH, family.vaph_2023, at=BEGIN)
        deliver(hub, CLB, family.clb_2024, at=BEGIN)
        with transaction(hub.engine) as tx:
            hashed = hub.vault.lookup("insz", family.child)
            [child] = children.find(tx, "insz", hashed)
            for one in READERS:
                children.start_care(tx, child, one, at=BEGIN)
            ties = children.ties_of_child(tx, child)
        mother, father = (tie.person for tie in ties)
        return cls(hub, child, (mother, father), family)

    def later(self, by: timedelta = timedelta(minutes=7)) -> None:
        self.at += by

    def grant(
        self, person: UUID, to: str, *classes: str, purpose: str = "care", days: int = 90
    ) -> None:
        until = clock.brussels_date(self.at) + days * DAY
        names: dict[str, Any] = {"classes": frozenset(classes), "purpose": purpose, "until": until}
        with transaction(self.hub.engine) as tx:
            name = tx.execute(select(partner.c.name).where(partner.c.id == to)).scalar_one()
        words = wording_for(language="nl", partner_name=name, **names)
        order = ConsentOrder(
            child=str(self.child), to=to, language="nl", wording_sha256=words.sha256, **names
        )
        found = give_consent(self.hub, caller(person), order, at=self.at)
        if isinstance(found, str):
            self.given.append((person, found))

    def both_grant(self, to: str, *classes: str, purpose: str = "care") -> None:
        for person in self.parents:
            self.grant(person, to, *classes, purpose=purpose)

    def withdraw(self, person: UUID, found: str) -> None:
        assert withdraw_consent(self.hub, caller(person), found, at=self.at)

    def say(self, person: UUID, effect: str, **scope: Any) -> None:
        """Record a decision that is no grant; what it does not name is any."""
        wide: dict[str, Any] = {"classes": None, "purpose": None, "partner": None, "until": None}
        words = {"wording_id": "share", "wording_version": "1", "wording_language": "nl"}
        row = ConsentRow(
            id=uuid4(),
            child=self.child,
            person=person,
            effect=effect,
            since=self.at,
            wording_sha256=b"",
            channel="portal",
            **{**wide, **words, **scope},
        )
        with transaction(self.hub.engine) as tx:
            children.lock(tx, self.child)
            insert(tx, row)

    def search(self, by: str, kind: str = "Condition", purpose: str = "care") -> int:
        patient = self.hub.vault.pairwise(by, self.child)
        asked = Asked(type=kind, purpose=purpose, patient=patient)
        return len(disclose(self.hub, service(by), asked, at=self.at))

    def read(self, by: str, known: tuple[UUID, str]) -> int:
        name = self.hub.vault.pairwise(by, known[0])
        asked = Asked(type=known[1], purpose="care", resource=name)
        return len(disclose(self.hub, service(by), asked, at=self.at))

    def consents(self, by: str, only: str | None = None) -> int:
        """Let a service read on which decisions it sees something; or one of them."""
        vault = self.hub.vault
        name = vault.pairwise(by, UUID(only)) if only else None
        patient = None if only else vault.pairwise(by, self.child)
        asked = Asked(type="Consent", purpose="care", patient=patient, resource=name)
        return len(consents_for(self.hub, service(by), asked, at=self.at))

    def resources(self) -> Sequence[tuple[UUID, str]]:
        query = select(resource.c.id, resource.c.type).where(resource.c.child == self.child)
        with transaction(self.hub.engine) as tx:
            return [(row.id, row.type) for row in tx.execute(query.order_by(resource.c.id))]

    def seal(self) -> int:
        return len(claim_and_seal(self.hub, limit=100, at=self.at))

    def messages(self, to: str) -> list[str]:
        query = select(delivery.c.id).where(delivery.c.partner == to)
        with transaction(self.hub.engine) as tx:
            return [str(one) for one in tx.execute(query.order_by(delivery.c.sequence)).scalars()]

    def ask_keys(self, by: str, ids: Sequence[str]) -> list[str]:
        answers = release_keys(self.hub, service(by), ids, at=self.at)
        return [one.state for one in answers]

    def evaluate(self, source: str, to: str, *segments: Segment, purpose: str = "care") -> bool:
        [answer] = evaluate(
            self.hub, service(source), [self._question(source, to, purpose, segments)], at=self.at
        )
        return answer.permitted

    def who_may(self, source: str, *segments: Segment) -> tuple[str, ...]:
        question = self._question(source, "", "care", segments)
        return search_recipients(self.hub, service(source), question, at=self.at)

    def _question(
        self, source: str, to: str, purpose: str, segments: tuple[Segment, ...]
    ) -> Question:
        patient = self.hub.vault.pairwise(source, self.child)
        return Question(
            recipient=to, patient=patient, purpose=purpose, kind="pull", segments=segments
        )

    def suspend(self, one: str, status: str = "suspended") -> None:
        set_partner_status(self.hub, one, status, at=self.at)

    def change(self, statement: str, **values: Any) -> None:
        """Change a stored fact behind everybody's back, as another part of the hub might."""
        with transaction(self.hub.engine) as tx:
            children.lock(tx, self.child)
            tx.execute(text(statement), {"child": self.child, "at": self.at, **values})

    def assess(
        self, outcome: str, *, reasons: bytes | None = b"x", contested: bool = False
    ) -> None:
        self.change(
            "insert into capacity_assessment"
            " (id, child, partner, outcome, reasons, assessor, assessed_at, contested_at)"
            " values (:id, :child, :partner, :outcome, :reasons, 'x', :at, :contested)",
            id=uuid4(),
            partner=CLB,
            outcome=outcome,
            reasons=reasons,
            contested=self.at if contested else None,
        )

    def born(self, day: str) -> None:
        """Let another birth date be known from now on."""
        with transaction(self.hub.engine) as tx:
            key = children.key_of(tx, self.hub.vault, self.child)
            assert key is not None
            told = ChildFacts(born=day, given="x").encoded()
        place = f"child/{self.child}/facts"
        sealed = encrypt(key, told, place=place)
        self.change("update child set facts = :facts where id = :child", facts=sealed)

    def change_everything(self) -> None:
        """Leave no fact as it was: nobody may decide, nothing is shared, nobody is around."""
        self.later(400 * DAY)
        self.born("1990-01-01")
        self.assess("incapable", contested=True)
        for statement in (
            "update family_tie set authority = 'deprived' where child = :child",
            "update care_relation set until = :at where child = :child",
            "update consent set withdrawn_at = :at where child = :child and withdrawn_at is null",
            "update consent set wording_id = 'gone', classes = '{logistics}' where child = :child",
            "update partner set status = 'closed'",
            "update resource set data_class = 'identity', version = 9 where child = :child",
        ):
            self.change(statement)

    def lines(self) -> list[Any]:
        query = select(access_log).where(access_log.c.child == self.child)
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query.order_by(access_log.c.id)))


def deliver(hub: Hub, by: str, raw: bytes, *, at: datetime) -> None:
    incoming = Incoming(
        partner=by,
        source=by.partition("-")[0],
        raw=raw,
        content_type="application/xml",
        idempotency_key=None,
        channel="http",
    )
    assert isinstance(accept_record(hub, incoming, at=at), Accepted)
    process_accepted(hub, limit=10, at=at)


def caller(person: UUID) -> PersonCaller:
    return PersonCaller(person=str(person), correlation="story")


def service(name: str) -> PartnerCaller:
    return PartnerCaller(partner=name, scopes=frozenset())


class AnyStory:
    """A story in which dice choose each act; the same seed tells the same story."""

    def __init__(self, story: Story, seed: int) -> None:
        self.story, self.dice = story, Random(seed)

    def go_on(self, acts: int) -> None:
        choices: list[Callable[[], object]] = [
            *[self._grant] * 5, *[self._search] * 6, *[self._read] * 3, *[self._evaluate] * 3,
            *[self._seal_and_ask] * 3, *[self._time_passes] * 2, self._withdraw, self._refuse,
            self._facts_change, *[self._consents] * 2,
        ]  # fmt: skip
        for one in READERS:
            self.story.suspend(one, "active")
        self.story.both_grant(CLB, *CLASSES)
        for _ in range(acts):
            self.story.later()
            self.dice.choice(choices)()

    def _grant(self) -> None:
        some = self.dice.sample(CLASSES, self.dice.randint(1, 4))
        people = self.dice.choice([self.story.parents, self.story.parents[:1]])
        to, purpose = self.dice.choice(READERS), self.dice.choice(["care", "care", "referral"])
        for person in people:
            days = self.dice.choice([10, 90])
            self.story.grant(person, to, *some, purpose=purpose, days=days)

    def _withdraw(self) -> None:
        if self.story.given:
            self.story.withdraw(*self.dice.choice(self.story.given))

    def _refuse(self) -> None:
        effects = ["refuse", "exclude", "object", "object_gdpr", "restrict_gdpr"]
        effect, to = self.dice.choice(effects), self.dice.choice([None, *READERS, *READERS])
        classes = self.dice.choice([None, *(self.dice.sample(CLASSES, 2) for _ in range(4))])
        purpose = self.dice.choice([None, "care", "referral"])
        person = self.dice.choice(self.story.parents)
        self.story.say(person, effect, partner=to, classes=classes, purpose=purpose)

    def _search(self) -> None:
        by, kind = self.dice.choice((*READERS, VAPH)), self.dice.choice(TYPES)
        self.story.search(by, kind, self.dice.choice(["care", "care", "referral", "nonsense"]))

    def _read(self) -> None:
        known = self.dice.choice(self.story.resources())
        self.story.read(self.dice.choice(READERS), known)

    def _consents(self) -> None:
        one = self.dice.choice(self.story.given)[1] if self.story.given else None
        self.story.consents(self.dice.choice(READERS), self.dice.choice([None, one]))

    def _evaluate(self) -> None:
        about = self.dice.choice([frozenset({"child"}), frozenset({str(self.story.parents[0])})])
        parts = [
            Segment(id=f"{number}", data_class=one, about=about)
            for number, one in enumerate(self.dice.sample((*CLASSES, "nonsense"), 2))
        ]
        source, to = self.dice.choice(READERS), self.dice.choice([*READERS, VAPH, "nobody"])
        self.story.evaluate(source, to, *parts)
        self.story.who_may(source, *parts[:1])

    def _seal_and_ask(self) -> None:
        self.story.seal()
        by = self.dice.choice(READERS)
        mine = self.story.messages(by)
        self.story.ask_keys(by, self.dice.sample(mine, min(len(mine), 5)))

    def _time_passes(self) -> None:
        self.story.later(self.dice.choice([DAY, 2 * DAY, 11 * DAY, 40 * DAY, 400 * DAY]))

    def _facts_change(self) -> None:
        story, dice = self.story, self.dice
        one = dice.choice(READERS)
        changes: list[Callable[[], object]] = [
            lambda: story.suspend(one),
            lambda: story.suspend(one, "active"),
            lambda: story.assess(dice.choice(["capable", "incapable"])),
            lambda: story.assess("capable", contested=True),
            lambda: story.born(dice.choice(["2019", "2014-11-22", "2010-02-01", "2019-03-05"])),
            lambda: deliver(story.hub, VAPH, story.family.vaph_2024, at=story.at),
            lambda: story.change(
                "update family_tie set authority = :held where child = :child",
                held=dice.choice(["exercised", "held", "unknown"]),
            ),
            lambda: story.change(
                "update care_relation set until = :at where child = :child and partner = :one",
                one=one,
            ),
            lambda: story.change(
                "update care_relation set until = null where child = :child and partner = :one",
                one=one,
            ),
        ]
        dice.choice(changes)()
