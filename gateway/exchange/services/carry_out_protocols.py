"""Carry out what protocols end and begin, child by child, each under its lock.

A decision never waits for this: a protocol that ended, or whose last day passed, covers nothing.
What follows here is that the keys of what was not opened are destroyed, and that what a new
protocol lets go is queued. What breaks off is taken up by the next command or by the calendar.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from gateway.clock import brussels_date
from gateway.exchange.child_by_child import Told, child_by_child
from gateway.exchange.families.stop_sharing import opened_by
from gateway.exchange.hub import Hub
from gateway.exchange.services.protocol_line import ended_line
from gateway.store import (
    access_log,
    calendar,
    children,
    outbox,
    partners,
    protocols,
    resources,
)
from gateway.store.engine import Transaction, transaction
from gateway.store.protocols import Flow, Protocol

_RULE: Final = "G2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What was done: protocols that ended by their day, children whose keys went, and failures."""

    ended: int = 0
    stopped: int = 0
    queued: int = 0
    failed: int = 0


def carry_out_protocols(hub: Hub, *, at: datetime, told: Told = lambda: False) -> Carried:
    """End what is over, destroy what that leaves, and queue what began; again changes nothing."""
    today = brussels_date(at)
    done = Counter(ended=_end_passed(hub, today, at=at))
    done += _settle_register(hub, today, at=at, told=told)
    done += _settle_ends(hub, at=at, told=told)
    done += _open(hub, today, at=at, told=told)
    return Carried(**done)


def _end_passed(hub: Hub, today: date, *, at: datetime) -> int:
    """Mark the protocols whose last day passed; from then on every clock finds them ended."""
    with transaction(hub.engine) as tx:
        if not protocols.passed(tx, today):
            return 0
        register = protocols.hold(tx)
        over = protocols.passed(tx, today)
        followed = [one for one in over if _goes_on(one, protocols.of_flow(tx, one.flow))]
        none_needed = over if register.in_force_at is None else followed
        for settled in (True, False):
            ids = [one.id for one in over if (one in none_needed) is settled]
            protocols.end(tx, ids, settled=settled, at=at)
        access_log.append(tx, *(ended_line(one, actor="hub", at=at) for one in over))
    return len(over)


def _goes_on(ended: Protocol, of_flow: Iterable[Protocol]) -> bool:
    """Whether another protocol covers the flow from the next day: then nothing lapses."""
    assert ended.until is not None
    return any(one.since == ended.until + timedelta(days=1) for one in of_flow)


def _settle_register(hub: Hub, today: date, *, at: datetime, told: Told) -> Counter[str]:
    """Destroy the keys of each flow that had no protocol when the register came in force."""
    with transaction(hub.engine) as tx:
        if not protocols.needs_settling(tx):
            return Counter()
        everybody = partners.everyone(tx)
    for partner in everybody:
        with transaction(hub.engine) as tx:
            protocols.wait_for_sealing(tx, partner.id)
    with transaction(hub.engine) as tx:
        covered = {one.flow for one in protocols.everyone(tx) if one.covers(today)}
        waiting = sorted(protocols.flows(tx) - covered)
    done: Counter[str] = Counter()
    for flow in waiting:
        done += _stop_flow(hub, flow, protocols.needs_settling, at=at, told=told)
    if not done["failed"] and not told():
        with transaction(hub.engine) as tx:
            protocols.settle_register(tx, at=at)
    return done


def _settle_ends(hub: Hub, *, at: datetime, told: Told) -> Counter[str]:
    with transaction(hub.engine) as tx:
        waiting = protocols.to_settle(tx)
    done: Counter[str] = Counter()
    for one in waiting:
        still = partial(protocols.waits_to_settle, protocol_id=one.id)
        stopped = _stop_flow(hub, one.flow, still, at=at, told=told)
        _mark(hub, one, "settled", stopped, at=at, told=told)
        done += stopped
    return done


def _open(hub: Hub, today: date, *, at: datetime, told: Told) -> Counter[str]:
    """Queue what the protocols that began let go; before the register is in force all goes."""
    with transaction(hub.engine) as tx:
        in_force = protocols.in_force_since(tx) is not None
        begun = protocols.to_open(tx, today)
    done: Counter[str] = Counter()
    for one in begun:
        queued = _open_flow(hub, one.flow, today, at=at, told=told) if in_force else Counter[str]()
        _mark(hub, one, "opened", queued, at=at, told=told)
        done += queued
    return done


def _mark(
    hub: Hub, one: Protocol, what: str, done: Counter[str], *, at: datetime, told: Told
) -> None:
    """Remember that it was carried out, unless something is left for the next run."""
    if not done["failed"] and not told():
        with transaction(hub.engine) as tx:
            protocols.mark(tx, one.id, what, at=at)


def _stop_flow(
    hub: Hub, flow: Flow, still: Callable[[Transaction], bool], *, at: datetime, told: Told
) -> Counter[str]:
    with transaction(hub.engine) as tx:
        # Who seals at this moment may have decided before the end.
        protocols.wait_for_sealing(tx, flow.to)
        waiting = protocols.children_with_keys(tx, flow)
    return child_by_child(hub, waiting, partial(_stop, flow=flow, still=still, at=at), told=told)


def _open_flow(hub: Hub, flow: Flow, today: date, *, at: datetime, told: Told) -> Counter[str]:
    with transaction(hub.engine) as tx:
        waiting = protocols.children_granted(tx, flow, today=today)
    return child_by_child(hub, waiting, partial(_queue, flow=flow, today=today, at=at), told=told)


def _stop(
    tx: Transaction,
    child: UUID,
    *,
    flow: Flow,
    still: Callable[[Transaction], bool],
    at: datetime,
) -> Counter[str]:
    """Nobody who read is told: the family's yes stands, and a gate that closed ends no decision."""
    if not still(tx):
        # Another process finished it; what hangs there now may be of a newer protocol.
        return Counter()
    classes = protocols.destroy_keys(tx, child, flow, at=at)
    if not classes:
        return Counter()
    entry = access_log.Entry(
        at=at,
        act="sharing_stopped",
        actor="hub",
        partner=flow.to,
        role="system",
        child=child,
        classes=tuple(classes),
        outcome="done",
        rules=(_RULE,),
    )
    access_log.append(tx, entry)
    return Counter(stopped=1)


def _queue(tx: Transaction, child: UUID, *, flow: Flow, today: date, at: datetime) -> Counter[str]:
    """Queue what running grants open of this source; sealing decides about each."""
    if flow.to not in children.services_around(tx, child, at=at):
        return Counter()
    said = {part.id for part in resources.of_child(tx, child) if part.partner == flow.source}
    names = protocols.names_of(tx, flow.to)
    due: dict[UUID | None, outbox.Due] = {}
    for grant in calendar.running(tx, child):
        runs = grant.contested_at is None and grant.until is not None and grant.until >= today
        if grant.effect == "grant" and grant.partner in names and runs:
            found = opened_by(tx, replace(grant, partner=flow.to))
            due |= {one.resource: one for one in found if one.resource in said}
    outbox.queue(tx, due.values(), at=at)
    return Counter(queued=len(due))
