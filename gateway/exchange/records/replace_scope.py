"""Deliveries that are complete for something: what the newest one leaves out no longer stands.

A month of one location replaces itself whole. A source's picture of a child does too, but what left
it is only superseded, and a person is asked about diagnoses.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from adapters.contract import Part, Translation
from gateway.exchange.hub import Hub
from gateway.exchange.records.origin import Origin, Whole
from gateway.exchange.records.statement_names import key_name, picture_name, scope_name
from gateway.exchange.succession import goes_on_as
from gateway.fhir.ended import DELETED, SUPERSEDED
from gateway.fhir.standing import order_of
from gateway.store import scopes, statements
from gateway.store.engine import AnyRow, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a delivery says of a scope, and how what it leaves out ends, if it is complete."""

    partner: str
    name: bytes
    said: frozenset[bytes]
    order: str
    ending: str
    complete: bool = True
    child: UUID | None = None
    """Whose picture it is, if it is one."""


def origin_of(
    tx: Transaction,
    hub: Hub,
    described: AnyRow,
    translation: Translation,
    whole: Whole | None = None,
) -> Origin:
    """Return where a delivery comes from; until the transaction ends, no merger passes it by.

    `whole` is what it was before somebody in it was erased.
    """
    whole = whole or Whole.of(bytes(described.sha256), translation)
    # The service may have gone on in another one since it delivered this: then it is kept there.
    kept_by = goes_on_as(tx, described.partner)
    names = [scope_name(hub, described.source, scope) for scope in _scopes(translation)]
    received = _received(tx, kept_by, names, whole.sha256, at=described.received_at)
    return Origin(
        receipt=described.id,
        partner=kept_by,
        source=described.source,
        delivered_by=described.partner,
        sha256=whole.sha256,
        snapshot=translation.snapshot,
        # Of two from one moment (a file without a date) the one that was received last is newest.
        order=None if translation.scope is None else f"{whole.told}#{received}",
        received=received,
    )


def _received(
    tx: Transaction, partner: str, names: Iterable[bytes], sha256: bytes, *, at: datetime
) -> str:
    """Return when a delivery came in; the same bytes again are the same delivery."""
    for name in names:
        known = scopes.order_known(tx, partner, name, sha256)
        if known is not None:
            return known.rpartition("#")[2]
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _scopes(translation: Translation) -> list[str]:
    """Return the scopes that a delivery speaks of, completely or not."""
    found = {part.within for part in translation.parts} | {translation.scope}
    return sorted(one for one in found if one is not None)


def replace_scope(
    tx: Transaction, hub: Hub, origin: Origin, translation: Translation
) -> Mapping[UUID, frozenset[bytes]]:
    """Remember what scopes say now; return, by child, what must be looked at again.

    Also what waits for a person to say which child it is about: it obeys when it is linked.
    """
    gone: list[bytes] = []
    for scope in _scopes(translation):
        gone += _replace(tx, origin, _about(hub, origin, translation, scope))
    return statements.under(tx, origin.partner, gone, ())


def _about(hub: Hub, origin: Origin, translation: Translation, scope: str) -> Scope:
    """Return what a delivery says of one scope."""
    complete = translation.scope == scope
    parts = [one for one in translation.parts if complete or one.within == scope]
    return Scope(
        partner=origin.partner,
        name=scope_name(hub, origin.source, scope),
        said=_said(hub, origin, [one for one in parts if one.linkable]),
        order=max((origin.order_of(one) for one in parts), default=origin.order or ""),
        ending=DELETED,
        complete=complete,
    )


def replace_picture(
    tx: Transaction, hub: Hub, origin: Origin, part: Part, child: UUID
) -> Collection[bytes]:
    """Remember a source's complete picture of a child; return the names of what it left out.

    It replaces only what the same service delivered, also after it went on in another one.
    """
    picture = Scope(
        partner=origin.delivered_by,
        name=picture_name(origin.source, child),
        said=_said(hub, origin, [part]),
        order=order_of(part.asserted_at, part.version),
        ending=SUPERSEDED,
        child=child,
    )
    return _replace(tx, origin, picture)


def _said(hub: Hub, origin: Origin, parts: Iterable[Part]) -> frozenset[bytes]:
    return frozenset(
        key_name(hub, origin.source, segment.key) for part in parts for segment in part.segments
    )


def _replace(tx: Transaction, origin: Origin, new: Scope) -> tuple[bytes, ...]:
    """Record what was said of a scope; return the names of what it leaves out."""
    newest = scopes.deliver(
        tx,
        new.partner,
        new.name,
        origin.sha256,
        order=new.order,
        receipt=origin.receipt,
        complete=new.complete,
    )
    scopes.say(tx, new.partner, new.name, new.said, order=new.order)
    gone = scopes.left_out(tx, new.partner, new.name, newest)
    ended = gone if new.child is None else [scopes.name_of_child(new.child, one) for one in gone]
    statements.record_ends(
        tx, new.partner, ended, ending=new.ending, asserted_at=newest, receipt=origin.receipt
    )
    return gone
