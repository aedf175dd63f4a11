"""The access log: append-only, written in the transaction of the act it records."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, select

from gateway.store.engine import Transaction
from gateway.store.tables import access_log


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: who did what about whom, why, with which outcome and on which grounds."""

    at: datetime
    act: str  # read | search | route | key_release | consent_given | consent_withdrawn | intake …
    actor: str
    outcome: str  # permit | redact | deny | hold | done | refused
    partner: str | None = None
    role: str | None = None
    purpose: str | None = None
    child: UUID | None = None
    resources: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    consents: tuple[UUID, ...] = ()
    correlation: str | None = None


_INSERT = access_log.insert().inline()


def append(tx: Transaction, *entries: Entry) -> None:
    """Write lines; they become durable with the act itself or not at all."""
    tx.execute(_INSERT, [_values(entry) for entry in entries])


def select_lines(
    tx: Transaction, conditions: Iterable[ColumnElement[bool]], *, limit: int
) -> tuple[RowMapping, ...]:
    """Return lines, newest first."""
    query = select(access_log).where(*conditions).order_by(access_log.c.id.desc()).limit(limit)
    return tuple(tx.execute(query).mappings())


def _values(entry: Entry) -> dict[str, object]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in ((name, getattr(entry, name)) for name in Entry.__dataclass_fields__)
    }
