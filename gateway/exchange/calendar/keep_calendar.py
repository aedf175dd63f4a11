"""Everything that becomes due because time passes, up to an instant; may be run by anybody, often.

Each child is dealt with in a transaction of its own under its lock, and everything done leaves a
mark in that transaction. So a second run changes nothing, several may run side by side, one that
broke off is taken up by the next, and after days of standstill what is due happens once.
No decision waits for this: the engine knows the day at every release.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, TypeAlias
from uuid import UUID

from gateway.clock import brussels_date
from gateway.exchange.calendar.age_dates import age_dates, birth_date
from gateway.exchange.calendar.keep_ages import ages_due, keep_ages
from gateway.exchange.child_by_child import Told, alone, child_by_child
from gateway.exchange.families.end_consents import keep_expiry
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes.end_routes import close_routes
from gateway.exchange.services.carry_out_protocols import carry_out_protocols
from gateway.exchange.services.organisations import finish_organisations
from gateway.observability import Event, warn
from gateway.store import calendar, children
from gateway.store.engine import AnyRow, Transaction, transaction

BATCH: Final = 500
# What an operator sees; each is a number of things and names nobody.
COUNTS: Final = (
    "reminded",
    "announced",
    "consents_ended",
    "age_events",
    "routes_ended",
    "keys_destroyed",
    "held_again",
    "organisations_settled",
    "protocols_ended",
    "birthdays_unknown",
    "reviews_overdue",
    "failed",
)
_FIRST: Final = UUID(int=0)

Find: TypeAlias = Callable[[Transaction, UUID], Sequence[UUID]]


def keep_calendar(hub: Hub, *, at: datetime, told: Told = lambda: False) -> dict[str, int]:
    """Do what is due, and return how much of each of `COUNTS` was done now.

    `told` says between two children that it is time to stop; the rest is left to the next run.
    `birthdays_unknown` is counted when the children of a day are gone through.
    """
    kept: Counter[str] = Counter()
    today = brussels_date(at)
    kept += finish_organisations(hub, at=at, told=told)
    kept += _keep_protocols(hub, at=at, told=told)
    kept += _keep_consents(hub, today, at=at, told=told)
    kept += _keep_routes(hub, at=at, told=told)
    kept += _keep_day(hub, today, at=at, told=told)
    with transaction(hub.engine) as tx:
        kept["reviews_overdue"] = calendar.reviews_overdue(tx, at=at)
    return {name: kept[name] for name in COUNTS}


def _keep_protocols(hub: Hub, *, at: datetime, told: Told) -> Counter[str]:
    done = carry_out_protocols(hub, at=at, told=told)
    return Counter(protocols_ended=done.ended, failed=done.failed)


def _keep_consents(hub: Hub, today: date, *, at: datetime, told: Told) -> Counter[str]:
    def find(tx: Transaction, after: UUID) -> Sequence[UUID]:
        return calendar.with_consents_due(tx, today=today, after=after, limit=BATCH)

    def act(tx: Transaction, child: UUID) -> Counter[str]:
        return keep_expiry(tx, hub, child, today=today, at=at)

    return child_by_child(hub, _found(hub, find), act, told=told)


def _keep_routes(hub: Hub, *, at: datetime, told: Told) -> Counter[str]:
    def find(tx: Transaction, after: UUID) -> Sequence[UUID]:
        return calendar.with_routes_over(tx, at=at, after=after, limit=BATCH)

    def act(tx: Transaction, child: UUID) -> Counter[str]:
        ended = calendar.end_routes(tx, child, at=at)
        keys = close_routes(tx, child, ended, at=at)
        return Counter(routes_ended=len(ended), keys_destroyed=keys)

    return child_by_child(hub, _found(hub, find), act, told=told)


def _found(hub: Hub, find: Find) -> Iterator[UUID]:
    after = _FIRST
    while True:
        with transaction(hub.engine) as tx:
            batch = find(tx, after)
        if not batch:
            return
        yield from batch
        after = batch[-1]


def _keep_day(hub: Hub, today: date, *, at: datetime, told: Told) -> Counter[str]:
    """Go once through all children for this day, from where anybody left off."""
    kept: Counter[str] = Counter()
    with transaction(hub.engine) as tx:
        if calendar.begin_day(tx, today):
            kept["held_again"] = calendar.release_held(tx)
        state = calendar.kept(tx, today)
    reached, done = state.reached, state.done
    while not done and not told():
        with transaction(hub.engine) as tx:
            batch = calendar.children_after(tx, reached, limit=BATCH)
        for row in batch:
            kept += _keep_ages(hub, row, today, at=at)
        with transaction(hub.engine) as tx:
            if batch:
                reached = batch[-1].id
                calendar.reach(tx, today, reached)
            else:
                calendar.finish_day(tx, today, at=at)
                done = True
    return kept


def _keep_ages(hub: Hub, row: AnyRow, today: date, *, at: datetime) -> Counter[str]:
    """Look at one birth date without a lock; only who has something due is locked."""
    known_since = brussels_date(row.known_since)

    def act(tx: Transaction, child: UUID) -> Counter[str]:
        return keep_ages(tx, hub, child, known_since=known_since, today=today, at=at)

    try:
        _, facts = children.open_facts(hub.vault, row.id, row.wrapped_key, row.facts)
    except Exception as error:  # noqa: BLE001 -- the edge of one child: the others are not to wait
        warn(Event.CALENDAR_FAILED, error=type(error).__name__)
        return Counter(failed=1)
    born = birth_date(facts.born)
    if born is None:
        return Counter(birthdays_unknown=1)
    dates = age_dates(born)
    due = ages_due(born, known_since=known_since, today=today, happened=row.happened)
    if due or dates.turns_twelve_soon(today) or dates.turns_eighteen_soon(today):
        return alone(hub, row.id, act)
    return Counter()
