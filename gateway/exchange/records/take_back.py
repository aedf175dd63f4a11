"""What a source takes back or changes: remembered first, so that it holds whatever arrives later.

An end or a change of something that never arrived is kept too, and put before a person.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from adapters.contract import Amendment, PersonKey, Retraction, Translation
from gateway.exchange.hub import Hub
from gateway.exchange.records.amendments import as_bytes, keep_amendment
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.statement_names import (
    file_name,
    key_name,
    local_name,
    names_of_file,
)
from gateway.fhir.standing import Amended, order_of
from gateway.store import children, reviews, statements
from gateway.store.engine import Transaction
from gateway.store.receipts import ReceiptPart

RETRACTED, AMENDED = "retracted", "amended"
UNKNOWN = "unknown-statement"
_REMEMBERED = "this is known of no child here; it is remembered, and a person looks at it"

Affected = Mapping[UUID, frozenset[bytes]]
"""By child, the names of the statements that must be looked at again."""


@dataclass(slots=True, kw_only=True)
class Changes:
    """What a delivery takes back or changes, and what its receipt says of it."""

    affected: dict[UUID, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    parts: list[ReceiptPart] = field(default_factory=list)

    def add(self, found: Affected) -> None:
        """Add statements to look at again."""
        for child, names in found.items():
            self.affected[child] |= names


def lock_source(tx: Transaction, origin: Origin, translation: Translation | None = None) -> None:
    """Wait until no delivery of this source is stored that could pass this one by.

    One that ends, changes or replaces something, or speaks of a scope, is stored alone.
    """
    alone = translation is not None and bool(
        translation.scope
        or translation.retractions
        or translation.amendments
        or any(part.within for part in translation.parts)
    )
    statements.lock_source(tx, origin.partner, origin.source, alone=alone)


def remember_changes(
    tx: Transaction, hub: Hub, origin: Origin, translation: Translation, *, at: datetime
) -> Changes:
    """Record every end and change; the caller holds the source's lock alone."""
    made = Changes()
    for retraction in translation.retractions:
        _retract(tx, hub, origin, retraction, made, at=at)
    for amendment in translation.amendments:
        _amend(tx, hub, origin, amendment, made, at=at)
    return made


def child_called(tx: Transaction, hub: Hub, origin: Origin, subject: PersonKey) -> UUID | None:
    """Return the child that a source means, by national number or its own; nobody is made known."""
    # A slip in one of two numbers must not end somebody else's file: the national one counts alone.
    if subject.insz is not None:
        found = children.find(tx, "insz", hub.vault.lookup("insz", subject.insz))
    elif subject.local is not None:
        name = local_name(hub, origin.delivered_by, origin.source, subject.local)
        found = children.find(tx, "local", name)
    else:
        return None
    return found[0] if len(found) == 1 else None


def _retract(
    tx: Transaction, hub: Hub, origin: Origin, one: Retraction, made: Changes, *, at: datetime
) -> None:
    names, of = _named(tx, hub, origin, one)
    statements.record_ends(
        tx,
        origin.partner,
        names,
        ending=one.ending.value,
        asserted_at=order_of(one.asserted_at, one.version),
        receipt=origin.receipt,
    )
    found = statements.under(tx, origin.partner, names, of)
    made.add(found)
    made.parts.append(_part(tx, origin, one, RETRACTED, found, at=at))


def _named(
    tx: Transaction, hub: Hub, origin: Origin, one: Retraction
) -> tuple[tuple[bytes, ...], tuple[UUID, ...]]:
    """Return what an end names: one statement with what lies under it, or a whole file."""
    if one.key is not None:
        return (key_name(hub, origin.source, one.key),), ()
    if one.subject is None:
        return (), ()
    child = child_called(tx, hub, origin, one.subject)
    by_name = names_of_file(hub, origin.delivered_by, origin.source, one.subject)
    if child is None:
        return by_name, ()
    return (file_name(hub, origin.source, child), *by_name), (child,)


def _amend(
    tx: Transaction, hub: Hub, origin: Origin, one: Amendment, made: Changes, *, at: datetime
) -> None:
    name = key_name(hub, origin.source, one.key)
    under = statements.under(tx, origin.partner, [name], ())
    found = {child: names & {name} for child, names in under.items() if name in names}
    new = Amended(order_of(one.asserted_at, one.version), as_bytes(one.value))
    agrees = keep_amendment(
        tx,
        hub,
        origin.partner,
        name,
        element=one.element,
        new=new,
        child=next(iter(sorted(found)), None),
        receipt=origin.receipt,
    )
    if not agrees:
        _ask(tx, reviews.CONFLICT, origin, one.where, "conflicting-change", at=at)
    made.add(found)
    made.parts.append(_part(tx, origin, one, AMENDED, found, at=at))


def _part(
    tx: Transaction,
    origin: Origin,
    one: Retraction | Amendment,
    outcome: str,
    found: Affected,
    *,
    at: datetime,
) -> ReceiptPart:
    if not found:
        _ask(tx, reviews.UNKNOWN_STATEMENT, origin, one.where, UNKNOWN, at=at)
    return ReceiptPart(
        part=one.where,
        outcome=outcome,
        resources=sum(len(names) for names in found.values()),
        place=one.where,
        code=None if found else UNKNOWN,
        message=None if found else _REMEMBERED,
    )


def _ask(
    tx: Transaction, kind: str, origin: Origin, where: str, code: str, *, at: datetime
) -> None:
    evidence = {"code": code, "where": where}
    item = reviews.NewReview(kind=kind, receipt=origin.receipt, part=where, evidence=evidence)
    reviews.raise_review(tx, item, at=at)
