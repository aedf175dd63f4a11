"""Decide again what was decided: on the facts of then, as of then, compared with the log.

Nothing is disclosed: what comes out is whether a line is right, in codes that the log holds
already. That somebody did this is a line of the log too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping

from consent.edition import EDITION, FIRST_RELEASES
from gateway.clock import BRUSSELS
from gateway.exchange.audit.said import Said, said_again
from gateway.exchange.basis import RestsOn, read
from gateway.exchange.deliveries import decide_delivery, release_key
from gateway.exchange.deliveries.release_key import KEY_DESTROYED
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes import emergency
from gateway.store import access_log, children, decision_basis, outbox
from gateway.store.access_log import DECIDED
from gateway.store.decision_basis import Basis
from gateway.store.engine import Transaction, transaction
from gateway.store.outbox import Message
from gateway.store.tables import access_log as log_table
from gateway.store.vault import Unreadable
from gateway.transparency.leaf import is_erased

ACT: Final = "recomputed"
PAGE: Final = 500
BASIS: Final = "basis"
"""What differs when the facts that a line rests on are not those that were written."""


class Result(StrEnum):
    """What came of deciding a line again."""

    EQUAL = "equal"
    DIFFERS = "differs"
    MISSING = "basis_missing"
    ERASED = "erased"
    OTHER_RULES = "other_rules"
    UNDECIDED = "undecided"
    """The rules decided nothing in this line: another act, a child nobody knows, no key left."""


WRONG: Final = frozenset({Result.DIFFERS, Result.MISSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: by number, or those about one child, or from a day in Flanders on."""

    lines: tuple[int, ...] = ()
    child: UUID | None = None
    since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """One line with what came of it; `again` is what was decided now, where it is not the same."""

    line: int
    at: datetime
    result: Result
    said: Said
    differs: tuple[str, ...] = ()
    edition: str | None = None
    again: Said | None = None

    @property
    def release(self) -> str | None:
        """Return the first release that decides by this line's rules, if this program knows."""
        return FIRST_RELEASES.get(self.edition or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the lines of a page rest on."""

    keys: Mapping[UUID, bytes]
    bases: Mapping[bytes, Basis]
    messages: Mapping[UUID, Message]


def recompute(
    hub: Hub,
    wanted: Wanted,
    *,
    by: str,
    at: datetime,
    todays_rules: bool = False,
    correlation: str | None = None,
) -> Iterator[Recomputed]:
    """Decide each wanted line again, oldest first; logged before the first is told.

    `by` is `operator` or `auditor/<id>`. With `todays_rules` also lines of another edition, to see
    what would be decided now: they stay `other_rules`.
    """
    after, begun = 0, False
    while True:
        with transaction(hub.engine) as tx:
            rows = access_log.select_oldest(tx, _conditions(wanted), after=after, limit=PAGE)
            held = _hold(tx, rows)
            if not begun:
                access_log.append(tx, *_told(wanted, rows, by, correlation, at=at))
        begun = True
        yield from (_recomputed(hub, row, held, todays_rules) for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    if wanted.lines:
        return [log_table.c.id.in_(wanted.lines)]
    found: list[ColumnElement[bool]] = [log_table.c.act.in_(DECIDED)]
    if wanted.child is not None:
        found.append(log_table.c.child == wanted.child)
    if wanted.since is not None:
        found.append(log_table.c.at >= datetime.combine(wanted.since, time(), BRUSSELS))
    return found


def _told(
    wanted: Wanted, rows: Iterable[RowMapping], by: str, correlation: str | None, *, at: datetime
) -> Iterator[access_log.Entry]:
    """Yield a line for each child whose lines were named; one for a search by child or day."""
    about: set[UUID | None] = {row["child"] for row in rows} if wanted.lines else {wanted.child}
    for child in sorted(about or {None}, key=str):
        yield access_log.Entry(
            at=at,
            act=ACT,
            actor=by,
            role="auditor" if by.startswith("auditor/") else None,
            purpose="audit",
            child=child,
            outcome="done",
            correlation=correlation,
        )


def _hold(tx: Transaction, rows: Sequence[RowMapping]) -> _Held:
    resting = [row for row in rows if row["basis"] is not None and row["child"] is not None]
    asked = [row["correlation"] for row in resting if row["act"] == release_key.ACT]
    return _Held(
        keys=children.wrapped_keys(tx, {row["child"] for row in resting}),
        bases=decision_basis.find(tx, {row["basis"] for row in resting}),
        messages=outbox.messages(tx, {one for text in asked if (one := _uuid(text))}),
    )


def _recomputed(hub: Hub, row: RowMapping, held: _Held, todays_rules: bool) -> Recomputed:
    edition, said, rests = row["rules_version"], Said.of(row), _rests_on(hub, row, held)
    found = Recomputed(
        line=row["id"], at=row["at"], result=Result.OTHER_RULES, said=said, edition=edition
    )
    if isinstance(rests, Result):
        return replace(found, result=rests, differs=(BASIS,) if rests is Result.DIFFERS else ())
    if edition != EDITION and not todays_rules:
        return found
    message = held.messages.get(_uuid(row["correlation"]) or UUID(int=0))
    again = said_again(rests, at=row["at"], message=message)
    differs = said.differs_from(again)
    if edition != EDITION:
        return replace(found, differs=differs, again=again)
    if not differs:
        return replace(found, result=Result.EQUAL)
    return replace(found, result=Result.DIFFERS, differs=differs, again=again)


def _rests_on(hub: Hub, row: RowMapping, held: _Held) -> RestsOn | Result:
    """Return what a line rests on, or why that cannot be said."""
    if row["basis"] is None:
        return _without_basis(row)
    stored, key = held.bases.get(row["basis"]), held.keys.get(row["child"])
    if row["child"] is None or (stored is not None and stored.child != row["child"]):
        return Result.DIFFERS
    if key is None:
        return Result.ERASED
    if stored is None:
        return Result.MISSING
    text = _opened(hub, key, stored)
    if text is None:
        return Result.DIFFERS
    # Other rules may have been given facts in a form that this program does not know.
    unread = Result.DIFFERS if row["rules_version"] == EDITION else Result.OTHER_RULES
    return read(text) or unread


def _without_basis(row: RowMapping) -> Result:
    if is_erased(dict(row)):
        return Result.ERASED
    return Result.UNDECIDED if _nothing_decided(row) else Result.MISSING


def _opened(hub: Hub, wrapped: bytes, stored: Basis) -> bytes | None:
    try:
        key = children.open_key(hub.vault, stored.child, wrapped)
        return decision_basis.unseal(hub.vault, key, stored)
    except Unreadable:
        return None


_NOTHING_LEFT: Final = {
    release_key.ACT: [KEY_DESTROYED],
    decide_delivery.ACT: [],
    emergency.ACT: [],
}


def _nothing_decided(row: RowMapping) -> bool:
    """Whether a line without a basis is one for which the rules were never asked."""
    if row["act"] not in DECIDED:
        return True
    told = (row["resources"], row["classes"], row["consents"], row["rules_version"])
    if row["outcome"] != "deny" or any(told):
        return False
    if row["child"] is None:
        return not row["rules"]
    # Nothing was left to decide about: no key, or a child that was erased.
    return list(row["rules"]) == _NOTHING_LEFT.get(row["act"])


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
