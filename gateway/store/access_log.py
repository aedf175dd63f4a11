"""The access log: append-only, written in the transaction of the act it records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, RowMapping, select, text

from gateway.store.engine import Question, Transaction, finish_with
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


_NAMES = ", ".join(Entry.__dataclass_fields__)
# One statement for any number of lines, so that the database knows it already.
_INSERT = text(f"""
insert into access_log ({_NAMES})
select {_NAMES} from json_populate_recordset(null::access_log, cast(:lines as json))
""")  # noqa: S608 - the names are this module's own
_APPEND = Question.of(_INSERT)


def append(tx: Transaction, *entries: Entry) -> None:
    """Write lines; they become durable with the act itself or not at all."""
    tx.execute(_INSERT, {"lines": _lines(entries)})


def append_and_commit(tx: Transaction, *entries: Entry) -> None:
    """Write the last words of an act and commit them in one round trip; nothing may follow."""
    finish_with(tx, _APPEND, {"lines": _lines(entries)})


def select_lines(
    tx: Transaction, conditions: Iterable[ColumnElement[bool]], *, limit: int
) -> tuple[RowMapping, ...]:
    """Return lines, newest first."""
    query = select(access_log).where(*conditions).order_by(access_log.c.id.desc()).limit(limit)
    return tuple(tx.execute(query).mappings())


def _lines(entries: Sequence[Entry]) -> str:
    return orjson.dumps(entries).decode()
