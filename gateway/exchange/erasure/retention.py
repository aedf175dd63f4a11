"""What retention asks to erase, by whom and why; first as a list, and only then for real.

Statements go by class, each leaving a tombstone without content; a child of whom nothing is left
is erased whole. Everything follows from the register, the birth date and the day that is given.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from consent.moments import birthday
from gateway.clock import BRUSSELS, brussels_date
from gateway.errors import SourceUnavailable
from gateway.exchange.calendar.age_dates import birth_date
from gateway.exchange.erasure.erase_child import alone_with, erase_now, tell_of_erasure
from gateway.exchange.erasure.reduce_originals import take_statements_out
from gateway.exchange.erasure.retention_register import (
    ACCESS_LOG,
    PERIODS,
    counts_birthdays,
    longest,
    periods_for,
)
from gateway.exchange.hub import Hub
from gateway.exchange.records.keep_statements import Kept
from gateway.exchange.records.settle_part import follow
from gateway.observability import Event, warn
from gateway.store import access_log, calendar, children, erasing, moving, retained
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.retained import Held
from gateway.store.vault import AUDITORS

BATCH: Final = 500
STATEMENTS: Final = "statements"
CHILD: Final = "child"
BY: Final = "hub"
COUNTS: Final = ("statements", "children", "postponed", "failed")
_FIRST: Final = UUID(int=0)
_GROUND: Final = "retention_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be erased of one child: counts and codes, never content."""

    child: str
    """The auditors' pseudonym."""
    source: str
    data_class: str
    count: int
    due: date | None
    """The first day it is over; None where a birthday may be that day, which nobody is to learn."""
    period: str
    """The entry of the register that keeps it longest."""
    erases: str
    """`statements`, or `child` when nothing else is left of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is due on a day, and what is not, counted by why it stays."""

    day: date
    due: tuple[Due, ...]
    kept: Mapping[str, int]
    """Statements `not_yet`, `birth_date_unknown`, `no_period`; and `old_log_lines`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """The statements of one child: which are due with their day and period, and why others stay."""

    due: Mapping[UUID, tuple[date, str]]
    held: Sequence[Held]
    kept: Mapping[str, int]

    @property
    def whole(self) -> bool:
        return bool(self.held) and len(self.due) == len(self.held)


def retention_plan(hub: Hub, *, at: datetime) -> Plan:
    """Return what is due at an instant; nothing is changed, and nothing is logged."""
    today, kept, due = brussels_date(at), Counter[str](), list[Due]()
    for row in _everybody(hub):
        judged = _looked_at(hub, row.id, today)
        kept.update(judged.kept)
        due += _listed(hub, row.id, judged)
    with transaction(hub.engine) as tx:
        kept["old_log_lines"] = _old_lines(tx, at)
    due.sort(key=lambda one: (one.child, one.source, one.data_class, one.period))
    return Plan(day=today, due=tuple(due), kept=dict(sorted(kept.items())))


def apply_retention(
    hub: Hub, *, at: datetime, told: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Erase what is due; return how many of each of `COUNTS`. A second run finds nothing.

    `postponed` is a child that a person must first say something about, or who is busy.
    """
    today, done = brussels_date(at), Counter[str]()
    for row in _everybody(hub):
        if told():
            break
        judged = _looked_at(hub, row.id, today)
        done["failed"] += judged.kept.get("failed", 0)
        if judged.due:
            done += _alone(hub, row.id, today, at=at)
    return {name: done[name] for name in COUNTS}


def _everybody(hub: Hub) -> Iterator[AnyRow]:
    after = _FIRST
    while True:
        with transaction(hub.engine) as tx:
            batch = calendar.children_after(tx, after, limit=BATCH)
        if not batch:
            return
        yield from batch
        after = batch[-1].id


def _looked_at(hub: Hub, child: UUID, today: date) -> _Judged:
    """Look at one child without a lock; who cannot be read is kept and counted."""
    try:
        with transaction(hub.engine) as tx:
            return _judge(tx, hub, child, today)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one child: the others are not to wait
        warn(Event.RETENTION_FAILED, error=type(error).__name__)
        return _Judged(due={}, held=(), kept={"failed": 1})


def _judge(tx: Transaction, hub: Hub, child: UUID, today: date) -> _Judged:
    facts = children.facts_of(tx, hub.vault, child)
    born = birth_date(facts.born) if facts else None
    held = retained.statements_of(tx, child) if facts else ()
    found = kept_until(held, born)
    due: dict[UUID, tuple[date, str]] = {}
    kept = Counter[str]()
    for one in held:
        period, over = found[one.id]
        if period is None or over is None:
            kept["birth_date_unknown" if period else "no_period"] += 1
        elif over > today:
            kept["not_yet"] += 1
        else:
            due[one.id] = (over, period)
    return _Judged(due=due, held=held, kept=kept)


def kept_until(
    held: Sequence[Held], born: date | None
) -> Mapping[UUID, tuple[str | None, date | None]]:
    """Return for each statement of a child its longest period, and the first day it is over.

    No period: none is known. A period without a day: it counts from a birth date nobody knows.
    """
    last: dict[str | None, date] = {}
    for one in held:
        last[one.source] = max(last.get(one.source, one.contact), one.contact)
    return {one.id: _longest(one, born, last[one.source]) for one in held}


def _longest(one: Held, born: date | None, contact: date) -> tuple[str | None, date | None]:
    periods = periods_for(one.source, one.data_class)
    over = longest(periods, born=born, last_contact=contact)
    if over:
        return over[1], over[0]
    return (periods[0].id, None) if periods else (None, None)


def _listed(hub: Hub, child: UUID, judged: _Judged) -> Iterator[Due]:
    grouped = Counter(
        (one.source or "", one.data_class, *judged.due[one.id])
        for one in judged.held
        if one.id in judged.due
    )
    for (source, data_class, day, period), count in grouped.items():
        yield Due(
            child=hub.vault.pairwise(AUDITORS, child),
            source=source,
            data_class=data_class,
            count=count,
            due=None if counts_birthdays(period) else day,
            period=period,
            erases=CHILD if judged.whole else STATEMENTS,
        )


def _old_lines(tx: Transaction, at: datetime) -> int:
    years = max(one.years for one in PERIODS if one.source == ACCESS_LOG)
    day = birthday(brussels_date(at), -years)
    return retained.lines_before(tx, datetime.combine(day, time(), BRUSSELS))


def _alone(hub: Hub, child: UUID, today: date, *, at: datetime) -> Counter[str]:
    try:
        done = alone_with(hub, child, lambda tx: _erase(tx, hub, child, today, at=at))
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one child: the others are not to wait
        warn(Event.RETENTION_FAILED, error=type(error).__name__)
        return Counter(failed=1)
    return Counter(postponed=1) if done is None else done


def _erase(tx: Transaction, hub: Hub, child: UUID, today: date, *, at: datetime) -> Counter[str]:
    judged = _judge(tx, hub, child, today)
    if not judged.due:
        return Counter()
    if not judged.whole:
        _erase_statements(tx, hub, child, judged, at=at)
        return Counter(statements=len(judged.due))
    if erasing.candidate_of_open_match(tx, child):
        return Counter(postponed=1)
    erase_now(tx, hub, child, at=at)
    access_log.append(tx, _line("child_erased", child, rules=(_GROUND,), at=at))
    return Counter(children=1, statements=len(judged.due))


def _erase_statements(
    tx: Transaction, hub: Hub, child: UUID, judged: _Judged, *, at: datetime
) -> None:
    gone = [one for one in judged.held if one.id in judged.due]
    ids, names = [one.id for one in gone], frozenset(one.name for one in gone)
    # What is derived from them goes with them: nobody is left with a copy of what was erased here.
    erasing.destroy_message_keys(tx, child, ids, at=at)
    tell_of_erasure(tx, child, erasing.received(tx, child, ids), at=at)
    moving.stop_outbox(tx, ids)
    brought = retained.receipts_of(tx, ids)
    for receipt in brought:
        take_statements_out(tx, hub, receipt, child, names, at=at)
    retained.bury(tx, child, ids, names)
    key = children.key_of(tx, hub.vault, child)
    assert key is not None
    follow(tx, hub, key, child, Kept(frozenset(ids)), receipt=brought[-1], at=at)
    retained.bury_old_diagnoses(tx, child)
    for partner, of_partner in _by_partner(gone).items():
        classes = tuple(sorted({one.data_class for one in of_partner}))
        periods = tuple(sorted({judged.due[one.id][1] for one in of_partner}))
        line = _line("statements_erased", child, rules=periods, at=at)
        access_log.append(tx, replace(line, partner=partner, classes=classes))


def _by_partner(gone: Sequence[Held]) -> Mapping[str, Sequence[Held]]:
    grouped: dict[str, list[Held]] = defaultdict(list)
    for one in gone:
        grouped[one.partner].append(one)
    return dict(sorted(grouped.items()))


def _line(act: str, child: UUID, *, rules: tuple[str, ...], at: datetime) -> access_log.Entry:
    return access_log.Entry(at=at, act=act, actor=BY, child=child, rules=rules, outcome="done")
