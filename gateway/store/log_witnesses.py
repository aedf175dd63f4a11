"""Witnesses of the access log and what they cosigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import Transaction
from gateway.store.log_tables import log_cosignature, log_witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Who may cosign, with which key; of a partner, or (None) of an auditor."""

    name: str
    verifier_key: str
    partner: str | None


def register(tx: Transaction, witness: Witness, *, at: datetime) -> None:
    """Register a witness; a new key under the same name replaces the first."""
    values = {"verifier_key": witness.verifier_key, "partner": witness.partner, "registered_at": at}
    statement = upsert(log_witness).values(name=witness.name, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def of(tx: Transaction, partner: str | None) -> Sequence[Witness]:
    """Return the witnesses of a partner, or (None) those of auditors."""
    query = select(log_witness).where(log_witness.c.partner.is_not_distinct_from(partner))
    rows = tx.execute(query.order_by(log_witness.c.name)).mappings()
    return [Witness(**{name: row[name] for name in Witness.__dataclass_fields__}) for row in rows]


def everyone(tx: Transaction) -> Sequence[Witness]:
    """Return every witness by name."""
    rows = tx.execute(select(log_witness).order_by(log_witness.c.name)).mappings()
    return [Witness(**{name: row[name] for name in Witness.__dataclass_fields__}) for row in rows]


def cosign(tx: Transaction, size: int, witness: str, line: str, *, at: datetime) -> None:
    """Keep a cosignature; the first of a witness under a checkpoint stays."""
    values = {"size": size, "witness": witness, "line": line, "received_at": at}
    tx.execute(upsert(log_cosignature).values(values).on_conflict_do_nothing())


def cosignatures(tx: Transaction, first: int, last: int) -> dict[int, list[str]]:
    """Return the signature lines of witnesses by size of checkpoint, from one size to another."""
    size = log_cosignature.c.size
    query = select(size, log_cosignature.c.line).where(size >= first, size <= last)
    found: dict[int, list[str]] = {}
    for row in tx.execute(query.order_by(size, log_cosignature.c.witness)):
        found.setdefault(row.size, []).append(row.line)
    return found
