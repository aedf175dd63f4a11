"""What makes unread messages unreadable for ever, and takes no longer when there are many."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, text

from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.deliveries.settle_keys import settle_keys
from gateway.exchange.families.assess import Assessed, assess
from gateway.exchange.partners.register_partner import set_partner_status
from gateway.identity.callers import PartnerCaller
from gateway.store import message_keys, outbox
from gateway.store.engine import transaction
from gateway.store.outbox import SETTLED_AT_ONCE, Due
from gateway.store.tables import delivery
from tests.integration.receiving.desk import CLASSES, Desk
from tests.integration.receiving.protocols import agreed, covered, ended
from tests.support.family_world import CAW, CLB, DAY, SEVEN, TWELVE, FamilyWorld

LATER = SEVEN + DAY
HOUR = timedelta(hours=1)
MANY = 3 * SETTLED_AT_ONCE


@pytest.fixture
def world(desk: Desk) -> FamilyWorld:
    return desk.world


def allowed(world: FamilyWorld, *, at: datetime = SEVEN, **more: int) -> str:
    world.given(world.father, CLASSES, at=at, **more)
    return world.given(world.mother, CLASSES, at=at, **more)


def sealed(desk: Desk, *, times: int = 0, at: datetime = SEVEN) -> list[str]:
    """Let messages lie in the feed, `times` more than there are; return those of the CLB."""
    desk.fill_at(at)
    rows = select(delivery.c.child, delivery.c.resource, delivery.c.version)
    for _ in range(times):
        with transaction(desk.hub.engine) as tx:
            row = tx.execute(rows.where(delivery.c.partner == CLB).limit(1)).one()
            due = Due(partner=CLB, child=row.child, resource=row.resource, version=row.version,
                      kind="updated")  # fmt: skip
            outbox.queue(tx, [due], at=at)
        # One at a time, because several about one resource become one message.
        desk.fill_at(at)
    with transaction(desk.hub.engine) as tx:
        query = select(delivery.c.id).where(delivery.c.partner == CLB, delivery.c.kind == "updated")
        return [str(one) for one in tx.execute(query.order_by(delivery.c.sequence)).scalars()]


def withdraw(desk: Desk, consent: str) -> None:
    desk.world.take_back(desk.world.mother, consent, at=LATER)


def refuse(desk: Desk, _: str) -> None:
    desk.world.said_no(desk.world.mother, at=LATER, to=CLB, classes=CLASSES, purpose="care")


def exclude(desk: Desk, _: str) -> None:
    desk.world.said_no(desk.world.mother, at=LATER, effect="exclude", to=CLB)


def expire(desk: Desk, _: str) -> None:
    keep_calendar(desk.hub, at=SEVEN + 95 * DAY)


def grow_up(desk: Desk, _: str) -> None:
    keep_calendar(desk.hub, at=TWELVE + 31 * DAY)


def find_capable(desk: Desk, _: str) -> None:
    """The child decides from now on, and nobody asked it yet."""
    found = Assessed(
        patient=desk.world.patient(CAW),
        outcome="capable",
        reasons="Na drie gesprekken blijkt dat het kind de gevolgen overziet.",
        assessor="An Peeters, psycholoog",
    )
    caller = PartnerCaller(partner=CAW, scopes=frozenset())
    assert isinstance(assess(desk.hub, caller, found, at=LATER), str)


def suspend(desk: Desk, _: str) -> None:
    set_partner_status(desk.hub, CLB, "suspended", at=LATER)
    set_partner_status(desk.hub, CLB, "active", at=LATER)


def end_protocol(desk: Desk, _: str) -> None:
    ended(desk, at=LATER)


def pass_last_day(desk: Desk, _: str) -> None:
    keep_calendar(desk.hub, at=SEVEN + 31 * DAY)


# Here nothing may go before an operator said what covers it.
PROTOCOLS = {end_protocol, pass_last_day}


@pytest.mark.parametrize(
    ("cause", "begun_at", "asked_at"),
    [
        (withdraw, SEVEN, LATER),
        (refuse, SEVEN, LATER),
        (exclude, SEVEN, LATER),
        (expire, SEVEN, SEVEN + 95 * DAY),
        (grow_up, TWELVE - DAY, TWELVE + 31 * DAY),
        (find_capable, SEVEN, LATER),
        (suspend, SEVEN, LATER),
        (end_protocol, SEVEN, LATER),
        (pass_last_day, SEVEN, SEVEN + 31 * DAY),
    ],
)
def test_what_was_not_opened_before_is_never_opened(
    desk: Desk,
    world: FamilyWorld,
    cause: Callable[[Desk, str], None],
    begun_at: datetime,
    asked_at: datetime,
) -> None:
    if cause in PROTOCOLS:
        covered(desk, days=30, at=begun_at)
    consent = allowed(world, at=begun_at, days=90)
    messages = sealed(desk, at=begun_at)
    assert messages
    cause(desk, consent)
    assert keys(desk, messages) == set()
    assert set(world.open(messages, at=asked_at).values()) == {"gone"}
    # Also on the facts of before, which would still let it go: there is no key left to ask for.
    assert set(world.open(messages, at=begun_at).values()) == {"gone"}


def keys(desk: Desk, messages: list[str]) -> set[UUID]:
    """Try to open the key of each message with all that the hub itself has."""
    with transaction(desk.hub.engine) as tx:
        rows = tx.execute(select(delivery).where(delivery.c.id.in_(messages))).all()
        return set(message_keys.content_keys(tx, desk.hub.vault, rows))


@contextmanager
def statements(desk: Desk) -> Iterator[list[str]]:
    """Collect what is asked of the database, and how many rows each changed."""
    asked: list[str] = []

    def note(_c: object, cursor: object, statement: str, *_: object) -> None:
        asked.append(f"{statement.split(maxsplit=1)[0]} {getattr(cursor, 'rowcount', 0)}")

    event.listen(desk.hub.engine, "after_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(desk.hub.engine, "after_cursor_execute", note)


def test_a_stop_takes_as_many_steps_for_many_messages_as_for_few(
    desk: Desk, world: FamilyWorld
) -> None:
    first = allowed(world)
    few = sealed(desk)
    with statements(desk) as short:
        withdraw(desk, first)
    second = allowed(world, at=LATER + HOUR)
    many = sealed(desk, times=MANY, at=LATER + HOUR)
    assert len(many) > len(few) + MANY
    with statements(desk) as long:
        world.take_back(world.mother, second, at=LATER + DAY)
    assert [one.split()[0] for one in long] == [one.split()[0] for one in short]
    changed = [int(one.split()[1]) for one in long if one.startswith("update")]
    assert max(changed) <= SETTLED_AT_ONCE
    assert keys(desk, many) == set()
    assert len(rows_with_a_key(desk)) == MANY + len(few) - SETTLED_AT_ONCE


def rows_with_a_key(desk: Desk) -> list[UUID]:
    with transaction(desk.hub.engine) as tx:
        return list(tx.execute(text("select id from delivery where wrapped_key is not null"))
                    .scalars())  # fmt: skip


def test_the_end_of_a_protocol_takes_as_many_steps_for_many_messages_as_for_few(
    desk: Desk, world: FamilyWorld
) -> None:
    covered(desk)
    allowed(world)
    few = sealed(desk)
    with statements(desk) as short:
        ended(desk, at=LATER)
    agreed(desk, at=LATER + HOUR)
    many = sealed(desk, times=MANY, at=LATER + HOUR)
    assert len(many) > len(few) + MANY
    with statements(desk) as long:
        ended(desk, at=LATER + DAY)
    assert [one.split()[0] for one in long] == [one.split()[0] for one in short]
    changed = [int(one.split()[1]) for one in long if one.startswith("update")]
    assert max(changed) <= SETTLED_AT_ONCE
    assert keys(desk, many) == set()


def test_what_is_left_is_brought_in_line_and_is_gone_before(desk: Desk, world: FamilyWorld) -> None:
    consent = allowed(world)
    messages = sealed(desk, times=MANY)
    withdraw(desk, consent)
    assert set(world.open(messages[-3:], at=LATER).values()) == {"gone"}
    assert settle_keys(desk.hub, at=LATER) > 0
    assert settle_keys(desk.hub, at=LATER) == 0
    assert rows_with_a_key(desk) == []
    assert {state(desk, one) for one in messages} == {"gone"}


def state(desk: Desk, message: str) -> str:
    with transaction(desk.hub.engine) as tx:
        query = select(delivery.c.state).where(delivery.c.id == UUID(message))
        return str(tx.execute(query).scalar_one())


def test_a_new_yes_opens_new_messages_and_no_old_one(desk: Desk, world: FamilyWorld) -> None:
    old = sealed_under(desk, allowed(world))
    soon = LATER + HOUR
    allowed(world, at=soon)
    new = [one for one in sealed(desk, at=soon) if one not in old]
    assert new
    assert set(world.open(new, at=soon).values()) == {"released"}
    assert set(world.open(old, at=soon).values()) == {"gone"}


def sealed_under(desk: Desk, consent: str) -> list[str]:
    messages = sealed(desk, times=MANY)
    withdraw(desk, consent)
    return messages


def test_a_stop_of_one_class_leaves_the_keys_of_another(desk: Desk, world: FamilyWorld) -> None:
    allowed(world)
    messages = sealed(desk)
    before = world.keys()
    world.said_no(world.mother, at=LATER, to=CLB, classes={"diagnosis"}, purpose="care")
    left = {one for one, data_class in before.items() if data_class != "diagnosis"}
    assert left
    assert {str(one) for one in keys(desk, messages)} == left
    assert set(world.open(sorted(left), at=LATER).values()) == {"released"}
