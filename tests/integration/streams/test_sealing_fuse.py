"""Trouble that hits every message parks none; trouble of one message or one key parks that one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs
from structlog.typing import EventDict
from typer.testing import CliRunner

from gateway import clock
from gateway.cli import app
from gateway.exchange.check_keys import why_not_opened
from gateway.exchange.deliveries import park_delivery, seal_delivery, write_message
from gateway.exchange.deliveries.fill_feed import fill_feed
from gateway.exchange.deliveries.park_delivery import MOST_TRIES, list_parked
from gateway.exchange.deliveries.seal_delivery import claim_and_seal, unsent
from gateway.exchange.partners.register_way import Way, set_way
from gateway.exchange.sealing_fuse import AGAIN, ALIKE, LONGEST_SECONDS, SealingFuse
from gateway.store.engine import transaction
from gateway.store.vault import AnotherKey
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    OTHER,
    READER,
    World,
    allow,
    deliveries,
    environment,
    in_topic,
    running,
    until,
    waiting,
)
from tests.support.more_children import more_children

Hit = Callable[[Callable[[UUID], bool]], None]
NOBODY: Callable[[UUID], bool] = lambda _: False  # noqa: E731
EVERYBODY: Callable[[UUID], bool] = lambda _: True  # noqa: E731
STARTED = clock.now()


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    structlog.reset_defaults()
    with capture_logs() as found:
        yield found


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Hit:
    """Let the code fail for the children that the test says, until it says otherwise."""
    written = write_message.write_message
    hit = [NOBODY]

    def write(tx: Any, hub: Any, delivery: Any, *rest: Any, **keys: Any) -> Any:
        if hit[-1](delivery.child):
            raise KeyError("a name that may be in no log")
        return written(tx, hub, delivery, *rest, **keys)

    monkeypatch.setattr(seal_delivery, "write_message", write)
    return hit.append


class Clock:
    """What the fuse takes for the time, and the instant of a try at that time."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    @property
    def at(self) -> datetime:
        return STARTED + timedelta(seconds=self.now)


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def families(world: World, time: Clock) -> list[World]:
    """Several children, about each of whom something is due."""
    timed = replace(world, hub=replace(world.hub, fuse=SealingFuse(time)))
    found = [timed, *more_children(timed, ALIKE)]
    for one in found:
        allow(one)
    return found


def all_are_due(world: World) -> bool:
    """Whether no transaction under way anywhere on the server hides a row from the relay."""
    hidden = text(
        "select count(*) from outbox"
        " where state = 'due' and xid >= pg_snapshot_xmin(pg_current_snapshot())"
    )
    with transaction(world.hub.engine) as tx:
        return bool(tx.execute(hidden).scalar_one() == 0)


def rounds(world: World, time: Clock, *, many: int = 2 * MOST_TRIES) -> None:
    """Try as often as a message is tried before it is parked, and again as often."""
    # The server itself hides rows from the relay for a moment now and then: fewer fail alike.
    until(lambda: all_are_due(world))
    for _ in range(many):
        time.now += LONGEST_SECONDS
        claim_and_seal(world.hub, limit=100, at=time.at)


def states(world: World) -> set[str]:
    with transaction(world.hub.engine) as tx:
        return set(tx.execute(text("select distinct state from outbox")).scalars())


def damage(world: World, table: str, row: object) -> None:
    """Change the last byte of one wrapped key."""
    last = "length(wrapped_key) - 1"
    change = f"set_byte(wrapped_key, {last}, get_byte(wrapped_key, {last}) # 1)"
    with transaction(world.hub.engine) as tx:
        tx.execute(text(f"update {table} set wrapped_key = {change} where id = :row"), {"row": row})


def events(logs: Sequence[EventDict], name: str) -> list[EventDict]:
    return [one for one in logs if one["event"] == name]


def test_a_fault_that_hits_every_message_parks_none_and_is_told_loudly(
    families: list[World], fault: Hit, time: Clock, logs: list[EventDict]
) -> None:
    fault(EVERYBODY)
    rounds(families[0], time)
    assert states(families[0]) == {"due"}
    told = events(logs, "sealing_halted")
    assert told
    assert {one["log_level"] for one in told} == {"warning"}
    assert {frozenset(one) for one in told} == {
        frozenset({"event", "log_level", "count", "seconds"})
    }
    fault(NOBODY)
    rounds(families[0], time, many=1)
    assert states(families[0]) == {"sealed"}
    assert len(events(logs, "sealing_resumed")) == 1


def test_while_it_lasts_it_is_tried_less_and_less_often(
    families: list[World], fault: Hit, time: Clock, logs: list[EventDict]
) -> None:
    fault(EVERYBODY)
    for second in range(3600):
        time.now = float(second)
        claim_and_seal(families[0].hub, limit=100, at=time.at)
    # 1, 2, 4 … 60 s: six on the way to the longest pause, and one a minute from there.
    assert len(events(logs, "sealing_halted")) == 6 + (3600 - 63) // 60 + 1
    assert len(events(logs, "sealing_failed")) <= 1 + len(events(logs, "sealing_halted"))


def test_poison_between_messages_that_work_is_parked_also_of_several_children(
    families: list[World], fault: Hit, time: Clock
) -> None:
    poisoned = {one.child for one in families[:-1]}
    fault(poisoned.__contains__)
    for _ in range(MOST_TRIES):
        time.now += LONGEST_SECONDS
        claim_and_seal(families[0].hub, limit=100, at=time.at)
        allow_again(families[-1])
    rounds(families[0], time)
    assert len(deliveries(families[0], "sealed")) > 0
    assert len(list_parked(families[0].hub)) > 0


def allow_again(world: World) -> None:
    """Let something be due that works."""
    with transaction(world.hub.engine) as tx:
        tx.execute(
            text(
                "insert into outbox (partner, child, resource, version, kind, state, queued_at)"
                " select partner, child, resource, version, kind, 'due', queued_at from outbox"
                " where child = :child order by id limit 1"
            ),
            {"child": world.child},
        )


def test_the_only_poison_there_is_is_parked_after_its_tries(
    world: World, fault: Hit, time: Clock
) -> None:
    allow(world)
    fault(EVERYBODY)
    rounds(world, time, many=MOST_TRIES)
    assert [one.tries for one in list_parked(world.hub)][:1] == [MOST_TRIES]


def test_a_fault_that_hits_all_that_was_sealed_destroys_no_key(
    families: list[World], fault: Hit, time: Clock
) -> None:
    hub = families[0].hub
    until(lambda: all_are_due(families[0]))
    sealed = claim_and_seal(hub, limit=100, at=time.at)
    fault(EVERYBODY)
    for _ in range(3 * MOST_TRIES):
        time.now += LONGEST_SECONDS
        with pytest.raises(KeyError):
            unsent(hub, partner=READER, limit=100, at=time.at)
    assert len(deliveries(families[0], "sealed")) == len(sealed)
    fault(NOBODY)
    assert len(unsent(hub, partner=READER, limit=100, at=clock.now())) == len(sealed)


def test_a_service_with_trouble_of_its_own_holds_up_no_other(
    families: list[World], fault: Hit, time: Clock
) -> None:
    for one in families:
        allow(one, OTHER)
    written = write_message.write_message

    def of_one_service(tx: Any, hub: Any, delivery: Any, *rest: Any, **keys: Any) -> Any:
        if delivery.partner == READER:
            raise KeyError
        return written(tx, hub, delivery, *rest, **keys)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seal_delivery, "write_message", of_one_service)
        rounds(families[0], time)
    assert list_parked(families[0].hub) == ()
    assert deliveries(families[0], "sealed", partner=OTHER)
    assert not deliveries(families[0], "sealed")


def test_an_operator_sees_what_fails_and_is_not_parked(
    families: list[World], fault: Hit, time: Clock
) -> None:
    fault(EVERYBODY)
    rounds(families[0], time)
    listed = CliRunner().invoke(app, ["relay", "parked"], env=environment(families[0].hub.settings))
    assert listed.stdout == ""
    assert listed.stderr.startswith(f"{len(families)} failed and are tried again")


@pytest.mark.parametrize("table", ["child", "message_key"])
def test_one_damaged_key_parks_what_needs_it_and_nothing_else(
    families: list[World], table: str, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(park_delivery, "FIRST_WAIT", timedelta(0))
    broken, *others = families
    row: object = broken.child
    if table == "message_key":
        claim_and_seal(broken.hub, limit=1, at=clock.now())
        query = "select id from message_key where child = :child"
        with transaction(broken.hub.engine) as tx:
            row = tx.execute(text(query), {"child": broken.child}).scalars().first()
    damage(broken, table, row)
    with running(relay_outbox, broken.hub):
        until(lambda: waiting(broken) == 0)
    parked = list_parked(broken.hub)
    assert {one.reason for one in parked} == {"key_damaged"}
    with transaction(broken.hub.engine) as tx:
        query = "select distinct child from outbox where state = 'parked'"
        assert set(tx.execute(text(query)).scalars()) == {broken.child}
        sent = set(tx.execute(text("select child from delivery where state = 'sent'")).scalars())
    assert {one.child for one in others} <= sent
    numbers = [one.sequence for one in in_topic(broken)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_one_damaged_key_holds_up_no_feed_of_another_service(world: World, time: Clock) -> None:
    other = more_children(world, 1)[0]
    for one in (world, other):
        allow(one)
    assert set_way(world.hub, READER, Way(way="feed"), at=clock.now())
    claim_and_seal(world.hub, limit=100, at=clock.now(), ways={"feed"})
    damage(world, "child", world.child)
    for _ in range(100):
        time.now += LONGEST_SECONDS
        fill_feed(world.hub, limit=100, at=time.at)
    assert {one.reason for one in list_parked(world.hub)} == {"key_damaged"}
    assert not deliveries(world, "sealed")
    assert deliveries(world, "sent")


def test_a_feed_with_nothing_left_takes_no_turn_of_another(
    families: list[World], time: Clock
) -> None:
    hub = families[0].hub
    _, last = sorted([READER, OTHER])
    allow(families[0], last)
    for partner in (READER, OTHER):
        assert set_way(hub, partner, Way(way="feed"), at=clock.now())
    assert claim_and_seal(hub, limit=100, at=clock.now(), ways={"feed"})
    first, *_ = sorted([READER, OTHER])
    with transaction(hub.engine) as tx:
        tx.execute(
            text("update delivery set sent_at = now(), state = 'sent' where partner = :first"),
            {"first": first},
        )
    for one in families:
        for partner in (READER, OTHER):
            hub.fuse.failed(AGAIN, partner, one.child, "KeyError")
    time.now += LONGEST_SECONDS
    fill_feed(hub, limit=100, at=clock.now())
    assert deliveries(families[0], "sent", partner=last)


def test_with_one_damaged_key_among_several_a_hub_starts(families: list[World]) -> None:
    with transaction(families[0].hub.engine) as tx:
        first = tx.execute(text("select id from child order by id limit 1")).scalar_one()
    damage(families[0], "child", first)
    assert why_not_opened(families[0].hub) is None


def test_with_another_key_everything_waits_and_nothing_is_parked(
    families: list[World], time: Clock
) -> None:
    hub = families[0].hub
    claim_and_seal(hub, limit=1, at=clock.now())
    vault = replace(hub.vault, key_encryption_key=bytes(32))
    wrong = replace(families[0], hub=replace(hub, vault=vault))
    for _ in range(2 * MOST_TRIES):
        time.now += LONGEST_SECONDS
        with pytest.raises(AnotherKey):
            claim_and_seal(wrong.hub, limit=100, at=clock.now())
        with pytest.raises(AnotherKey):
            unsent(wrong.hub, partner=READER, limit=100, at=clock.now())
    assert list_parked(hub) == ()
