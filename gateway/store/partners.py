"""Registered services of partner organisations and their keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import Transaction
from gateway.store.tables import partner, partner_stream, used_assertion


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One service: a unit of an organisation that a grant can name."""

    id: str
    name: str
    kind: str
    secrecy: str | None
    youth_help: bool | None
    status: str
    source: str | None
    jwks: dict[str, Any] | None
    jwks_uri: str | None
    scopes: frozenset[str]
    merged_into: str | None = None
    predecessors: tuple[str, ...] = ()


_FIND = select(partner).where(partner.c.id == bindparam("wanted"))


def find(tx: Transaction, partner_id: str) -> Partner | None:
    """Return one partner, or None."""
    row = tx.execute(_FIND, {"wanted": partner_id}).mappings().first()
    return _partner(dict(row)) if row else None


def everyone(tx: Transaction) -> tuple[Partner, ...]:
    """Return all partners by id."""
    rows = tx.execute(select(partner).order_by(partner.c.id)).mappings()
    return tuple(_partner(dict(row)) for row in rows)


def save(tx: Transaction, entry: Partner, *, at: datetime) -> None:
    """Register a partner, or replace what was registered under this id."""
    values = {
        "name": entry.name,
        "kind": entry.kind,
        "secrecy": entry.secrecy,
        "youth_help": entry.youth_help,
        "status": entry.status,
        "source": entry.source,
        "jwks": entry.jwks,
        "jwks_uri": entry.jwks_uri,
        "scopes": sorted(entry.scopes),
    }
    statement = upsert(partner).values(id=entry.id, registered_at=at, **values)
    # New keys or a new name never end a suspension.
    kept = {name: value for name, value in values.items() if name != "status"}
    tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=kept))
    stream = upsert(partner_stream).values(partner=entry.id, last_sequence=0)
    tx.execute(stream.on_conflict_do_nothing())


def set_status(tx: Transaction, partner_id: str, status: str) -> bool:
    """Suspend or activate a partner; False when there is none."""
    statement = update(partner).where(partner.c.id == partner_id).values(status=status)
    return tx.execute(statement).rowcount == 1


def use_assertion(tx: Transaction, partner_id: str, jti: str, *, expires_at: datetime) -> bool:
    """Remember a client assertion; False if it was used before."""
    statement = upsert(used_assertion).values(partner=partner_id, jti=jti, expires_at=expires_at)
    done = tx.execute(statement.on_conflict_do_nothing().returning(used_assertion.c.jti))
    return done.first() is not None


def forget_assertions(tx: Transaction, *, at: datetime) -> None:
    """Drop remembered assertions that have expired anyway."""
    tx.execute(delete(used_assertion).where(used_assertion.c.expires_at < at))


def _partner(row: dict[str, Any]) -> Partner:
    names = Partner.__dataclass_fields__
    known = {name: row[name] for name in names}
    lists = {"scopes": frozenset(row["scopes"]), "predecessors": tuple(row["predecessors"])}
    return Partner(**{**known, **lists})
