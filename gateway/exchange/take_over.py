"""One child of a service that goes on in another one with the same mission and regime.

The successor holds what the old service held: its care relation, its statements, and what it was
still to receive. The family's grants stay as they were given; the engine lets them follow.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gateway.exchange.derive_diagnosis import derive_diagnoses
from gateway.exchange.disclose import shareable
from gateway.exchange.end_routes import close_routes
from gateway.exchange.hub import Hub
from gateway.exchange.settle_part import queue_changes
from gateway.store import access_log, children, outbox, resources, statements, stopping, succession
from gateway.store.engine import Transaction


def take_over(
    tx: Transaction, hub: Hub, child: UUID, old: str, into: str, *, at: datetime
) -> Counter[str]:
    """Hand over one child; a second time changes nothing. The caller holds the child's lock."""
    waiting = succession.unread(tx, child, old)
    untold = succession.stops_untold(tx, child, old)
    spoken = succession.unread_on_routes(tx, child, old)
    ended = succession.move_routes(tx, child, old, into, at=at)
    close_routes(tx, child, ended, at=at)
    succession.move_requests(tx, child, old, into, at=at)
    keys = stopping.destroy_of_partner(tx, child, old, at=at)
    cared = succession.end_care(tx, child, old, at=at)
    moved, clashed = succession.move_resources(tx, child, old, into)
    statements.hand_over(tx, old, into)
    if clashed:
        _derive_again(tx, hub, child, at=at)
    going_on = [(part, route) for part, route in spoken if route not in ended]
    outbox.queue(tx, _due_on_routes(tx, child, into, going_on), at=at)
    if cared:
        succession.begin_care(tx, child, into, at=at)
        outbox.queue(tx, _due(tx, child, into, waiting), at=at)
        outbox.queue(tx, (_stop(child, into, one) for one in untold), at=at)
    changed = cared or clashed or moved + keys > 0
    if changed:
        access_log.append(tx, _line(child, old, into, at=at))
    return Counter(children=int(changed))


def _due(tx: Transaction, child: UUID, into: str, waiting: Iterable[UUID]) -> Iterable[outbox.Due]:
    """Queue what the old service did not read yet; it is decided for the successor when it goes."""
    wanted = frozenset(waiting)
    for part in resources.of_child(tx, child):
        if part.id in wanted and part.partner != into and shareable(part):
            yield outbox.Due(
                partner=into,
                child=child,
                resource=part.id,
                version=part.version,
                kind=outbox.UPDATED,
            )


def _due_on_routes(
    tx: Transaction, child: UUID, into: str, spoken: Iterable[tuple[UUID, UUID]]
) -> Iterable[outbox.Due]:
    """Queue what a holder spoke of by law and the old service did not read yet."""
    known = {part.id: part for part in resources.of_child(tx, child)}
    for part, route in spoken:
        if part in known:
            yield outbox.Due(
                partner=into,
                child=child,
                resource=part,
                version=known[part].version,
                kind=outbox.UPDATED,
                route=route,
            )


def _stop(child: UUID, into: str, consent: UUID) -> outbox.Due:
    return outbox.Due(
        partner=into,
        child=child,
        resource=None,
        version=None,
        kind=outbox.WITHDRAWN,
        consent=consent,
    )


def _derive_again(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> None:
    """A statement gave way to the successor's own: the leading diagnoses may be others now."""
    key = children.key_of(tx, hub.vault, child)
    receipt = succession.last_receipt(tx, child)
    if key is not None and receipt is not None:
        changed = derive_diagnoses(tx, hub, key, child, receipt, at=at)
        queue_changes(tx, child, changed, at=at)


def _line(child: UUID, old: str, into: str, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="service_succeeded",
        actor="hub",
        partner=into,
        role="system",
        child=child,
        outcome="done",
        resources=(f"from/{old}",),
    )
