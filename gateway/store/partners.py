"""Registered services of partner organisations and their keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import any_, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import Transaction
from gateway.store.tables import partner, partner_stream, used_assertion

ACTIVE: Final = "active"
MERGED: Final = "merged"
CLOSED: Final = "closed"
OVER: Final = frozenset({MERGED, CLOSED})


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
    ended_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def over(self) -> bool:
        """Whether it merged or closed, which nothing undoes."""
        return self.status in OVER


# What it inherits is its own too when it merges in its turn.
_INHERIT = text("""
update partner as heir
   set predecessors = array(select distinct name from unnest(
         heir.predecessors || old.id || old.predecessors) as name order by name)
  from partner old where old.id = :old and heir.id = :into
""")
# Only a merger within one mission takes statements along (rules of sharing, section 8).
_ONE_LINE = text("""
with went_on as (
  select heir.id as heir, old.id as old from partner heir
    join partner old on old.id = heir.id
      or (old.id = any(heir.predecessors) and old.kind = heir.kind
          and old.secrecy is not distinct from heir.secrecy
          and old.youth_help is not distinct from heir.youth_help))
select distinct every.old from went_on mine join went_on every using (heir)
 where mine.old = any(:names) order by every.old
""")
_FIND = select(partner).where(partner.c.id == bindparam("wanted"))
_HOLD = _FIND.with_for_update(read=True, key_share=True)


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
    """Suspend or activate a partner; False when there is none, or it merged or closed."""
    running = (partner.c.id == partner_id) & partner.c.status.not_in(OVER)
    return tx.execute(update(partner).where(running).values(status=status)).rowcount == 1


def lock(tx: Transaction, *partner_ids: str) -> dict[str, Partner]:
    """Return partners by id, and let nobody write anything of theirs until this commits.

    Waits for whoever stores a record of theirs at this moment.
    """
    query = select(partner).where(partner.c.id.in_(partner_ids)).order_by(partner.c.id)
    rows = tx.execute(query.with_for_update()).mappings()
    return {row["id"]: _partner(dict(row)) for row in rows}


def hold(tx: Transaction, partner_id: str) -> Partner | None:
    """Return a partner that can neither merge nor close before this transaction ends."""
    row = tx.execute(_HOLD, {"wanted": partner_id}).mappings().first()
    return _partner(dict(row)) if row else None


def end(tx: Transaction, partner_id: str, *, into: str | None, at: datetime) -> None:
    """Close a partner, or merge it into another, which then goes on for all that it was."""
    status = MERGED if into else CLOSED
    values = {"status": status, "merged_into": into, "ended_at": at}
    tx.execute(update(partner).where(partner.c.id == partner_id).values(values))
    if into:
        tx.execute(_INHERIT, {"old": partner_id, "into": into})


def settle(tx: Transaction, partner_id: str, *, at: datetime) -> None:
    """Record that a merger or closure was carried out for every child."""
    tx.execute(update(partner).where(partner.c.id == partner_id).values(settled_at=at))


def unsettled(tx: Transaction) -> tuple[str, ...]:
    """Return the partners whose merger or closure was not carried out for every child."""
    query = select(partner.c.id).where(partner.c.status.in_(OVER), partner.c.settled_at.is_(None))
    return tuple(tx.execute(query.order_by(partner.c.id)).scalars())


def unsettled_into(tx: Transaction, partner_id: str) -> tuple[str, ...]:
    """Return the partners whose merger into this one was not carried out for every child."""
    coming = (partner.c.merged_into == partner_id) & partner.c.settled_at.is_(None)
    return tuple(tx.execute(select(partner.c.id).where(coming).order_by(partner.c.id)).scalars())


def heirs(tx: Transaction, partner_id: str) -> tuple[str, ...]:
    """Return a partner and every one that goes on for it."""
    query = select(partner.c.id).where(
        (partner.c.id == partner_id) | (partner_id == any_(partner.c.predecessors))
    )
    return tuple(tx.execute(query.order_by(partner.c.id)).scalars())


def one_line(tx: Transaction, names: Iterable[str]) -> tuple[str, ...]:
    """Return every name under which statements of these services are, or were kept once.

    Themselves, whoever goes on for one of them, and all whose statements became that one's too: a
    decision that names a service is about all that its successor says.
    """
    return tuple(tx.execute(_ONE_LINE, {"names": sorted(names)}).scalars())


def successor(tx: Transaction, partner_id: str) -> str:
    """Return the partner that goes on for this one today: itself, unless it merged."""
    known = find(tx, partner_id)
    return successor(tx, known.merged_into) if known and known.merged_into else partner_id


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
