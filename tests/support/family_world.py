"""A hub on PostgreSQL alone, with one child, its parents and its services; time is told to it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from gateway import clock
from gateway.exchange.deliveries.release_key import KeyAnswer, release_keys
from gateway.exchange.deliveries.seal_delivery import Sealed, claim_and_seal
from gateway.exchange.disclose import Asked, Disclosed, disclose
from gateway.exchange.families.contest import settle_contest
from gateway.exchange.families.decisions import DecisionView, decisions_of
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.families.reconfirm import ReconfirmOrder, reconfirm, words_to_reconfirm
from gateway.exchange.families.refuse import RefusalOrder, refuse
from gateway.exchange.families.sign_in_person import person_for
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.families.words_to_decide import Draft, words_to_decide
from gateway.exchange.hub import Hub
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import Wording
from gateway.identity.callers import AuditorCaller, PartnerCaller, PersonCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import children
from gateway.store.children import ChildFacts
from gateway.store.engine import AnyRow, transaction
from gateway.store.lifecycle_tables import consent_event, family_notice
from gateway.store.tables import access_log, care_relation, consent, delivery, family_tie
from gateway.store.tables import child as child_table
from gateway.store.vault import AUDITORS, encrypt
from tests.support.families import Family

BRUSSELS = ZoneInfo("Europe/Brussels")
VAPH, CLB, CAW, CHILDCARE = "vaph", "clb-voorbeeldstreek", "caw-voorbeeldregio", "kdv-pimpeltje"
KINDS = {VAPH: "vaph_admin", CLB: "clb", CAW: "caw", CHILDCARE: "childcare"}
# Noor and every child made after her is born on this day.
BORN = date(2019, 3, 14)
LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=BRUSSELS)
# Seven years old: the parents decide.
SEVEN = datetime(2026, 9, 1, 9, tzinfo=BRUSSELS)
TWELVE = datetime(2031, 3, 14, tzinfo=BRUSSELS)
EIGHTEEN = datetime(2037, 3, 14, tzinfo=BRUSSELS)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


@dataclass
class FamilyWorld:
    """One child that VAPH and CLB told about; acts happen at the instant that a test says."""

    hub: Hub
    family: Family
    child: UUID
    mother: PersonCaller
    father: PersonCaller

    def patient(self, partner: str) -> str:
        return self.hub.vault.pairwise(partner, self.child)

    def sign_in(self, insz: str, *, at: datetime) -> PersonCaller | None:
        return person_for(self.hub, issuer="test", subject="test", insz=insz, at=at)

    def youngster(self, *, at: datetime) -> PersonCaller:
        found = self.sign_in(self.family.child, at=at)
        assert found is not None
        return found

    def give(
        self, person: PersonCaller, classes: set[str], *, at: datetime, to: str = CLB, **more: Any
    ) -> str | Refusal:
        """Read the words and agree; `purpose`, `days`, `assisted_by` and `proposal` may differ."""
        purpose = more.pop("purpose", "care")
        until = clock.brussels_date(at) + timedelta(days=more.pop("days", 90))
        words = self.words(person, at=at, classes=classes, purpose=purpose, to=to, until=until)
        if isinstance(words, Refusal):
            return words
        more |= {"purpose": purpose, "to": to}
        return self.give_with(words, person, classes, until, at=at, **more)

    def give_with(
        self,
        words: Wording,
        person: PersonCaller,
        classes: set[str],
        until: date,
        *,
        at: datetime,
        **more: Any,
    ) -> str | Refusal:
        """Agree with words that were shown."""
        order = ConsentOrder(
            child=str(self.child),
            classes=frozenset(classes),
            until=until,
            language="nl",
            wording_sha256=words.sha256,
            **({"purpose": "care", "to": CLB} | more),
        )
        return give_consent(self.hub, person, order, at=at)

    def given(self, person: PersonCaller, classes: set[str], **more: Any) -> str:
        found = self.give(person, classes, **more)
        assert isinstance(found, str), found
        return found

    def say_no(
        self, person: PersonCaller, *, at: datetime, effect: str = "refuse", **scope: Any
    ) -> str | Refusal:
        """Read the words of a no, and say it; what is left out means any."""
        assisted_by = scope.pop("assisted_by", None)
        words = self.words(person, at=at, effect=effect, **scope)
        if isinstance(words, Refusal):
            return words
        named: dict[str, Any] = {name: frozenset(value) if isinstance(value, set) else value
                 for name, value in scope.items()}  # fmt: skip
        order = RefusalOrder(
            child=str(self.child),
            effect=effect,
            language="nl",
            wording_sha256=words.sha256,
            assisted_by=assisted_by,
            **named,
        )
        return refuse(self.hub, person, order, at=at)

    def said_no(self, person: PersonCaller, **scope: Any) -> str:
        found = self.say_no(person, **scope)
        assert isinstance(found, str), found
        return found

    def take_back(self, person: PersonCaller, consent: str, *, at: datetime) -> None:
        assert withdraw_consent(self.hub, person, consent, at=at)

    def words(
        self, person: PersonCaller, *, at: datetime, effect: str = "grant", **scope: Any
    ) -> Wording | Refusal:
        unnamed = dict.fromkeys(("classes", "purpose", "to", "sources", "until"))
        sets = {one: frozenset(what) for one, what in scope.items() if isinstance(what, set)}
        named: dict[str, Any] = {**unnamed, **scope, **sets}
        draft = Draft(child=str(self.child), effect=effect, language="nl", **named)
        return words_to_decide(self.hub, person, draft, at=at)

    def confirm(self, person: PersonCaller, consent: str, *, at: datetime) -> str | Refusal:
        words = words_to_reconfirm(self.hub, person, consent, language="nl", at=at)
        if isinstance(words, Refusal):
            return words
        order = ReconfirmOrder(consent=consent, language="nl", wording_sha256=words.sha256)
        return reconfirm(self.hub, person, order, at=at)

    def settle(self, consent: str, *, uphold: bool, at: datetime) -> bool:
        auditor = AuditorCaller(auditor="an", correlation="test")
        name = self.hub.vault.pairwise(AUDITORS, UUID(consent))
        return settle_contest(self.hub, auditor, name, uphold=uphold, at=at)

    def reads(self, partner: str = CLB, *, at: datetime, type: str = "Condition") -> int:  # noqa: A002 -- FHIR's own word
        """Return how many resources of a type a service may read now."""
        return len(self.found(partner, at=at, type=type))

    def found(self, partner: str, *, at: datetime, type: str) -> tuple[Disclosed, ...]:  # noqa: A002 -- idem
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        asked = Asked(type=type, purpose="care", patient=self.patient(partner))
        return disclose(self.hub, caller, asked, at=at)

    def seal(self, *, at: datetime) -> tuple[Sealed, ...]:
        """Turn what waits into sealed messages, as the relay does."""
        return claim_and_seal(self.hub, limit=500, at=at)

    def open(self, ids: list[str], partner: str = CLB, *, at: datetime) -> dict[str, str]:
        """Ask the keys of messages; return the state of each."""
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        answers: tuple[KeyAnswer, ...] = release_keys(self.hub, caller, ids, at=at)
        return {one.id: one.state for one in answers}

    def keys(self, partner: str = CLB) -> dict[str, str]:
        """Return the sealed messages whose key exists, with the class of each."""
        query = text(
            "select d.id, r.data_class from delivery d join resource r on r.id = d.resource"
            " where d.partner = :partner and d.child = :child and d.wrapped_key is not null"
        )
        with transaction(self.hub.engine) as tx:
            found = tx.execute(query, {"partner": partner, "child": self.child})
            return {str(row.id): row.data_class for row in found}

    def set_authority(self, person: PersonCaller, authority: str) -> None:
        ties = family_tie.c.person == UUID(person.person)
        with transaction(self.hub.engine) as tx:
            tx.execute(family_tie.update().where(ties).values(authority=authority))

    def forget_birth_date(self) -> None:
        with transaction(self.hub.engine) as tx:
            key = children.key_of(tx, self.hub.vault, self.child)
            assert key is not None
            facts = ChildFacts(born="2019", given="").encoded()
            sealed = encrypt(key, facts, place=f"child/{self.child}/facts")
            tx.execute(child_table.update().values(facts=sealed))

    @staticmethod
    def uuid(person: PersonCaller) -> UUID:
        return UUID(person.person)

    def decisions(self, person: PersonCaller, *, at: datetime) -> dict[str, DecisionView]:
        found = decisions_of(self.hub, person, str(self.child), at=at)
        return {one.id: one for one in found or ()}

    def events(self, consent_id: str) -> list[str]:
        query = select(consent_event.c.act).where(consent_event.c.consent == UUID(consent_id))
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query.order_by(consent_event.c.id)).scalars())

    def acts(self) -> list[str]:
        query = select(access_log.c.act).where(access_log.c.child == self.child)
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query.order_by(access_log.c.id)).scalars())

    def notices(self, person: PersonCaller) -> list[str]:
        query = select(family_notice.c.kind).where(family_notice.c.person == UUID(person.person))
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query.order_by(family_notice.c.made_at)).scalars())

    def row(self, consent_id: str) -> AnyRow:
        with transaction(self.hub.engine) as tx:
            return tx.execute(select(consent).where(consent.c.id == UUID(consent_id))).one()

    def told(self, partner: str = CLB) -> int:
        """Return how many withdrawal notices a service got."""
        query = select(delivery).where(
            delivery.c.partner == partner, delivery.c.kind == "withdrawn"
        )
        with transaction(self.hub.engine) as tx:
            return len(tx.execute(query).all())


def build_family_world(hub: Hub, family: Family) -> FamilyWorld:
    """Register the services, and let VAPH and CLB tell about the child long ago."""
    for partner, kind in KINDS.items():
        registration = Registration(
            id=partner,
            name=f"Dienst {partner}",
            kind=kind,
            source={VAPH: "vaph", CLB: "clb"}.get(partner),
            jwks={"keys": [public_part(new_signing_jwk())]},
        )
        register_partner(hub, registration, at=LONG_AGO)
    _hand_in(hub, VAPH, "vaph", family.vaph_2023)
    _hand_in(hub, CLB, "clb", family.clb_2024)
    with transaction(hub.engine) as tx:
        (child,) = children.find(tx, "insz", hub.vault.lookup("insz", family.child))
        children.start_care(tx, child, CAW, at=LONG_AGO)
        # All of them help the child from the beginning of the story.
        tx.execute(care_relation.update().values(since=LONG_AGO))
    world = FamilyWorld(hub, family, child, *(_NOBODY, _NOBODY))
    for name in ("mother", "father"):
        found = world.sign_in(getattr(family, name), at=SEVEN)
        assert found is not None
        setattr(world, name, found)
    return world


_NOBODY = PersonCaller(person="nobody", correlation="test")


def _hand_in(hub: Hub, partner: str, source: str, raw: bytes) -> None:
    incoming = Incoming(
        partner=partner,
        source=source,
        raw=raw,
        content_type="application/xml",
        idempotency_key=None,
        channel="http",
    )
    answer = accept_record(hub, incoming, at=LONG_AGO)
    assert isinstance(answer, Accepted)
    assert process_accepted(hub, limit=10, at=LONG_AGO) == 1
