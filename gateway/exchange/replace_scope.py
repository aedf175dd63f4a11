"""Deliveries that are complete for something: what the newest one leaves out no longer stands.

A month of one location replaces itself whole. A source's picture of a child does too, but what left
it is only superseded, and a person is asked about diagnoses.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID

from adapters.contract import Part, Translation
from gateway.exchange.hub import Hub
from gateway.exchange.origin import Origin
from gateway.exchange.statement_names import key_name, picture_name, scope_name
from gateway.exchange.succession import goes_on_as
from gateway.fhir.ended import DELETED, SUPERSEDED
from gateway.fhir.standing import order_of
from gateway.store import scopes, statements
from gateway.store.engine import AnyRow, Transaction


def origin_of(tx: Transaction, hub: Hub, described: AnyRow, translation: Translation) -> Origin:
    """Return where a delivery comes from; until the transaction ends, no merger passes it by."""
    # The service may have gone on in another one since it delivered this: then it is kept there,
    # and is no complete picture of what that one says.
    kept_by = goes_on_as(tx, described.partner)
    return Origin(
        receipt=described.id,
        partner=kept_by,
        source=described.source,
        delivered_by=described.partner,
        sha256=bytes(described.sha256),
        snapshot=translation.snapshot and kept_by == described.partner,
        order=_scope_order(tx, hub, kept_by, described, translation),
    )


def _scope_order(
    tx: Transaction, hub: Hub, partner: str, described: AnyRow, translation: Translation
) -> str | None:
    """Return the order of a delivery that is complete for a scope, for all that it says.

    That is the moment its parts were asserted at, and of two from one moment (a file without a
    date) the one that was received last. The same bytes again are the same delivery.
    """
    if translation.scope is None:
        return None
    scope = scope_name(hub, described.source, translation.scope)
    known = scopes.order_known(tx, partner, scope, bytes(described.sha256))
    if known is not None:
        return known
    told = max((order_of(part.asserted_at, part.version) for part in translation.parts), default="")
    return f"{told}#{_in_one_zone(described.received_at)}"


def replace_scope(
    tx: Transaction, hub: Hub, origin: Origin, translation: Translation
) -> Mapping[UUID, frozenset[bytes]]:
    """Remember what a scope says now; return, by child, what must be looked at again.

    Also what waits for a person to say which child it is about: it obeys when it is linked.
    """
    if translation.scope is None or origin.order is None:
        return {}
    said = {
        key_name(hub, origin.source, segment.key)
        for part in translation.parts
        if part.linkable
        for segment in part.segments
    }
    scope = scope_name(hub, origin.source, translation.scope)
    gone = _replace(tx, origin, scope, said, order=origin.order, ending=DELETED)
    return statements.under(tx, origin.partner, gone, ())


def replace_picture(
    tx: Transaction, hub: Hub, origin: Origin, part: Part, child: UUID
) -> Collection[bytes]:
    """Remember a source's complete picture of a child; return the names of what it left out."""
    said = {key_name(hub, origin.source, segment.key) for segment in part.segments}
    scope = picture_name(origin.source, child)
    order = order_of(part.asserted_at, part.version)
    return _replace(tx, origin, scope, said, order=order, ending=SUPERSEDED)


def _replace(
    tx: Transaction,
    origin: Origin,
    scope: bytes,
    said: Collection[bytes],
    *,
    order: str,
    ending: str,
) -> tuple[bytes, ...]:
    newest = scopes.deliver(
        tx, origin.partner, scope, origin.sha256, order=order, receipt=origin.receipt
    )
    scopes.say(tx, origin.partner, scope, said, order=order)
    gone = scopes.left_out(tx, origin.partner, scope, newest)
    statements.record_ends(
        tx, origin.partner, gone, ending=ending, asserted_at=newest, receipt=origin.receipt
    )
    return gone


def _in_one_zone(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
