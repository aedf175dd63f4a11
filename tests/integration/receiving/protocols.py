"""What an operator does with protocols, and what lies with a CLB that receives by the feed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pytest
from sqlalchemy import select, text

from gateway.clock import brussels_date
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.services.carry_out_protocols import Carried
from gateway.exchange.services.register_protocol import (
    Agreed,
    Enforced,
    add_protocol,
    end_protocol,
    enforce_protocols,
)
from gateway.store import children, message_keys
from gateway.store.engine import AnyRow, transaction
from gateway.store.tables import access_log, delivery
from tests.integration.receiving.desk import CLASSES, Desk
from tests.support.family_world import CLB, DAY, SEVEN, VAPH

LATER = SEVEN + DAY
REFERENCE = "https://www.vlaanderen.be/protocollen/2026-17"


def agreed(
    desk: Desk,
    source: str = VAPH,
    to: str = CLB,
    *,
    at: datetime = SEVEN,
    since: date | None = None,
    until: date | None = None,
) -> Carried:
    found = Agreed(source=source, to=to, reference=REFERENCE, since=since, until=until)
    return add_protocol(desk.hub, found, at=at)


def ended(
    desk: Desk,
    *,
    source: str = VAPH,
    to: str = CLB,
    on: date | None = None,
    at: datetime = LATER,
) -> Carried:
    return end_protocol(desk.hub, source, to, on=on, at=at)


def enforced(desk: Desk, *, at: datetime = SEVEN, stop_uncovered: bool = False) -> Enforced:
    return enforce_protocols(desk.hub, stop_uncovered=stop_uncovered, at=at)


def covered(desk: Desk, *, days: int | None = None, at: datetime = SEVEN) -> None:
    """Let what VAPH says go to the CLB, for so many days, and nothing else to anybody."""
    until = brussels_date(at + days * DAY) if days is not None else None
    agreed(desk, at=at, until=until)
    assert enforced(desk, at=at).in_force_since == at


def allowed(desk: Desk, *, at: datetime = SEVEN, to: str = CLB) -> str:
    desk.world.given(desk.world.father, CLASSES, at=at, to=to)
    return desk.world.given(desk.world.mother, CLASSES, at=at, to=to)


def sealed(desk: Desk, *, at: datetime = SEVEN, to: str = CLB) -> list[str]:
    """Let what waits lie in the feed or in the stream; return all messages with content."""
    desk.fill_at(at)
    desk.world.seal(at=at)
    with transaction(desk.hub.engine) as tx:
        query = select(delivery.c.id).where(delivery.c.partner == to, delivery.c.kind == "updated")
        return [str(one) for one in tx.execute(query.order_by(delivery.c.sequence)).scalars()]


def with_a_key(desk: Desk, messages: list[str]) -> set[str]:
    """Try to open the key of each message with all that the hub itself has."""
    with transaction(desk.hub.engine) as tx:
        rows = tx.execute(select(delivery).where(delivery.c.id.in_(messages))).all()
        return {str(one) for one in message_keys.content_keys(tx, desk.hub.vault, rows)}


def calendar(desk: Desk, at: datetime) -> dict[str, int]:
    return {name: count for name, count in keep_calendar(desk.hub, at=at).items() if count}


def lines(desk: Desk, *acts: str) -> list[AnyRow]:
    query = select(access_log).where(access_log.c.act.in_(acts)).order_by(access_log.c.id)
    with transaction(desk.hub.engine) as tx:
        return list(tx.execute(query))


def waits_for_a_lock(desk: Desk) -> bool:
    """Whether somebody of this database waits for an advisory lock."""
    query = text(
        "select exists (select from pg_locks l join pg_database d on d.oid = l.database"
        " where d.datname = current_database() and l.locktype = 'advisory' and not l.granted)"
    )
    with transaction(desk.hub.engine) as tx:
        return bool(tx.execute(query).scalar())


@contextmanager
def nobody_can_be_locked() -> Iterator[None]:
    """Let whatever is carried out for a child fail."""

    def broken(*_: object) -> None:
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(children, "lock", broken)
        yield
