"""Decisions of a family that end by themselves: the last day passed, or what they rest on ended."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final
from uuid import UUID

from gateway.exchange.deliveries.stop_deliveries import stop_deliveries
from gateway.exchange.hub import Hub
from gateway.store import access_log, calendar, notices, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction
from gateway.store.notices import Notice

GRANT: Final = "grant"
CALENDAR: Final = "calendar"
ORGANISATION: Final = "organisation"


def keep_expiry(
    tx: Transaction, hub: Hub, child: UUID, *, today: date, at: datetime
) -> Counter[str]:
    """End the grants whose last day passed, and remind of those that end within thirty days.

    The caller holds the child's lock; a second time changes nothing.
    """
    grants = [
        (one, one.until)
        for one in calendar.running(tx, child)
        if one.effect == GRANT and one.until is not None
    ]
    soon = [
        notice(one, notices.CONSENT_ENDS_SOON, until, at=at)
        for one, until in grants
        if today <= until <= today + calendar.REMIND_BEFORE and one.contested_at is None
    ]
    over = [(one, until) for one, until in grants if until < today]
    reminded = notices.notify(tx, soon, at=at)
    end_decisions(tx, over, channel=CALENDAR, at=at)
    ended_for = {heir for one, _ in over for heir in partners.heirs(tx, one.partner or "")}
    keys = stop_deliveries(tx, hub, child, partners=ended_for, at=at) if over else 0
    return Counter(reminded=reminded, consents_ended=len(over), keys_destroyed=keys)


def end_decisions(
    tx: Transaction,
    over: Iterable[tuple[ConsentRow, date]],
    *,
    channel: str,
    at: datetime,
) -> None:
    """End decisions, each on a day; keep that in their history and the log, and tell the givers."""
    ended = list(over)
    if not ended:
        return
    calendar.end(tx, [one.id for one, _ in ended], channel=channel, at=at)
    access_log.append(tx, *(_line(one, at=at) for one, _ in ended))
    told = [
        notice(one, notices.CONSENT_ENDED, day, at=at) for one, day in ended if one.effect == GRANT
    ]
    notices.notify(tx, told, at=at)


def notice(one: ConsentRow, kind: str, day: date, *, at: datetime) -> Notice:
    """Return what the giver of a decision is told about it."""
    return Notice(
        child=one.child,
        person=one.person,
        kind=kind,
        subject=str(one.id),
        day=day,
        release_at=at,
    )


def _line(one: ConsentRow, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="consent_ended",
        actor="hub",
        partner=one.partner,
        role="system",
        purpose=one.purpose,
        child=one.child,
        classes=one.classes or (),
        outcome="done",
        consents=(one.id,),
    )
