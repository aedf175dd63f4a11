"""One damaged key is answered as a message that cannot be had; the others are answered too."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text
from structlog.testing import capture_logs
from structlog.typing import EventDict

from gateway import clock
from gateway.store.engine import transaction
from gateway.store.vault import KeyUnreadable
from tests.integration.receiving.desk import Desk
from tests.support.family_world import CLB

LAST = "set_byte({0}, length({0}) - 1, get_byte({0}, length({0}) - 1) # 1)"


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    structlog.reset_defaults()
    with capture_logs() as found:
        yield found


def damage(desk: Desk, table: str, row: object, *, column: str = "wrapped_key") -> None:
    """Change the last byte of one encrypted value; a second time mends it."""
    with transaction(desk.hub.engine) as tx:
        change = f"update {table} set {column} = {LAST.format(column)} where id = :row"
        assert tx.execute(text(change), {"row": row}).rowcount == 1


def sealed(desk: Desk) -> list[str]:
    desk.allow()
    desk.fill()
    return [one.id for one in desk.page().events]


def key_above(desk: Desk, message: str) -> UUID:
    with transaction(desk.hub.engine) as tx:
        query = text("select message_key from delivery where id = :id")
        found: UUID = tx.execute(query, {"id": message}).scalar_one()
    return found


@pytest.mark.parametrize("table", ["delivery", "message_key"])
def test_what_does_not_open_is_gone_and_what_does_is_released(
    served: Desk, table: str, logs: list[EventDict]
) -> None:
    first, *others = sealed(served)
    above = key_above(served, first)
    damage(served, table, first if table == "delivery" else above)
    alike = {first}
    if table == "message_key":
        alike |= {one for one in others if key_above(served, one) == above}
    answered = served.ask("POST", "/keys", json={"ids": [first, *others]})
    assert answered.status_code == 200
    keys = {one["id"]: one for one in answered.json()["keys"]}
    assert {name for name, one in keys.items() if one["state"] == "gone"} == alike
    assert set(keys[first]) == {"id", "state"}
    assert alike != set(keys)
    told = [one for one in logs if one["event"] == "keys_damaged"]
    assert told == [
        {"event": "keys_damaged", "log_level": "warning", "partner": CLB, "count": len(alike)}
    ]


def test_a_key_that_came_back_from_a_backup_is_released(desk: Desk) -> None:
    first, *others = sealed(desk)
    damage(desk, "delivery", first)
    asked = desk.world.open([first, *others], at=clock.now())
    assert asked[first] == "gone"
    with transaction(desk.hub.engine) as tx:
        line = text("select outcome from access_log where correlation = :id")
        assert tx.execute(line, {"id": first}).scalars().all() == ["deny"]
    damage(desk, "delivery", first)
    assert desk.world.open([first], at=clock.now()) == {first: "released"}


@pytest.mark.parametrize("column", ["wrapped_key", "facts"])
def test_a_child_that_cannot_be_decided_about_destroys_nothing(desk: Desk, column: str) -> None:
    messages = sealed(desk)
    damage(desk, "child", desk.world.child, column=column)
    assert set(desk.world.open(messages, at=clock.now()).values()) == {"gone"}
    damage(desk, "child", desk.world.child, column=column)
    assert set(desk.world.open(messages, at=clock.now()).values()) == {"released"}


def test_a_hub_with_another_key_tells_nobody_that_a_message_is_gone(desk: Desk) -> None:
    messages = sealed(desk)
    vault = replace(desk.hub.vault, key_encryption_key=secrets.token_bytes(32))
    wrong = replace(desk.world, hub=replace(desk.hub, vault=vault))
    with pytest.raises(KeyUnreadable):
        wrong.open(messages, at=clock.now())
    assert set(desk.world.open(messages, at=clock.now()).values()) == {"released"}


def test_asking_the_key_of_a_notice_takes_nothing_from_it(desk: Desk) -> None:
    consent = desk.allow()
    desk.fill()
    messages = [one.id for one in desk.page().events]
    desk.world.open(messages, at=clock.now())
    desk.stop(consent)
    desk.fill()
    notices = [one.id for one in desk.page().events if one.id not in messages]
    assert notices
    assert set(desk.world.open(notices, at=clock.now()).values()) == {"gone"}
    with transaction(desk.hub.engine) as tx:
        query = text("select distinct state from delivery where kind = 'withdrawn'")
        assert tx.execute(query).scalars().all() == ["sent"]
