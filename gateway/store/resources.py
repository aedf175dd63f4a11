"""FHIR resources by version; content lies encrypted under the child's key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import (
    Integer,
    LargeBinary,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.engine import AnyRow, AnySelect, Question, Transaction, rows_as_json
from gateway.store.tables import resource, resource_version
from gateway.store.vault import decrypt, encrypt

# `assertion`: what a source said, immutable. `leading`: the derived, agreed statement.
ASSERTION, LEADING = "assertion", "leading"
# The status of what is kept as evidence, such as who ended a statement; no reader ever gets it.
KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResource:
    """One resource at one version, still encrypted."""

    id: UUID
    child: UUID
    partner: str
    type: str
    data_class: str
    about: frozenset[str]
    flags: frozenset[str]
    layer: str
    version: int
    asserted_at: str
    status: str
    content: bytes
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What a source, or the derivation, says now under one business key."""

    child: UUID
    partner: str
    type: str
    data_class: str
    about: frozenset[str]
    flags: frozenset[str]
    layer: str
    key_hash: bytes
    asserted_at: str
    content: bytes
    receipt: UUID
    status: str = "active"
    above: tuple[bytes, ...] = ()
    """The hashes of what would take it along when it ends."""
    messages: tuple[bytes, ...] = ()
    """The hashes of the messages that say this; when all of them were deleted, it ends too."""
    said: bool = True
    """Whether a source said it word for word."""


BusinessKey: TypeAlias = tuple[str, bytes]
"""The partner ("" for what the hub derives) and the hash of its own key for the statement."""

Write: TypeAlias = tuple[NewVersion, UUID, int]

Versions: TypeAlias = Mapping[tuple[UUID | None, int | None], StoredResource]
"""By resource and version."""

_COLUMNS = (
    resource.c.id,
    resource.c.child,
    resource.c.partner,
    resource.c.type,
    resource.c.data_class,
    resource.c.about,
    resource.c.flags,
    resource.c.layer,
    resource.c.version,
    resource.c.asserted_at,
    resource.c.status,
)
_CURRENT = select(*_COLUMNS, resource_version.c.content, resource_version.c.recorded_at).join(
    resource_version,
    (resource_version.c.resource == resource.c.id)
    & (resource_version.c.version == resource.c.version),
)

# Statements are built once: building one costs more processor time than sending it.
_WANTED = (
    func.unnest(bindparam("of_any", type_=ARRAY(Uuid)), bindparam("versions", type_=ARRAY(Integer)))
    .table_valued(column("of", Uuid), column("at", Integer), name="wanted")
    .render_derived()
)
_VERSIONS = (
    select(
        *[one for one in _COLUMNS if one is not resource.c.version],
        resource_version.c.version,
        resource_version.c.content,
        resource_version.c.recorded_at,
    )
    .select_from(_WANTED)
    .join(resource, resource.c.id == _WANTED.c.of)
    .join(
        resource_version,
        (resource_version.c.resource == resource.c.id)
        & (resource_version.c.version == _WANTED.c.at),
    )
)
_KNOWN = _CURRENT.add_columns(resource.c.key_hash).where(
    resource.c.child == bindparam("of"),
    resource.c.layer == bindparam("only"),
    resource.c.key_hash == any_(bindparam("keys", type_=ARRAY(LargeBinary))),
)
_OF_LAYER = select(resource.c.id, resource.c.key_hash).where(
    resource.c.child == bindparam("of"),
    resource.c.layer == bindparam("only"),
    resource.c.status == "active",
)
_ACTIVE = _CURRENT.where(
    resource.c.child == bindparam("of"),
    resource.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    resource.c.status == "active",
).order_by(resource.c.type, resource.c.id)
# One statement for any number of rows: each on its own costs the writer and the database more.
_SAVE = text("""
insert into resource (id, child, partner, type, data_class, about, flags, layer, key_hash,
                      above, messages, version, asserted_at, status)
select id, child, partner, type, data_class, about, flags, layer, key_hash,
       above, messages, version, asserted_at, status
  from json_populate_recordset(null::resource, cast(:rows as json))
on conflict (id) do update
   set partner = excluded.partner, data_class = excluded.data_class, about = excluded.about,
       flags = excluded.flags, above = excluded.above, messages = excluded.messages,
       version = excluded.version, asserted_at = excluded.asserted_at, status = excluded.status
""")
_SAVE_VERSIONS = text("""
insert into resource_version (resource, version, content, status, said, receipt, recorded_at)
select new.*, :recorded_at
  from unnest(cast(:resource as uuid[]), cast(:version as integer[]), cast(:content as bytea[]),
              cast(:status as text[]), cast(:said as boolean[]), cast(:receipt as uuid[])) as new
""")


def find(tx: Transaction, resource_id: UUID) -> StoredResource | None:
    """Return the current version of one resource, or None."""
    return next(iter(_fetch(tx, _CURRENT.where(resource.c.id == resource_id))), None)


def find_version(tx: Transaction, resource_id: UUID, version: int) -> StoredResource | None:
    """Return one version of a resource with today's labels, or None."""
    return find_versions(tx, [(resource_id, version)]).get((resource_id, version))


def find_versions(tx: Transaction, wanted: Iterable[tuple[UUID | None, int | None]]) -> Versions:
    """Return versions of resources with today's labels; one that is not there is left out."""
    pairs = sorted((found, version) for found, version in wanted if found and version)
    given = {"of_any": [one for one, _ in pairs], "versions": [one for _, one in pairs]}
    found = _fetch(tx, _VERSIONS, given) if pairs else ()
    return {(one.id, one.version): one for one in found}


def of_child(
    tx: Transaction,
    child_id: UUID,
    *,
    types: frozenset[str] | None = None,
    layer: str | None = None,
) -> tuple[StoredResource, ...]:
    """Return the current, active resources of a child in a stable order."""
    given: dict[str, object] = {"of": child_id}
    if types is not None:
        given["types"] = sorted(types)
    if layer is not None:
        given["only"] = layer
    return _fetch(tx, _of_child(frozenset(given)), given)


def active_of(
    tx: Transaction, child_id: UUID, wanted: Iterable[UUID]
) -> tuple[StoredResource, ...]:
    """Return those of these resources that are a child's and active, in a stable order."""
    ids = sorted(wanted)
    return _fetch(tx, _ACTIVE, {"of": child_id, "ids": ids}) if ids else ()


@cache
def _of_child(given: frozenset[str]) -> AnySelect:
    query = _CURRENT.where(resource.c.child == bindparam("of"), resource.c.status == "active")
    if "types" in given:
        query = query.where(resource.c.type == any_(bindparam("types", type_=ARRAY(Text))))
    if "only" in given:
        query = query.where(resource.c.layer == bindparam("only"))
    return query.order_by(resource.c.type, resource.c.id)


def history(tx: Transaction, resource_id: UUID) -> tuple[tuple[int, str, datetime], ...]:
    """Return version, status and instant of every version, oldest first."""
    query = select(
        resource_version.c.version, resource_version.c.status, resource_version.c.recorded_at
    ).where(resource_version.c.resource == resource_id)
    rows = tx.execute(query.order_by(resource_version.c.version))
    return tuple((row.version, row.status, row.recorded_at) for row in rows)


def save(tx: Transaction, key: bytes, new: Iterable[NewVersion], *, at: datetime) -> set[UUID]:
    """Store what the hub derives about one child in one layer; return the resources that changed.

    What says nothing new changes nothing. The caller holds the child's lock. What sources say is
    kept by `gateway/exchange/records/keep_statements.py`.
    """
    changed: set[UUID] = set()
    for told in _without_repeats(new):
        changed |= _save_once(tx, key, told, at=at)
    return changed


def _without_repeats(new: Iterable[NewVersion]) -> Iterator[Sequence[NewVersion]]:
    """Yield groups without a business key twice: the second statement is told after the first."""
    waiting = list(new)
    while waiting:
        first: dict[BusinessKey, NewVersion] = {}
        for one in waiting:
            first.setdefault(_business_key(one), one)
        yield list(first.values())
        waiting = [one for one in waiting if first[_business_key(one)] is not one]


def _save_once(
    tx: Transaction, key: bytes, told: Sequence[NewVersion], *, at: datetime
) -> set[UUID]:
    known, writes, again = _known(tx, told), list[Write](), list[Write]()
    for new in told:
        row = known.get(_business_key(new))
        if row is None:
            writes.append((new, uuid4(), 1))
        elif _labels(row) == _labels(new) and _open(key, row) == new.content:
            again.append((new, row.id, row.version))
        else:
            writes.append((new, row.id, row.version + 1))
    write(tx, key, writes, again=again, at=at)
    return {resource_id for _, resource_id, _ in writes}


def add_version(
    tx: Transaction,
    key: bytes,
    stored: StoredResource,
    content: bytes,
    *,
    status: str,
    receipt: UUID,
    at: datetime,
) -> None:
    """Add a version that the hub itself derives; what the source said stays in the earlier one."""
    version = stored.version + 1
    values = {"version": version, "status": status}
    tx.execute(update(resource).where(resource.c.id == stored.id).values(values))
    told = {
        "resource": stored.id,
        "version": version,
        "content": encrypt(key, content, place=content_place(stored.id, version)),
        "status": status,
        "said": False,
        "receipt": receipt,
        "recorded_at": at,
    }
    tx.execute(resource_version.insert(), told)


def keys_of_layer(tx: Transaction, child_id: UUID, layer: str) -> tuple[AnyRow, ...]:
    """Return id and key hash of the active resources in a layer."""
    return tuple(tx.execute(_OF_LAYER, {"of": child_id, "only": layer}))


def set_status(tx: Transaction, resource_id: UUID, status: str) -> None:
    """Mark a resource active, superseded or withdrawn without touching its versions."""
    tx.execute(update(resource).where(resource.c.id == resource_id).values(status=status))


def open_content(key: bytes, stored: StoredResource) -> bytes:
    """Return the exact JSON bytes of the version."""
    return decrypt(key, stored.content, place=content_place(stored.id, stored.version))


def write(
    tx: Transaction,
    key: bytes,
    writes: Sequence[Write],
    *,
    again: Sequence[Write] = (),
    at: datetime,
) -> None:
    """Store versions, each with the id and number of its resource, in their order.

    What was said `again` in the same words keeps its version; when it was said last is recorded.
    """
    rows = {one[1]: _row(*one) for one in (*writes, *again)}
    if rows:
        tx.execute(_SAVE, {"rows": rows_as_json([*rows.values()])})
    if writes:
        versions = [_version(key, *one) for one in writes]
        columns = {name: [one[name] for one in versions] for name in versions[0]}
        tx.execute(_SAVE_VERSIONS, {**columns, "recorded_at": at})


def _row(new: NewVersion, resource_id: UUID, version: int) -> dict[str, object]:
    return {
        "version": version,
        "partner": new.partner,
        "asserted_at": new.asserted_at,
        "status": new.status,
        "data_class": new.data_class,
        "about": sorted(new.about),
        "flags": sorted(new.flags),
        "id": resource_id,
        "child": new.child,
        "type": new.type,
        "layer": new.layer,
        "key_hash": new.key_hash,
        "above": list(new.above),
        "messages": list(new.messages),
    }


def _version(key: bytes, new: NewVersion, resource_id: UUID, version: int) -> dict[str, object]:
    return {
        "resource": resource_id,
        "version": version,
        "content": encrypt(key, new.content, place=content_place(resource_id, version)),
        "status": new.status,
        "said": new.said,
        "receipt": new.receipt,
    }


def _known(tx: Transaction, told: Sequence[NewVersion]) -> Mapping[BusinessKey, AnyRow]:
    keys = {"of": told[0].child, "only": told[0].layer, "keys": [one.key_hash for one in told]}
    return {_name(row.layer, row.partner, row.key_hash): row for row in tx.execute(_KNOWN, keys)}


def _business_key(new: NewVersion) -> BusinessKey:
    return _name(new.layer, new.partner, new.key_hash)


def _name(layer: str, partner: str, key_hash: bytes) -> BusinessKey:
    # A leading diagnosis is one per group, whichever source leads it today.
    return ("" if layer == LEADING else partner, bytes(key_hash))


def _labels(one: AnyRow | NewVersion) -> tuple[object, ...]:
    """Return what a statement is beside its words; another source may lead with the same ones."""
    return one.status, one.partner, one.data_class, set(one.about), set(one.flags)


def _open(key: bytes, row: AnyRow) -> bytes:
    return decrypt(key, row.content, place=content_place(row.id, row.version))


def content_place(resource_id: UUID, version: int) -> str:
    """Return where the content of a version lies, to which its ciphertext is bound."""
    return f"resource/{resource_id}/{version}"


def _fetch(
    tx: Transaction, query: AnySelect, given: Mapping[str, object] | None = None
) -> tuple[StoredResource, ...]:
    return tuple(stored(row) for row in tx.execute(query, given))


def stored(row: Any) -> StoredResource:
    """Return a row of this module's columns as a resource."""
    values = row._asdict()
    sets = {"about": frozenset(row.about), "flags": frozenset(row.flags)}
    return StoredResource(**{**values, **sets})


BY_TYPE = Question.of(
    _CURRENT.where(
        resource.c.child == any_(bindparam("of_any", type_=ARRAY(Uuid))),
        resource.c.type == any_(bindparam("types", type_=ARRAY(Text))),
        resource.c.status == "active",
    ).order_by(resource.c.type, resource.c.id)
)
