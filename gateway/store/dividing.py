"""One resource with versions of two children: each child gets its own.

A version keeps its number on the other side, and no number is used again: messages, notices and
lines of the log go on naming what they named.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.moving import SUPERSEDED, Move, given_up, is_taken
from gateway.store.resources import KEPT, content_place
from gateway.store.tables import outbox, resource, resource_version
from gateway.store.vault import decrypt, encrypt

_HISTORIES: Final = text("""
select r.id, r.key_hash, r.partner, r.flags, r.status as now, r.version as current,
       v.version, v.said, v.receipt, v.status, v.content
  from resource r join resource_version v on v.resource = r.id
 where r.child = :child and r.layer = :layer and r.status <> :kept
   and (cast(:receipts as uuid[]) is null or exists (
     select from resource_version g where g.resource = r.id and g.receipt = any(:receipts)))
 order by r.id, v.version
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version, opened."""

    number: int
    said: bool
    """Whether its source said it word for word."""
    receipt: UUID
    status: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A resource as it stands, with every version of it, oldest first."""

    id: UUID
    key_hash: bytes
    partner: str
    flags: frozenset[str]
    status: str
    current: int
    versions: tuple[Version, ...]

    @property
    def numbers(self) -> frozenset[int]:
        """Return the numbers of all versions."""
        return frozenset(one.number for one in self.versions)

    def without(self, gone: Collection[int]) -> tuple[Version, ...]:
        """Return the versions that stay."""
        return tuple(one for one in self.versions if one.number not in gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What stands again where the newest version goes: its content, how, and since when."""

    version: Version
    status: str
    asserted_at: str | None = None


def histories(
    tx: Transaction,
    key: bytes,
    child_id: UUID,
    layer: str,
    *,
    receipts: Collection[UUID] | None = None,
) -> tuple[History, ...]:
    """Return the resources of a child in a layer, or those to which these receipts gave a version.

    What is kept as evidence of others is none of them.
    """
    wanted = None if receipts is None else sorted(receipts)
    given = {"child": child_id, "layer": layer, "kept": KEPT, "receipts": wanted}
    found: dict[UUID, list[AnyRow]] = {}
    for row in tx.execute(_HISTORIES, given):
        found.setdefault(row.id, []).append(row)
    return tuple(_history(key, rows) for rows in found.values())


def _history(key: bytes, rows: list[AnyRow]) -> History:
    one = rows[0]
    versions = (
        Version(
            number=row.version,
            said=row.said,
            receipt=row.receipt,
            status=row.status,
            content=decrypt(key, row.content, place=content_place(row.id, row.version)),
        )
        for row in rows
    )
    return History(
        id=one.id,
        key_hash=bytes(one.key_hash),
        partner=one.partner,
        flags=frozenset(one.flags),
        status=one.now,
        current=one.current,
        versions=tuple(versions),
    )


def divide(
    tx: Transaction,
    move: Move,
    one: History,
    gone: Collection[int],
    *,
    retire: bool,
    again: Again | None,
    asserted_at: str | None = None,
    at: datetime,
) -> UUID:
    """Move some versions of a resource to another child; return the resource that they are there.

    With `again` the newest of them goes, and that stands as a newer version of what stays. What the
    other child has under the same key stands there; with `retire` what moved never stands.
    """
    new = _other(tx, move, one, gone, retire=retire, asserted_at=asserted_at)
    for each in one.versions:
        if each.number in gone:
            _move_version(tx, move, one.id, each, new)
    if again is not None:
        _say_again(tx, move, one, again, at=at)
    return new


def _other(
    tx: Transaction,
    move: Move,
    one: History,
    gone: Collection[int],
    *,
    retire: bool,
    asserted_at: str | None,
) -> UUID:
    row = tx.execute(select(resource).where(resource.c.id == one.id)).one()
    values: dict[str, object] = row._asdict()
    newest = next(each for each in reversed(one.versions) if each.number in gone)
    new = uuid4()
    values |= {"id": new, "child": move.target, "version": newest.number}
    values["status"] = row.status if newest.number == one.current else newest.status
    values["asserted_at"] = row.asserted_at if asserted_at is None else asserted_at
    if retire or is_taken(tx, move.target, row):
        values["status"] = SUPERSEDED
        values["key_hash"] = given_up(one.key_hash, new)
    tx.execute(insert(resource).values(values))
    return new


def _move_version(tx: Transaction, move: Move, old: UUID, one: Version, new: UUID) -> None:
    sealed = encrypt(move.target_key, one.content, place=content_place(new, one.number))
    mine = (resource_version.c.resource == old) & (resource_version.c.version == one.number)
    tx.execute(update(resource_version).where(mine).values(resource=new, content=sealed))


def _say_again(tx: Transaction, move: Move, one: History, again: Again, *, at: datetime) -> None:
    number, stands = one.current + 1, again.version
    values: dict[str, object] = {"version": number, "status": again.status}
    if again.asserted_at is not None:
        values["asserted_at"] = again.asserted_at
    tx.execute(update(resource).where(resource.c.id == one.id).values(values))
    told = {
        "resource": one.id,
        "version": number,
        "content": encrypt(move.source_key, stands.content, place=content_place(one.id, number)),
        "status": stands.status,
        "said": stands.said,
        "receipt": stands.receipt,
        "recorded_at": at,
    }
    tx.execute(insert(resource_version).values(told))


def rename(tx: Transaction, child_id: UUID, names: Mapping[bytes, bytes]) -> None:
    """Let resources of a child be known under other names, such as evidence on what moved."""
    for before, now in names.items():
        mine = (resource.c.child == child_id) & (resource.c.key_hash == before)
        tx.execute(update(resource).where(mine).values(key_hash=now))


def wait_for_what_stays(tx: Transaction, going: Mapping[UUID, Collection[int]]) -> None:
    """Let what is still to go out with a version that went be about the one that stands now."""
    for resource_id, gone in going.items():
        current = select(resource.c.version).where(resource.c.id == resource_id)
        waiting = outbox.c.state.in_(("due", "held", "parked"))
        mine = (outbox.c.resource == resource_id) & outbox.c.version.in_(sorted(gone))
        # What is locked is a relay's, which waits for the child and then takes what stands.
        free = select(outbox.c.id).where(mine, waiting).order_by(outbox.c.id)
        found = tx.execute(free.with_for_update(skip_locked=True)).scalars().all()
        changed = update(outbox).where(outbox.c.id.in_(found))
        tx.execute(changed.values(version=current.scalar_subquery()))
