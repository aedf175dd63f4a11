"""End what nobody decided to end: keys of what may no longer go are destroyed, readers are told.

What may go is asked of the same code as a release, so that a message that another decision still
carries stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.exchange.disclose import GOES, Judged, judge, shareable
from gateway.exchange.hub import Hub
from gateway.exchange.succession import heir_of
from gateway.store import access_log, calendar, consents, facts, outbox, resources, stopping
from gateway.store.engine import AnyRow, Transaction
from gateway.store.facts import Held
from gateway.store.resources import StoredResource

# A gate that is closed for a while ends no decision of the family: its key stays, and whoever asks
# for it is decided about again. Nobody who read is told anything.
_GATES: Final = "G"


def stop_deliveries(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    *,
    partners: Iterable[str] | None,
    at: datetime,
    resting_on: UUID | None = None,
) -> int:
    """Stop what may no longer go to some services (None: to any); return how many keys went.

    With `resting_on` only messages sealed on that decision are looked at. The caller holds the
    child's lock. A legal route carries its own messages; those stay.
    """
    rows = stopping.open_deliveries(tx, child, partners, resting_on=resting_on)
    known = {part.id: part for part in resources.of_child(tx, child) if shareable(part)}
    destroyed, begun_by = 0, _last_given(tx, child, at=at)
    for (partner, purpose), group in sorted(_grouped(rows).items()):
        wanted = {row.resource for row in group}
        parts = [known[one] for one in sorted(wanted & set(known))]
        # What a service read before it merged lies with whoever goes on for it.
        heir = heir_of(tx, partner)
        judged = _judged(tx, hub, child, heir, parts=parts, purpose=purpose, at=at)
        stopped = [row for row in group if not _stays(row, judged.get(row.resource))]
        if stopped and begun_by > at:
            soon = _judged(tx, hub, child, heir, parts=parts, purpose=purpose, at=begun_by)
            stopped = [row for row in stopped if not _stays(row, soon.get(row.resource))]
        read = [row for row in stopped if row.state == "released" and row.resource in judged]
        keys = [row.id for row in stopped if row.key]
        outbox.destroy_keys(tx, keys, at=at)
        if read:
            stopping.tell(tx, heir, child, [row.id for row in read], at=at)
        if keys or read:
            access_log.append(tx, _line(child, heir, purpose, stopped, known, at=at))
            ended = [known[row.resource] for row in stopped if row.resource in known]
            _send_again(tx, hub, child, heir, ended, purpose=purpose, at=at)
        destroyed += len(keys)
    return destroyed


def _last_given(tx: Transaction, child: UUID, *, at: datetime) -> datetime:
    """Return when the last grant was given; after `at` where this process' clock is behind.

    What such a grant carries is not stopped: nobody could bring its keys back. What ended before
    `at` goes at neither instant.
    """
    running = calendar.running(tx, child)
    return max([at, *(one.since for one in running if one.effect == "grant")])


def _send_again(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    partner: str,
    ended: Iterable[StoredResource],
    *,
    purpose: str,
    at: datetime,
) -> None:
    """Queue what a grant for another purpose still carries; one message serves one purpose."""
    left = {part.id: part for part in ended if part.partner != partner}
    for other in consents.purposes_granted(tx, child, partner):
        if other == purpose or not left:
            continue
        has = outbox.delivered_versions(tx, child, partner, other)
        judged = _judged(tx, hub, child, partner, parts=left.values(), purpose=other, at=at)
        going = [left.pop(found) for found, item in judged.items() if item.goes]
        new = [part for part in going if (part.id, part.version) not in has]
        outbox.queue(tx, (_due(child, partner, part) for part in new), at=at)


def _due(child: UUID, partner: str, part: StoredResource) -> outbox.Due:
    return outbox.Due(
        partner=partner,
        child=child,
        resource=part.id,
        version=part.version,
        kind=outbox.UPDATED,
    )


def _grouped(rows: Iterable[AnyRow]) -> Mapping[tuple[str, str], list[AnyRow]]:
    grouped: dict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in rows:
        grouped[row.partner, row.purpose or ""].append(row)
    return grouped


def _judged(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    partner: str,
    *,
    parts: Iterable[StoredResource],
    purpose: str,
    at: datetime,
) -> Mapping[UUID, Judged]:
    found = judge(
        tx,
        hub,
        recipient=partner,
        child=child,
        parts=parts,
        purpose=purpose,
        kind="routed",
        at=at,
        held=_as_if_covered(tx, child, partner),
    )
    return {item.stored.id: item for item in found.judged} if found else {}


def _as_if_covered(tx: Transaction, child: UUID, partner: str) -> Held:
    """What a decision of the family still carries, whether or not a protocol covers the flow.

    The end of a protocol destroys keys of its own. Here it would hide that a consent ended.
    """
    stored = facts.load(tx, child, partner)
    known = {(child, partner): replace(stored, protocols=None)} if stored else {}
    return Held(locked=frozenset({child}), facts=known, parts={})


def _stays(row: AnyRow, item: Judged | None) -> bool:
    if item is None:
        return False
    if item.decision.rule.startswith(_GATES):
        return True
    if item.decision.effect not in GOES:
        return False
    return item.decision.effect == "permit" or row.effect == "extract"


def _line(
    child: UUID,
    partner: str,
    purpose: str,
    stopped: Sequence[AnyRow],
    known: Mapping[UUID, StoredResource],
    *,
    at: datetime,
) -> access_log.Entry:
    classes = {known[row.resource].data_class for row in stopped if row.resource in known}
    return access_log.Entry(
        at=at,
        act="sharing_stopped",
        actor="hub",
        partner=partner,
        role="system",
        purpose=purpose or None,
        child=child,
        classes=tuple(sorted(classes)),
        outcome="done",
    )
