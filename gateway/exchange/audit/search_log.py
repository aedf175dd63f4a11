"""An auditor searches the access log: pseudonymised lines, never content."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping

from gateway.exchange.hub import Hub
from gateway.identity.callers import AuditorCaller
from gateway.store import access_log
from gateway.store.access_log import DECIDED
from gateway.store.engine import Transaction, transaction
from gateway.store.tables import access_log as log_table
from gateway.store.vault import AUDITORS

__all__ = ["DECIDED", "LogLine", "LogPage", "LogQuery", "search_log"]

MOST_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """What an auditor looks for; `after` continues a page."""

    child: str | None = None
    partner: str | None = None
    outcome: str | None = None
    act: str | None = None
    acts: frozenset[str] | None = None
    outcomes: frozenset[str] | None = None
    since: datetime | None = None
    """From this instant on."""
    until: datetime | None = None
    """Before this instant."""
    after: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log; the child is a pseudonym that only auditors share."""

    id: int
    at: datetime
    act: str
    actor: str
    partner: str | None
    purpose: str | None
    child: str | None
    classes: tuple[str, ...]
    outcome: str
    rules: tuple[str, ...]
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Lines, newest first, and where the next page begins."""

    entries: tuple[LogLine, ...]
    next: int | None


def search_log(hub: Hub, auditor: AuditorCaller, query: LogQuery, *, at: datetime) -> LogPage:
    """Return a page of the log; the search itself is a line of the log too."""
    with transaction(hub.engine) as tx:
        rows, more = found_lines(tx, hub, auditor, query, at=at)
    lines = tuple(line_of(hub, row) for row in rows)
    return LogPage(entries=lines, next=lines[-1].id if more else None)


def found_lines(
    tx: Transaction, hub: Hub, auditor: AuditorCaller, query: LogQuery, *, at: datetime
) -> tuple[tuple[RowMapping, ...], bool]:
    """Return what is stored of a page, and whether another follows; write the line of the search.

    Nothing of it may be shown but by `line_of`, and what the leaf of a line holds in clear.
    """
    limit = max(1, min(query.limit, MOST_LINES))
    rows = access_log.select_lines(tx, _conditions(hub, query), limit=limit + 1)
    searched = access_log.Entry(
        at=at,
        act="log_searched",
        actor=f"auditor/{auditor.auditor}",
        role="auditor",
        purpose="audit",
        outcome="done",
        correlation=auditor.correlation,
    )
    access_log.append(tx, searched)
    return rows[:limit], len(rows) > limit


def _conditions(hub: Hub, query: LogQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.child is not None:
        # A pseudonym that leads nowhere must find nothing, not everything.
        child = hub.vault.resolve(AUDITORS, query.child) or UUID(int=0)
        found.append(log_table.c.child == child)
    if query.partner is not None:
        found.append(log_table.c.partner == query.partner)
    if query.outcome is not None:
        found.append(log_table.c.outcome == query.outcome)
    if query.act is not None:
        found.append(log_table.c.act == query.act)
    if query.acts is not None:
        found.append(log_table.c.act.in_(sorted(query.acts)))
    if query.outcomes is not None:
        found.append(log_table.c.outcome.in_(sorted(query.outcomes)))
    if query.since is not None:
        found.append(log_table.c.at >= query.since)
    if query.until is not None:
        found.append(log_table.c.at < query.until)
    if query.after is not None:
        found.append(log_table.c.id < query.after)
    return found


def line_of(hub: Hub, row: RowMapping) -> LogLine:
    """Return a stored line as auditors see it."""
    child: Any = row["child"]
    return LogLine(
        id=row["id"],
        at=row["at"],
        act=row["act"],
        actor=_pseudonymous(hub, row["actor"]),
        partner=row["partner"],
        purpose=row["purpose"],
        child=hub.vault.pairwise(AUDITORS, child) if child else None,
        classes=tuple(row["classes"]),
        outcome=row["outcome"],
        rules=tuple(row["rules"]),
        consents=tuple(hub.vault.pairwise(AUDITORS, one) for one in row["consents"]),
    )


def _pseudonymous(hub: Hub, actor: str) -> str:
    kind, _, person = actor.partition("/")
    return f"person/{hub.vault.pairwise(AUDITORS, UUID(person))}" if kind == "person" else actor
