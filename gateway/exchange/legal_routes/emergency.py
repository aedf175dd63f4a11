"""A doctor pulls what is needed tonight (rule L7): recorded, decided and logged, then answered.

An unknown child, nothing held and a service that may not are the same nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import orjson

from consent.edition import EDITION
from consent.model import Ground
from consent.vocabulary import EMERGENCY_CLASSES
from gateway.exchange.disclose import (
    Disclosed,
    Judged,
    Judgement,
    judge,
    rests_on,
    shape,
    shareable,
)
from gateway.exchange.families.tell_family import tell_family
from gateway.exchange.grounds.route_record import EMERGENCY, RouteRecord
from gateway.exchange.hub import Hub
from gateway.exchange.identities.find_child import find_named
from gateway.exchange.legal_routes.invoke_route import REVIEW_WITHIN
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, resources, routes
from gateway.store.engine import Transaction, transaction
from gateway.store.routes import NewRoute

ACT: Final = "emergency_access"
PURPOSE: Final = "care"
RULE: Final = "L7"
"""What the family lets this service have anyway is read in the ordinary way, not with this."""
DOCTOR: Final = "doctor"
"""Who reads, in the engine's facts; the caller's own name for that person is in the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Which child, by pseudonym or national number; who treats it, and the complete record."""

    patient: str | None
    insz: str | None
    doctor: str
    record: RouteRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What the doctor may read until `expires_at`; nothing has no obligations."""

    found: tuple[Disclosed, ...] = ()
    obligations: tuple[str, ...] = ()
    expires_at: datetime | None = None


def pull_in_emergency(hub: Hub, caller: PartnerCaller, call: Emergency, *, at: datetime) -> Pulled:
    """Decide for a medical professional of the caller, log, tell the family, and answer."""
    with transaction(hub.engine) as tx:
        child = find_named(tx, hub, caller.partner, patient=call.patient, insz=call.insz)
        reading = _Reading(
            partner=caller.partner,
            child=child,
            judgement=_judge(tx, hub, caller.partner, child, at=at) if child else None,
            route=uuid4(),
        )
        access_log.append(tx, _line(hub, reading, at=at))
        if reading.going:
            _record(tx, hub, reading, call, at=at)
    return _pulled(hub, reading, call.record)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One pull that was decided; `route` names it in the log, also when nothing goes."""

    partner: str
    child: UUID | None
    judgement: Judgement | None
    route: UUID

    @property
    def going(self) -> tuple[Judged, ...]:
        released = self.judgement.released if self.judgement else ()
        return tuple(item for item in released if item.decision.rule == RULE)

    @property
    def told(self) -> tuple[Judged, ...]:
        """Return what goes by this rule and what a rule kept here."""
        judged = self.judgement.judged if self.judgement else ()
        return tuple(item for item in judged if not item.goes or item.decision.rule == RULE)

    @property
    def outcome(self) -> str:
        """Return permit, redact or deny for the whole."""
        if self.judgement is None or not self.going:
            return "deny"
        whole = [item for item in self.going if item.decision.effect == "permit"]
        return "permit" if len(whole) == len(self.judgement.judged) else "redact"


def _judge(
    tx: Transaction, hub: Hub, partner: str, child: UUID, *, at: datetime
) -> Judgement | None:
    # Alone: what is pulled is also written down.
    children.lock(tx, child)
    parts = [
        part
        for part in resources.of_child(tx, child)
        if part.data_class in EMERGENCY_CLASSES and shareable(part)
    ]
    return judge(
        tx,
        hub,
        recipient=partner,
        child=child,
        parts=parts,
        purpose=PURPOSE,
        kind="pull",
        ground=Ground(kind=EMERGENCY, record="complete"),
        doctor=DOCTOR,
        at=at,
    )


def _record(tx: Transaction, hub: Hub, reading: _Reading, call: Emergency, *, at: datetime) -> None:
    child, judgement, partner = reading.child, reading.judgement, reading.partner
    assert child is not None
    assert judgement is not None
    new = NewRoute(
        id=reading.route,
        child=child,
        ground=EMERGENCY,
        source=partner,
        recipient=partner,
        purpose=PURPOSE,
        resources=tuple(item.stored.id for item in reading.going),
        # Every pull is a new one: there is nothing to repeat.
        idempotency_key=reading.route.bytes,
        said=b"",
        invoked_at=at,
        ends_at=call.record.ends_at,
        review_due_at=at + REVIEW_WITHIN,
        notify_at=at,
    )
    written = {**call.record.written, "doctor": call.doctor}
    routes.save(tx, judgement.key, new, orjson.dumps({"record": written, "answer": None}))
    tell_family(tx, hub, child, reading.route, recipient=partner, release_at=at, at=at)


def _pulled(hub: Hub, reading: _Reading, record: RouteRecord) -> Pulled:
    if reading.judgement is None or not reading.going:
        return Pulled()
    found = tuple(
        shape(
            hub,
            reading.partner,
            reading.judgement.key,
            item.stored,
            extract=item.decision.effect == "extract",
        )
        for item in reading.going
    )
    obliged = frozenset[str]().union(*(item.decision.obligations for item in reading.going))
    return Pulled(found=found, obligations=tuple(sorted(obliged)), expires_at=record.ends_at)


def _line(hub: Hub, reading: _Reading, *, at: datetime) -> access_log.Entry:
    judgement, going = reading.judgement, reading.going
    # Where nothing is held the rules were not asked, and there is nothing to keep.
    asked = judgement if judgement and judgement.judged else None
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=reading.partner,
        partner=reading.partner,
        role="medical",
        purpose=PURPOSE,
        child=reading.child if judgement else None,
        resources=tuple(f"{item.stored.id}/{item.stored.version}" for item in going),
        classes=tuple(sorted({item.stored.data_class for item in going})),
        outcome=reading.outcome,
        rules=tuple(sorted({item.decision.rule for item in reading.told})),
        consents=tuple(
            sorted({UUID(one) for item in reading.told for one in item.decision.consents})
        ),
        basis=rests_on(hub, ACT, asked),
        rules_version=EDITION if asked else None,
        correlation=str(reading.route),
    )
