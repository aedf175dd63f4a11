"""One child of a service that goes on in another one with the same mission and regime.

The successor holds what the old service held: its care relation, its statements, and what it was
still to receive. The family's grants stay as they were given; the engine lets them follow.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from adapters.registry import ADAPTERS
from gateway.exchange.disclose import shareable
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes.end_routes import close_routes
from gateway.exchange.records.amendments import hand_over_amendment
from gateway.exchange.services.take_statements import take_statements
from gateway.exchange.succession import goes_on_as
from gateway.fhir.ended import DELETED
from gateway.store import access_log, outbox, resources, scopes, statements, stopping, succession
from gateway.store.engine import Transaction
from gateway.store.partners import Partner


def hand_over_memory(tx: Transaction, hub: Hub, old: str, into: str) -> None:
    """Let all that a service took back, changed or was complete for count for its successor.

    At the moment of the merger, so that no delivery of either is ever weighed without it: the
    caller holds both services, and nothing of theirs is being stored. The statements follow child
    by child.
    """
    statements.hand_over(tx, old, into)
    for one in statements.amendments_left(tx, old):
        hand_over_amendment(tx, hub, one, old, into)
    for newest in scopes.hand_over(tx, old, into, sources=ADAPTERS):
        gone = scopes.left_out(tx, into, newest.scope, newest.order)
        statements.record_ends(
            tx, into, gone, ending=DELETED, asserted_at=newest.order, receipt=newest.receipt
        )


def children_overtaken(tx: Transaction, old: Partner, into: str) -> tuple[UUID, ...]:
    """Return about whom the successor's own statements must be looked at again."""
    return statements.overtaken(tx, (old.id, *old.predecessors), into)


def lock_successor(tx: Transaction, old: str, into: str) -> None:
    """Take what comes before a child in the order of locks: the service, and its sources.

    So nothing of the successor's is taken back while what it takes over is looked at.
    """
    goes_on_as(tx, old)
    for source in sorted(ADAPTERS):
        statements.lock_source(tx, into, source, alone=False)


def take_over(
    tx: Transaction, hub: Hub, child: UUID, old: Partner, into: str, *, at: datetime
) -> Counter[str]:
    """Hand over one child; a second time changes nothing.

    The caller holds what `lock_successor` takes, and then the child's lock.
    """
    waiting = succession.unread(tx, child, old.id)
    spoken = succession.unread_on_routes(tx, child, old.id)
    ended = succession.move_routes(tx, child, old.id, into, at=at)
    close_routes(tx, child, ended, at=at)
    succession.move_requests(tx, child, old.id, into, at=at)
    keys = stopping.destroy_of_partner(tx, child, old.id, at=at)
    cared = succession.end_care(tx, child, old.id, at=at)
    moved, clashed = take_statements(tx, hub, child, old, into, at=at)
    going_on = [(part, route) for part, route in spoken if route not in ended]
    outbox.queue(tx, _due_on_routes(tx, child, into, going_on), at=at)
    if cared:
        succession.begin_care(tx, child, into, at=at)
        outbox.queue(tx, _due(tx, child, into, waiting), at=at)
    changed = cared or clashed or moved + keys > 0
    if changed:
        access_log.append(tx, _line(child, old.id, into, at=at))
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
