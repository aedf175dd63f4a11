"""Rows that leave a child they never belonged to, for the one they are about."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.change_tables import tie_claim
from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import family_notice
from gateway.store.message_keys import has_key
from gateway.store.resources import ASSERTION, KEPT, LEADING, content_place
from gateway.store.tables import (
    care_relation,
    child_lookup,
    delivery,
    family_tie,
    outbox,
    person,
    receipt,
    receipt_part,
    resource,
    resource_version,
)
from gateway.store.vault import decrypt, encrypt

SUPERSEDED: Final = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPart:
    """One part of a delivery that is stored under a child."""

    receipt: UUID
    part: str
    partner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """From which child to which, with the data key of each."""

    source: UUID
    source_key: bytes
    target: UUID
    target_key: bytes


def linked_to(tx: Transaction, receipt_id: UUID, part: str) -> UUID | None:
    """Return the child under which a part is stored, or None."""
    query = select(receipt_part.c.child).where(
        receipt_part.c.receipt == receipt_id,
        receipt_part.c.part == part,
        receipt_part.c.outcome == "stored",
    )
    return tx.execute(query).scalar()


def parts_of(tx: Transaction, child_id: UUID) -> tuple[LinkedPart, ...]:
    """Return every part that is stored under a child, in the order of arrival."""
    query = (
        select(receipt_part.c.receipt, receipt_part.c.part, receipt.c.partner)
        .join(receipt, receipt.c.id == receipt_part.c.receipt)
        .where(receipt_part.c.child == child_id, receipt_part.c.outcome == "stored")
        .order_by(receipt.c.received_at, receipt.c.id, receipt_part.c.position)
    )
    rows = tx.execute(query)
    return tuple(
        LinkedPart(receipt=one.receipt, part=one.part, partner=one.partner) for one in rows
    )


def assign_parts(tx: Transaction, parts: Iterable[LinkedPart], child_id: UUID) -> None:
    """Let these parts be stored under another child from now on."""
    for one in parts:
        mine = (receipt_part.c.receipt == one.receipt) & (receipt_part.c.part == one.part)
        tx.execute(update(receipt_part).where(mine).values(child=child_id))


def asserted(tx: Transaction, child_id: UUID, keys: Iterable[tuple[str, bytes]]) -> frozenset[UUID]:
    """Return the statements about a child that these services made under these keys."""
    wanted = set(keys)
    query = select(resource.c.id, resource.c.partner, resource.c.key_hash).where(
        resource.c.child == child_id, resource.c.layer == ASSERTION
    )
    rows = tx.execute(query)
    return frozenset(row.id for row in rows if (row.partner, bytes(row.key_hash)) in wanted)


def leading(tx: Transaction, child_id: UUID) -> frozenset[UUID]:
    """Return the leading diagnoses of a child that stand."""
    query = select(resource.c.id).where(
        resource.c.child == child_id, resource.c.layer == LEADING, resource.c.status == "active"
    )
    return frozenset(tx.execute(query).scalars())


def given_up(name: bytes, resource_id: UUID) -> bytes:
    """Return what a statement is called after it gave up its name to another one."""
    return hashlib.sha256(name + resource_id.bytes).digest()


def move_resources(tx: Transaction, move: Move, ids: Iterable[UUID], *, retire: bool) -> None:
    """Move resources with all their versions, which another key opens from now on.

    What the other child has already under the same key stands there; the moved one is superseded.
    With `retire` all of them are.
    """
    for resource_id in ids:
        _seal_again(tx, move, resource_id)
        row = tx.execute(select(resource).where(resource.c.id == resource_id)).one()
        values: dict[str, object] = {"child": move.target}
        if retire or is_taken(tx, move.target, row):
            values["status"] = SUPERSEDED
            values["key_hash"] = given_up(bytes(row.key_hash), resource_id)
        tx.execute(update(resource).where(resource.c.id == resource_id).values(values))


def keep_aside(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Keep resources as evidence that nobody reads, under names that nothing is told of."""
    for resource_id in ids:
        mine = resource.c.id == resource_id
        name = bytes(tx.execute(select(resource.c.key_hash).where(mine)).scalar_one())
        values = {"status": KEPT, "key_hash": given_up(name, resource_id)}
        tx.execute(update(resource).where(mine).values(values))


def rename_file(tx: Transaction, ids: Sequence[UUID], old: bytes, new: bytes) -> None:
    """Let moved statements end with the file of the child they are about, and no other's."""
    other = func.array_replace(resource.c.above, old, new)
    tx.execute(update(resource).where(resource.c.id.in_(ids)).values(above=other))


def is_taken(tx: Transaction, child_id: UUID, row: AnyRow) -> bool:
    """Whether a child has something else under the name of a resource."""
    query = select(resource.c.id).where(
        resource.c.child == child_id,
        resource.c.layer == row.layer,
        resource.c.partner == row.partner,
        resource.c.key_hash == row.key_hash,
    )
    return tx.execute(query).first() is not None


def _seal_again(tx: Transaction, move: Move, resource_id: UUID) -> None:
    versions = resource_version.c
    query = select(versions.version, versions.content).where(versions.resource == resource_id)
    for row in tx.execute(query).all():
        place = content_place(resource_id, row.version)
        plain = decrypt(move.source_key, row.content, place=place)
        mine = (versions.resource == resource_id) & (versions.version == row.version)
        sealed = encrypt(move.target_key, plain, place=place)
        tx.execute(update(resource_version).where(mine).values(content=sealed))


def stop_outbox(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Let nothing of these resources go out that is still to go."""
    waiting = outbox.c.resource.in_(ids) & outbox.c.state.in_(("due", "held"))
    # A row that is locked is a relay's, which waits for the child's lock that the caller holds.
    free = select(outbox.c.id).where(waiting).order_by(outbox.c.id)
    found = tx.execute(free.with_for_update(skip_locked=True)).scalars().all()
    tx.execute(update(outbox).where(outbox.c.id.in_(found)).values(state="denied"))


def lock_deliveries_of(tx: Transaction, ids: Sequence[UUID]) -> tuple[AnyRow, ...]:
    """Return, locked, the messages about these resources that somebody can open or has read."""
    columns = (
        delivery.c.id,
        delivery.c.partner,
        delivery.c.resource,
        delivery.c.version,
        delivery.c.state,
        delivery.c.notice,
    )
    query = select(*columns, has_key().label("key")).where(
        delivery.c.resource.in_(ids), delivery.c.state.in_(("sealed", "sent", "released"))
    )
    return tuple(tx.execute(query.order_by(delivery.c.id).with_for_update()))


def drop_numbers(tx: Transaction, child_id: UUID, hashes: Iterable[bytes]) -> Mapping[bytes, str]:
    """Let these numbers lead to this child no more; return the state of each."""
    mine = (child_lookup.c.child == child_id) & child_lookup.c.value_hash.in_(sorted(set(hashes)))
    statement = delete(child_lookup).where(mine)
    rows = tx.execute(statement.returning(child_lookup.c.value_hash, child_lookup.c.state))
    return {bytes(row.value_hash): row.state for row in rows}


def drop_ties(tx: Transaction, child_id: UUID, people: Iterable[UUID]) -> None:
    """Forget what these people are to a child."""
    gone = sorted(set(people))
    for table in (family_tie, tie_claim):
        mine = (table.c.child == child_id) & table.c.person.in_(gone)
        tx.execute(delete(table).where(mine))


def drop_notices(tx: Transaction, child_id: UUID, people: Iterable[UUID]) -> None:
    """Tell these people nothing about a child any more."""
    gone = sorted(set(people))
    mine = (family_notice.c.child == child_id) & family_notice.c.person.in_(gone)
    tx.execute(delete(family_notice).where(mine))


def people_with(tx: Transaction, hashes: Iterable[bytes]) -> tuple[UUID, ...]:
    """Return the people with these numbers."""
    query = select(person.c.id).where(person.c.insz_hash.in_(sorted(set(hashes))))
    return tuple(tx.execute(query.order_by(person.c.id)).scalars())


def move_care(tx: Transaction, child_id: UUID, partner_id: str, target: UUID) -> None:
    """Let a service that was never around one child be around another, as long as it was."""
    mine = (care_relation.c.child == child_id) & (care_relation.c.partner == partner_id)
    columns = (care_relation.c.since, care_relation.c.until)
    row = tx.execute(delete(care_relation).where(mine).returning(*columns)).first()
    if row is not None:
        values = {"child": target, "partner": partner_id, "since": row.since, "until": row.until}
        tx.execute(upsert(care_relation).values(values).on_conflict_do_nothing())
