"""Give a recipient the key of a message it holds: the point of no return of a disclosure.

Decided again on current facts and logged before the answer; once denied, the key is destroyed
and the message can never be read, wherever it lies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from consent.edition import EDITION
from consent.model import Ground, SegmentDecision
from gateway.exchange.check_keys import opens_nothing
from gateway.exchange.deliveries.decide_delivery import latest_of_each
from gateway.exchange.disclose import GOES, Judged, judge, rests_on, shareable
from gateway.exchange.grounds.family_silence import by_purpose
from gateway.exchange.grounds.route_ground import RunningRoute, running
from gateway.exchange.hub import Hub
from gateway.fhir.capability import READ_TYPES
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import content_jwk
from gateway.observability import Event, warn
from gateway.store import access_log, children, facts, message_keys, outbox, resources
from gateway.store.decision_basis import Basis
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.facts import Held
from gateway.store.outbox import UPDATED
from gateway.store.resources import StoredResource
from gateway.store.vault import AnotherKey, Unreadable

MOST_IDS = 500
RELEASED, GONE = "released", "gone"
# The log's reason when there is nothing left to decide about.
KEY_DESTROYED = "key_destroyed"
ACT = "key_release"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAnswer:
    """A key, or the plain fact that there is none: unknown, not yours and withdrawn are alike."""

    id: str
    state: str
    jwk: dict[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was decided about one message; nothing when no key is left to decide about."""

    item: Judged | None = None
    basis: Basis | None = None
    purpose: str | None = None
    """For which it was decided: the message's own, or that for which the family said no."""

    @property
    def decision(self) -> SegmentDecision | None:
        return self.item.decision if self.item else None


_NOTHING = _Found()


class _About(TypedDict):
    recipient: str
    child: UUID
    ground: Ground | None
    at: datetime


def release_keys(
    hub: Hub, caller: PartnerCaller, ids: Sequence[str], *, at: datetime
) -> tuple[KeyAnswer, ...]:
    """Answer every asked id in order; at most 500 a call (the edge checks)."""
    wanted = {text: _uuid(text) for text in ids}
    known = [found for found in wanted.values() if found is not None]
    with transaction(hub.engine) as tx:
        own = outbox.children_of(tx, caller.partner, known)
        children.lock_all_shared(tx, own.values())
        rows = outbox.lock_deliveries(tx, caller.partner, sorted(own))
        answers = _decide(tx, hub, caller, rows, at=at)
        _log_unknown(tx, caller, set(wanted) - {str(found) for found in own}, at=at)
    return tuple(answers.get(text) or KeyAnswer(id=text, state=GONE) for text in ids)


def _decide(
    tx: Transaction,
    hub: Hub,
    caller: PartnerCaller,
    rows: Sequence[AnyRow],
    *,
    at: datetime,
) -> dict[str, KeyAnswer]:
    damaged: set[UUID] = set()
    keys = _keys(tx, hub, rows, damaged)
    # What was sealed was allowed by then, also when this process' clock is behind: a denial
    # would destroy the key for good. Of each child alone, as the clock of another may be ahead.
    moments = latest_of_each(at, ((row.child, row.sealed_at) for row in rows))
    there = [row for row in rows if row.id in keys and row.kind == UPDATED]
    judged = _judged(tx, hub, caller.partner, there, damaged, moments=moments)
    found = {row.id: judged.get(row.id, _NOTHING) for row in rows}
    goes = {row.id: still_goes(found[row.id].decision, row.effect) for row in rows}
    outbox.mark_released(tx, [one for one in goes if goes[one]], at=at)
    # What is damaged was not decided about: its key may come back from a backup.
    over = [row.id for row in rows if not goes[row.id] and row.kind == UPDATED]
    outbox.destroy_keys(tx, [one for one in over if one not in damaged], at=at)
    if rows:
        lines = (_log_line(row, found[row.id], at=moments[row.child]) for row in rows)
        access_log.append(tx, *lines)
    if damaged:
        warn(Event.KEYS_DAMAGED, partner=caller.partner, count=len(damaged))
    return {str(row.id): _answer(row, keys[row.id]) for row in rows if goes[row.id]}


def _keys(
    tx: Transaction, hub: Hub, rows: Sequence[AnyRow], damaged: set[UUID]
) -> Mapping[UUID, bytes]:
    """Return the keys that are left; what is damaged is added to `damaged` and stops no other."""
    try:
        return message_keys.content_keys(tx, hub.vault, rows)
    except Unreadable as error:
        _refuse_another_key(hub, error)
    keys: dict[UUID, bytes] = {}
    for row in rows:
        try:
            keys |= message_keys.content_keys(tx, hub.vault, [row])
        except Unreadable:
            damaged.add(row.id)
    return keys


def _refuse_another_key(hub: Hub, error: Exception) -> None:
    # Whoever hears that a message is gone never asks again: not for a hub with a wrong key.
    if opens_nothing(hub):
        raise AnotherKey from error


def _judged(
    tx: Transaction,
    hub: Hub,
    partner: str,
    open_rows: Sequence[AnyRow],
    damaged: set[UUID],
    *,
    moments: Mapping[UUID, datetime],
) -> dict[UUID, _Found]:
    """Decide about the messages whose key still exists, per child, purpose and legal route.

    What cannot be decided, because the child's key or facts are damaged, is added to `damaged`.
    """
    if not open_rows:
        return {}
    found: dict[UUID, _Found] = {}
    # Read after the keys: the children's locks are shared already.
    asked = [(row.child, partner) for row in open_rows]
    held = facts.load_locked(tx, asked, READ_TYPES, wait=True)
    for (child, purpose, route), group in _grouped(open_rows).items():
        at = moments[child]
        by_law = running(tx, hub, route, at=at) if route else None
        if route and by_law is None:
            continue
        # On a legal route types go that nobody reads otherwise.
        of_child = resources.of_child(tx, child) if route else held.parts.get(child, ())
        known = {part.id: part for part in _carried(of_child, by_law)}
        parts = [known[one] for one in sorted({row.resource for row in group} & set(known))]
        try:
            by_resource = _decided(
                tx, hub, partner, child, parts, purpose=purpose, by_law=by_law, held=held, at=at
            )
        except Unreadable as error:
            _refuse_another_key(hub, error)
            damaged |= {row.id for row in group}
            continue
        nothing = by_resource.get(None, _NOTHING)
        found |= {row.id: by_resource.get(row.resource, nothing) for row in group}
    return found


def _grouped(rows: Iterable[AnyRow]) -> dict[tuple[UUID, str, UUID | None], list[AnyRow]]:
    grouped: dict[tuple[UUID, str, UUID | None], list[AnyRow]] = defaultdict(list)
    for row in rows:
        grouped[row.child, row.purpose, row.route].append(row)
    return grouped


def _decided(
    tx: Transaction,
    hub: Hub,
    partner: str,
    child: UUID,
    parts: list[StoredResource],
    *,
    purpose: str,
    by_law: RunningRoute | None,
    held: Held,
    at: datetime,
) -> dict[UUID | None, _Found]:
    """Decide about resources; under None stands what a line about another one rests on."""
    found: dict[UUID | None, _Found] = {}
    ground = by_law.ground if by_law else None
    about: _About = {"recipient": partner, "child": child, "ground": ground, "at": at}
    grouped = by_purpose(tx, hub, parts=parts, purpose=purpose, **about)
    for one, group in (grouped or {purpose: []}).items():
        judgement = judge(tx, hub, parts=group, purpose=one, kind="routed", held=held, **about)
        basis = rests_on(hub, ACT, judgement)
        found[None] = _Found(basis=basis, purpose=one)
        for item in judgement.judged if judgement else ():
            found[item.stored.id] = _Found(item=item, basis=basis, purpose=one)
    return found


def _carried(
    parts: Iterable[StoredResource], by_law: RunningRoute | None
) -> Iterable[StoredResource]:
    return by_law.carries(parts) if by_law else filter(shareable, parts)


def still_goes(decision: SegmentDecision | None, sealed_as: str | None) -> bool:
    """Whether a message may be opened: not if it was sealed whole and only an extract may go."""
    if decision is None or decision.effect not in GOES:
        return False
    return decision.effect == "permit" or sealed_as == "extract"


def _answer(row: AnyRow, key: bytes) -> KeyAnswer:
    return KeyAnswer(id=str(row.id), state=RELEASED, jwk=content_jwk(key, str(row.id)))


def _log_line(row: AnyRow, found: _Found, *, at: datetime) -> access_log.Entry:
    item, goes = found.item, still_goes(found.decision, row.effect)
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=row.partner,
        partner=row.partner,
        role="system",
        purpose=found.purpose or row.purpose,
        child=row.child,
        resources=(f"{row.resource}/{row.version}",) if goes else (),
        classes=(item.stored.data_class,) if item and goes else (),
        outcome=_outcome(item) if item and goes else "deny",
        rules=(item.decision.rule,) if item else (KEY_DESTROYED,),
        consents=tuple(UUID(one) for one in item.decision.consents) if item else (),
        correlation=str(row.id),
        basis=found.basis,
        rules_version=EDITION if found.basis else None,
    )


def _outcome(item: Judged) -> str:
    return "permit" if item.decision.effect == "permit" else "redact"


def _log_unknown(
    tx: Transaction, caller: PartnerCaller, unknown: set[str], *, at: datetime
) -> None:
    if unknown:
        entry = access_log.Entry(
            at=at,
            act=ACT,
            actor=caller.partner,
            partner=caller.partner,
            role="system",
            outcome="deny",
        )
        access_log.append(tx, *([entry] * len(unknown)))


def _uuid(text: str) -> UUID | None:
    """Only the spelling that `ce_id` has; another one is nobody's message."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
