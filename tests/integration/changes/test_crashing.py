"""What stops in the middle of a delivery leaves nothing of it, and it is stored whole later."""

from typing import Any

import pytest
from sqlalchemy import text

from adapters.contract import Amendment, Ending, Retraction, Translation
from gateway.exchange.records.store_record import process_accepted
from gateway.store.engine import transaction
from tests.integration.changes.desk import AT, Desk, file, part, said

TABLES = (
    "child", "child_lookup", "resource", "resource_version", "statement_end",
    "statement_amendment", "scope_delivery", "scope_statement", "tie_claim", "receipt_part",
    "review_item", "outbox", "care_relation",
)  # fmt: skip
# The last write of each step, in the order in which they come.
WRITES = (
    "statement_end", "statement_amendment", "scope_statement", "resource_version", "review_item",
    "receipt_part",
)  # fmt: skip


def everything(desk: Desk) -> list[Any]:
    return [sorted(map(str, desk.rows(f"select * from {name}"))) for name in TABLES]


def delivery() -> Translation:
    """One file that says, changes, takes back and replaces something."""
    taken = Retraction(
        key="a", ending=Ending.ERROR, asserted_at="2024-02-01", version="1", where="line 2"
    )
    unseen = Retraction(
        key="unseen", ending=Ending.ERROR, asserted_at="2024-02-01", version="1", where="line 3"
    )
    changed = Amendment(
        key="b",
        element="valueString",
        value="changed",
        asserted_at="2024-02-01",
        version="1",
        where="line 4",
    )
    return file(
        part(said("c", "three"), on="2024-02-01"),
        retractions=(taken, unseen),
        amendments=(changed,),
        scope="2024-01",
    )


@pytest.mark.parametrize("table", WRITES)
def test_a_failure_at_any_write_leaves_nothing_behind(desk: Desk, table: str) -> None:
    desk.deliver(file(part(said("a", "one"), said("b", "two"), on="2024-01-01")))
    before = everything(desk)
    receipt = desk.hand_in(delivery())
    _break(desk, table)
    try:
        assert process_accepted(desk.hub, limit=10, at=AT) == 0
        assert everything(desk) == before
    finally:
        _mend(desk, table)
    assert process_accepted(desk.hub, limit=10, at=AT) == 1
    assert desk.words() == {"b": "changed", "c": "three"}
    outcomes = [one.outcome for one in desk.parts(receipt)]
    assert outcomes == ["stored", "retracted", "retracted", "amended"]


def _break(desk: Desk, table: str) -> None:
    """Let PostgreSQL itself refuse the next row of a table, after it was written."""
    fails = "begin raise exception 'injected failure'; end"
    with transaction(desk.hub.engine) as tx:
        tx.execute(
            text(f"create function fail_now() returns trigger language plpgsql as $$ {fails} $$")
        )
        tx.execute(
            text(f"create trigger fail_now after insert on {table} execute function fail_now()")
        )


def _mend(desk: Desk, table: str) -> None:
    with transaction(desk.hub.engine) as tx:
        tx.execute(text(f"drop trigger fail_now on {table}"))
        tx.execute(text("drop function fail_now()"))
