"""What a child's birthdays do to the decisions about it (rules of sharing, section 7).

The engine knows the age of a child at every instant; this tells the people, ends what their
decisions had set under way, and does each thing once.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from gateway.clock import BRUSSELS
from gateway.exchange.calendar.age_dates import AgeDates, AgeEvent, age_dates
from gateway.exchange.deliveries.stop_deliveries import stop_deliveries
from gateway.exchange.families.end_consents import CALENDAR, GRANT, end_decisions
from gateway.exchange.families.tell_family import tell_family
from gateway.exchange.families.whom_to_tell import Family, family_of
from gateway.exchange.hub import Hub
from gateway.store import access_log, calendar, notices
from gateway.store.engine import Transaction
from gateway.store.notices import Notice


def ages_due(
    born: date, *, known_since: date, today: date, happened: Iterable[str]
) -> tuple[AgeEvent, ...]:
    """Return what happened to a child up to today and was not dealt with, oldest first."""
    dates, done = age_dates(born), frozenset(happened)
    return tuple(
        one for one in dates.happened(known_since=known_since, today=today) if one.value not in done
    )


def keep_ages(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    *,
    known_since: date,
    today: date,
    at: datetime,
) -> Counter[str]:
    """Tell of birthdays that come, and carry out those that came; a second time changes nothing.

    The caller holds the child's lock.
    """
    family = family_of(tx, hub, child, at=at)
    if family is None or family.child.born is None:
        return Counter()
    dates = age_dates(family.child.born)
    kept = Counter(announced=_announce(tx, child, family, dates, today=today, at=at))
    for event in dates.happened(known_since=known_since, today=today):
        if calendar.happen(tx, child, event, at=at):
            kept += _carry_out(tx, hub, child, family, dates, event=event, at=at)
    return kept


def _announce(
    tx: Transaction, child: UUID, family: Family, dates: AgeDates, *, today: date, at: datetime
) -> int:
    told: list[Notice] = []
    if dates.turns_twelve_soon(today):
        told += _notices(child, family.holders, notices.TURNS_TWELVE, dates.twelve, at=at)
    if dates.turns_eighteen_soon(today):
        everyone = family.holders | family.own
        told += _notices(child, everyone, notices.TURNS_EIGHTEEN, dates.eighteen, at=at)
    return notices.notify(tx, told, at=at)


def _carry_out(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    family: Family,
    dates: AgeDates,
    *,
    event: AgeEvent,
    at: datetime,
) -> Counter[str]:
    kept = Counter(age_events=1)
    access_log.append(tx, _line(child, event, at=at))
    if event is AgeEvent.TURNED_TWELVE:
        kept["announced"] += _ask_to_reconfirm(tx, child, family, dates.twelve, at=at)
        kept["announced"] += _tell_of_routes(tx, hub, child, dates.twelve, at=at)
    if event is AgeEvent.TURNED_EIGHTEEN:
        kept["consents_ended"] += _end_parental(tx, child, family, dates.eighteen, at=at)
    kept["keys_destroyed"] += stop_deliveries(tx, hub, child, partners=None, at=at)
    return kept


def _ask_to_reconfirm(
    tx: Transaction, child: UUID, family: Family, day: date, *, at: datetime
) -> int:
    """Ask who gave something for a child that now decides; an assessment settled it already."""
    given = [one for one in family.parental(calendar.running(tx, child)) if one.effect == GRANT]
    if not given or family.child.capacity != "presumed":
        return 0
    asked = family.holders | family.own | {one.person for one in given}
    return notices.notify(tx, _notices(child, asked, notices.RECONFIRM, day, at=at), at=at)


def _tell_of_routes(tx: Transaction, hub: Hub, child: UUID, day: date, *, at: datetime) -> int:
    """Tell who decides now of what was shared by law, and was to be told to others later."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=BRUSSELS)
    return sum(
        tell_family(
            tx,
            hub,
            child,
            one.id,
            recipient=one.recipient,
            release_at=one.notify_at,
            shared_at=one.invoked_at,
            at=at,
        )
        for one in calendar.routes_told_after(tx, child, midnight)
    )


def _end_parental(tx: Transaction, child: UUID, family: Family, day: date, *, at: datetime) -> int:
    """End whatever others decided for somebody who is of age; the own decisions go on."""
    over = family.parental(calendar.running(tx, child))
    end_decisions(tx, [(one, day) for one in over], channel=CALENDAR, at=at)
    return len(over)


def _notices(
    child: UUID, people: Iterable[UUID], kind: str, day: date, *, at: datetime
) -> list[Notice]:
    return [
        Notice(
            child=child,
            person=person,
            kind=kind,
            subject=str(child),
            day=day,
            release_at=at,
        )
        for person in sorted(people)
    ]


def _line(child: UUID, event: AgeEvent, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="age_event",
        actor="hub",
        role="system",
        child=child,
        outcome="done",
        rules=(event.value,),
    )
