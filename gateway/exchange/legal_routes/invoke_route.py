"""A holder speaks without consent on a legal route: record, decide, log and queue, all at once.

The exception belongs to the holder who speaks (rules of sharing, A1): it names its own statements
exactly, and nothing else ever goes on this route. What is queued is decided again when it goes.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict
from uuid import UUID, uuid4

import orjson

from consent.explain import reason
from consent.model import Ground, SegmentDecision
from gateway.exchange.disclose import Judged, Judgement, judge
from gateway.exchange.families.tell_family import tell_family
from gateway.exchange.grounds.family_silence import by_purpose
from gateway.exchange.grounds.route_ground import ground_of, may_be_spoken, waits
from gateway.exchange.grounds.route_record import RouteRecord
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, outbox, partners, relays, resources, routes
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.resources import StoredResource
from gateway.store.routes import NewRoute

ACT: Final = "legal_route"
REVIEW_WITHIN: Final = timedelta(hours=72)
REVIEW: Final = "review_72h"
GOES, WAITS, STAYS = "goes", "waits", "stays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What a holder wants to say, to whom and on which ground; `record` is complete."""

    to: str
    patient: str
    resources: tuple[str, ...]
    purpose: str
    record: RouteRecord
    language: str
    idempotency_key: str | None
    said: str
    """All of it as one text, to tell a repeat from something new under the same key."""
    answers: str | None = None
    """The id of a relayed request that this answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What becomes of one resource: it goes, waits or stays, and why."""

    id: str
    state: str
    extract: bool
    rule: str
    why: str
    waits_for: str
    obligations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoked:
    """The answer; without a `route` nothing goes, and no record was kept."""

    route: str | None
    resources: tuple[Spoken, ...]
    ends_at: datetime | None = None
    review_due_at: datetime | None = None
    family_told_from: datetime | None = None
    repeated: bool = False


class NotYours:
    """Unknown child, unknown resource and another's resource are all the same."""


class KeyReused:
    """The idempotency key belongs to another invocation."""


class UnknownRecipient:
    """No service has this id, or it is the caller itself."""


Refusal = NotYours | KeyReused | UnknownRecipient


class _About(TypedDict):
    recipient: str
    child: UUID
    ground: Ground
    at: datetime


def invoke_route(
    hub: Hub, caller: PartnerCaller, asked: Invocation, *, at: datetime
) -> Invoked | Refusal:
    """Decide about each resource with the ground; what goes is recorded, queued, logged, told."""
    key_hash, said = _hashes(hub, asked)
    with transaction(hub.engine) as tx:
        if asked.to == caller.partner or partners.find(tx, asked.to) is None:
            return UnknownRecipient()
        children.lock_lookup(tx, key_hash)
        key_hash, known = _known(tx, hub, caller.partner, asked, key_hash, at=at)
        if known is not None:
            return _again(tx, hub, known, at=at) if known.said == said else KeyReused()
        child = hub.vault.resolve(caller.partner, asked.patient)
        if child is None:
            return _not_yours(tx, caller, asked, at=at)
        children.lock(tx, child)
        parts = _own_parts(tx, hub, caller.partner, child, asked.resources)
        judgement = _judge(tx, hub, asked, child, parts, at=at) if parts else None
        if judgement is None:
            return _not_yours(tx, caller, asked, at=at)
        one = _Route.of(asked, caller.partner, child, judgement, at=at)
        return _settle(tx, hub, one, key_hash, said, at=at)


def refuse_incomplete(hub: Hub, caller: PartnerCaller, purpose: str, *, at: datetime) -> None:
    """Log that a holder wanted to speak and could not yet; what it wrote is not kept."""
    with transaction(hub.engine) as tx:
        access_log.append(tx, _line(caller.partner, purpose, "refused", at=at))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """An invocation that was decided, with what follows from it."""

    id: UUID
    asked: Invocation
    source: str
    child: UUID
    judgement: Judgement
    review_due_at: datetime | None
    tell_at: datetime

    @classmethod
    def of(
        cls, asked: Invocation, source: str, child: UUID, judgement: Judgement, *, at: datetime
    ) -> "_Route":
        record, obliged = asked.record, _obligations(judgement)
        # Who puts off telling the family has somebody look at that too.
        reviewed = REVIEW in obliged or record.tell_at is not None
        return cls(
            id=uuid4(),
            asked=asked,
            source=source,
            child=child,
            judgement=judgement,
            review_due_at=at + REVIEW_WITHIN if reviewed else None,
            tell_at=record.tell_at or at,
        )

    @property
    def carried(self) -> tuple[Judged, ...]:
        """Return what goes or waits by law; what the family lets go was sent on its consent."""
        return tuple(item for item in self.judgement.judged if _by_law(item.decision))


def _settle(
    tx: Transaction, hub: Hub, one: _Route, key_hash: bytes, said: bytes, *, at: datetime
) -> Invoked:
    answer = _answer(hub, one)
    access_log.append(tx, _decided(one, at=at))
    if one.carried:
        _save(tx, one, answer, key_hash, said, at=at)
        outbox.queue(tx, _due(one), at=at)
        _close_relayed(tx, one, at=at)
        _tell(tx, hub, one, at=at)
    return answer


def _tell(tx: Transaction, hub: Hub, one: _Route, *, at: datetime) -> None:
    tell_family(tx, hub, one.child, one.id, recipient=one.asked.to, release_at=one.tell_at, at=at)


def _save(
    tx: Transaction, one: _Route, answer: Invoked, key_hash: bytes, said: bytes, *, at: datetime
) -> None:
    asked = one.asked
    new = NewRoute(
        id=one.id,
        child=one.child,
        ground=asked.record.ground,
        source=one.source,
        recipient=asked.to,
        purpose=asked.purpose,
        resources=tuple(item.stored.id for item in one.carried),
        idempotency_key=key_hash,
        said=said,
        invoked_at=at,
        ends_at=asked.record.ends_at,
        review_due_at=one.review_due_at,
        notify_at=one.tell_at,
    )
    content = {"record": asked.record.written, "answer": asdict(answer)}
    routes.save(tx, one.judgement.key, new, orjson.dumps(content))


def _due(one: _Route) -> Iterable[outbox.Due]:
    for item in one.carried:
        yield outbox.Due(
            partner=one.asked.to,
            child=one.child,
            resource=item.stored.id,
            version=item.stored.version,
            kind=outbox.UPDATED,
            route=one.id,
            state="held" if _state(item.decision) == WAITS else "due",
        )


def _close_relayed(tx: Transaction, one: _Route, *, at: datetime) -> None:
    try:
        relayed = UUID(one.asked.answers or "")
    except ValueError:
        return
    relays.answer(tx, relayed, holder=one.source, child=one.child, to=one.asked.to, at=at)


def _own_parts(
    tx: Transaction, hub: Hub, source: str, child: UUID, names: Iterable[str]
) -> list[StoredResource] | None:
    """Return exactly the resources that were named, or None if one is not the caller's own."""
    wanted = {hub.vault.resolve(source, name) for name in names}
    known = resources.of_child(tx, child)
    parts = [part for part in known if part.id in wanted and may_be_spoken(part, source)]
    return parts if len(parts) == len(wanted) else None


def _judge(
    tx: Transaction,
    hub: Hub,
    asked: Invocation,
    child: UUID,
    parts: list[StoredResource],
    *,
    at: datetime,
) -> Judgement | None:
    about: _About = {
        "recipient": asked.to,
        "child": child,
        "ground": ground_of(asked.record.ground, asked.record.written),
        "at": at,
    }
    grouped = by_purpose(tx, hub, parts=parts, purpose=asked.purpose, **about)
    found = [
        judge(tx, hub, parts=group, purpose=purpose, kind="routed", **about)
        for purpose, group in grouped.items()
    ]
    known = [one for one in found if one is not None]
    if not known:
        return None
    return replace(known[0], judged=tuple(item for one in known for item in one.judged))


def _answer(hub: Hub, one: _Route) -> Invoked:
    spoken = tuple(_spoken(hub, one, item) for item in one.judgement.judged)
    if not one.carried:
        return Invoked(route=None, resources=spoken)
    return Invoked(
        route=str(one.id),
        resources=spoken,
        ends_at=one.asked.record.ends_at,
        review_due_at=one.review_due_at,
        family_told_from=one.tell_at,
    )


def _spoken(hub: Hub, one: _Route, item: Judged) -> Spoken:
    decision = item.decision
    return Spoken(
        id=hub.vault.pairwise(one.source, item.stored.id),
        state=_state(decision),
        extract=decision.effect == "extract",
        rule=decision.rule,
        why=reason(decision.rule, one.asked.language),
        waits_for=decision.waits_for,
        obligations=tuple(sorted(decision.obligations)),
    )


def _state(decision: SegmentDecision) -> str:
    if decision.effect in {"permit", "extract"}:
        return GOES
    return WAITS if waits(decision) else STAYS


def _by_law(decision: SegmentDecision) -> bool:
    state = _state(decision)
    return state == WAITS or (state == GOES and decision.rule.startswith("L"))


def _obligations(judgement: Judgement) -> frozenset[str]:
    return frozenset[str]().union(
        *(item.decision.obligations for item in judgement.judged if item.goes)
    )


def _known(
    tx: Transaction, hub: Hub, source: str, asked: Invocation, key_hash: bytes, *, at: datetime
) -> tuple[bytes, AnyRow | None]:
    """Return the route that this repeats, if any, with the key of that one or of a new one.

    Without a key of the caller the same words after a route's end are a new route: the next in a
    chain.
    """
    known = routes.find_by_key(tx, source, key_hash)
    while known is not None and asked.idempotency_key is None and not routes.runs(known, at=at):
        key_hash = hub.vault.lookup("route_key", f"{key_hash.hex()}/{known.id}")
        known = routes.find_by_key(tx, source, key_hash)
    return key_hash, known


def _again(tx: Transaction, hub: Hub, known: AnyRow, *, at: datetime) -> Invoked | Refusal:
    """Return the answer of then; of a route that has ended, that nothing goes any more."""
    key = children.key_of(tx, hub.vault, known.child)
    if key is None:
        return NotYours()
    told: dict[str, Any] = orjson.loads(routes.content_of(key, known))["answer"]
    spoken = tuple(
        Spoken(**{**one, "obligations": tuple(one["obligations"])}) for one in told["resources"]
    )
    moments = {
        name: datetime.fromisoformat(told[name]) if told[name] else None
        for name in ("ends_at", "review_due_at", "family_told_from")
    }
    found = Invoked(route=told["route"], resources=spoken, repeated=True, **moments)
    if routes.runs(known, at=at):
        return found
    over = tuple(replace(one, state=STAYS, waits_for="", obligations=()) for one in spoken)
    return replace(found, resources=over, ends_at=known.ended_at or found.ends_at)


def _hashes(hub: Hub, asked: Invocation) -> tuple[bytes, bytes]:
    said = hub.vault.lookup("route_said", asked.said)
    return hub.vault.lookup("route_key", asked.idempotency_key or said.hex()), said


def _not_yours(
    tx: Transaction, caller: PartnerCaller, asked: Invocation, *, at: datetime
) -> NotYours:
    access_log.append(tx, _line(caller.partner, asked.purpose, "deny", at=at))
    return NotYours()


def _line(source: str, purpose: str, outcome: str, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=source,
        partner=source,
        role="system",
        purpose=purpose,
        outcome=outcome,
    )


def _decided(one: _Route, *, at: datetime) -> access_log.Entry:
    released = one.judgement.released
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=one.source,
        partner=one.source,
        role="system",
        purpose=one.asked.purpose,
        child=one.child,
        resources=(
            f"to/{one.asked.to}",
            f"route/{one.id}",
            *(f"{item.stored.id}/{item.stored.version}" for item in released),
        ),
        classes=tuple(sorted({item.stored.data_class for item in released})),
        outcome="hold" if one.carried and not released else one.judgement.outcome,
        rules=one.judgement.rules,
        consents=one.judgement.consents,
        correlation=str(one.id),
    )
