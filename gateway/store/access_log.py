"""The access log: append-only, written in the transaction of the act it records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, RowMapping, select, text

from gateway.store.decision_basis import Basis
from gateway.store.engine import Question, Transaction, finish_with
from gateway.store.tables import access_log

DECIDED: Final = (
    "read",
    "search",
    "route",
    "key_release",
    "evaluation",
    "emergency_access",
    "consent_read",
)
"""The acts whose lines record a decision of the rules, and name what it rested on."""


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
    basis: Basis | None = None
    """What a decision rested on; written with the line if the database does not hold it yet."""
    rules_version: str | None = None
    """The edition of the rules that decided."""


_NAMES = ", ".join(Entry.__dataclass_fields__)
# One statement for any number of lines, so that the database knows it already.
_INSERT = text(f"""
insert into access_log ({_NAMES})
select {_NAMES} from json_populate_recordset(null::access_log, cast(:lines as json))
""")  # noqa: S608 - the names are this module's own
# In the order of their hashes, so that two who write the same ones never wait in a circle.
_INSERT_WITH_BASES = text(f"""
with bases as (
  insert into decision_basis (hash, child, content, first_used_at)
  select hash, child, content, first_used_at
  from json_populate_recordset(null::decision_basis, cast(:bases as json))
  order by hash
  on conflict do nothing
)
{_INSERT.text}
""")  # noqa: S608 - idem
_APPEND, _APPEND_WITH_BASES = Question.of(_INSERT), Question.of(_INSERT_WITH_BASES)


def append(tx: Transaction, *entries: Entry) -> None:
    """Write lines; they become durable with the act itself or not at all."""
    bases = _bases(entries)
    if bases:
        tx.execute(_INSERT_WITH_BASES, {"bases": _json(bases), "lines": _json(entries)})
    else:
        tx.execute(_INSERT, {"lines": _json(entries)})


def append_and_commit(tx: Transaction, *entries: Entry) -> None:
    """Write the last words of an act and commit them in one round trip; nothing may follow."""
    bases = _bases(entries)
    if bases:
        finish_with(tx, _APPEND_WITH_BASES, {"bases": _json(bases), "lines": _json(entries)})
    else:
        finish_with(tx, _APPEND, {"lines": _json(entries)})


def select_lines(
    tx: Transaction, conditions: Iterable[ColumnElement[bool]], *, limit: int
) -> tuple[RowMapping, ...]:
    """Return lines, newest first."""
    query = select(access_log).where(*conditions).order_by(access_log.c.id.desc()).limit(limit)
    return tuple(tx.execute(query).mappings())


def select_oldest(
    tx: Transaction, conditions: Iterable[ColumnElement[bool]], *, after: int, limit: int
) -> tuple[RowMapping, ...]:
    """Return lines after a line's number, oldest first."""
    query = select(access_log).where(access_log.c.id > after, *conditions)
    return tuple(tx.execute(query.order_by(access_log.c.id).limit(limit)).mappings())


def _bases(entries: Iterable[Entry]) -> list[dict[str, object]]:
    new = {
        one.basis.hash: (one.basis, one.at)
        for one in entries
        if one.basis is not None and one.basis.content is not None
    }
    return [
        {"hash": basis.hash, "child": basis.child, "content": basis.content, "first_used_at": at}
        for basis, at in new.values()
    ]


def _json(rows: Sequence[object]) -> str:
    return orjson.dumps(rows, default=_as_bytea).decode()


def _as_bytea(value: Basis | bytes) -> str:
    named = value.hash if isinstance(value, Basis) else value
    return f"\\x{named.hex()}"
