"""A source calls an organisation by one key, and tells of it in the picture of many a child."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, event, text

from adapters.contract import PersonKey, Translation
from gateway.embedded.postgres import Postgres
from gateway.exchange.erasure.erase_child import alone_with, erase_now
from gateway.exchange.records.pictures_again import pictures_again
from gateway.store.migrate import upgrade
from gateway.store.scopes import name_of_child
from tests.integration.changes.desk import AT, NOOR, Desk, file, part, said
from tests.support.families import mock_number

TOM = PersonKey(
    insz=mock_number("19", "14", 77), family="Janssens", given="Tom", born="2019-03-14", local="L-2"
)


def picture(who: PersonKey, word: str, *, on: str, team: bool = True) -> Translation:
    """A picture with a word, and with the team that many children have."""
    told = [said(f"{who.local}/{word}", word)]
    team_told = [said("organization/mdt/990", "MDT Voorbeeld", kind="Organization")]
    return file(part(*told, *(team_told if team else ()), on=on, subject=who), snapshot=True)


STORY = (
    picture(NOOR, "need", on="2023-01-01"),
    picture(NOOR, "need", on="2025-01-01", team=False),
    picture(TOM, "rest", on="2024-01-01"),
)


@pytest.mark.parametrize("order", list(permutations(range(len(STORY)))))
def test_what_left_one_childs_picture_stands_in_anothers(desk: Desk, order: Sequence[int]) -> None:
    for place in order:
        desk.deliver(STORY[place])
    words = {one["child"]: one["content"]["valueString"] for one in desk.stored()
             if one["type"] == "Observation"}  # fmt: skip
    teams = {
        words[one["child"]]: one["status"] for one in desk.stored() if one["type"] == "Organization"
    }
    assert teams == {"need": "superseded", "rest": "active"}


def test_a_team_that_another_childs_picture_ended_before_migration_0011_stands_again(
    desk: Desk,
) -> None:
    for found in STORY:
        desk.deliver(found)
    teams = {one["child"]: one for one in desk.stored() if one["type"] == "Organization"}
    tom = next(child for child, one in teams.items() if one["status"] == "active")
    ended_before_0011(desk, tom, STORY[2])
    assert team_of(desk, tom) == "superseded"
    assert pictures_again(desk.hub, at=AT) == 1
    assert team_of(desk, tom) == "active"
    # What left its own child's picture stays so, and a second run finds nothing.
    assert [team_of(desk, one) for one in teams if one != tom] == ["superseded"]
    assert pictures_again(desk.hub, at=AT) == 0


def test_each_child_is_looked_at_once_however_many_there_are(desk: Desk) -> None:
    several = 5
    for place in range(several):
        who = replace(TOM, insz=mock_number("19", "14", 80 + place), local=f"L-{place}")
        told = picture(who, f"word {place}", on="2024-01-01")
        desk.deliver(told)
        word = next(
            one for one in desk.stored() if one["content"].get("valueString") == f"word {place}"
        )
        ended_before_0011(desk, word["child"], told)
    read: list[int] = []

    def count(_1: Any, cursor: Any, statement: str, *_2: Any) -> None:
        if "scope_statement" in statement and statement.lstrip().startswith("select r.child"):
            read.append(cursor.rowcount)

    event.listen(desk.hub.engine, "after_cursor_execute", count)
    assert pictures_again(desk.hub, at=AT) == several
    event.remove(desk.hub.engine, "after_cursor_execute", count)
    # All of them once, to know who they are, and each again under its own lock.
    assert read == [several, *[1] * several]


def ended_before_0011(desk: Desk, child: UUID, told: Translation) -> None:
    """Leave a child's team as it was where another child's picture had ended it by its key."""
    (team,) = [
        one for one in desk.stored() if (one["child"], one["type"]) == (child, "Organization")
    ]
    # What the migration took away: an end of the key, whichever child's picture left it.
    end = name_of_child(child, bytes(team["key_hash"]))
    desk.run(
        "insert into statement_end (partner, key_hash, ending, asserted_at, receipt)"
        " select 'vaph', :name, 'superseded', '2025-01-01#000000000001', id from receipt limit 1",
        name=end,
    )
    desk.deliver(told)
    desk.run("delete from statement_end where key_hash = :name", name=end)


def team_of(desk: Desk, child: UUID) -> str:
    (status,) = [
        str(one["status"])
        for one in desk.stored()
        if one["child"] == child and one["type"] == "Organization"
    ]
    return status


def test_erasing_a_child_forgets_what_left_its_pictures_and_nobody_elses(desk: Desk) -> None:
    leaves = picture(TOM, "rest", on="2026-01-01", team=False)
    for found in (*STORY, leaves):
        desk.deliver(found)
    noor, tom = (
        next(one["child"] for one in desk.stored() if one["content"]["valueString"] == word)
        for word in ("need", "rest")
    )
    assert len(desk.rows("select 1 from statement_end")) == 2
    alone_with(desk.hub, noor, lambda tx: erase_now(tx, desk.hub, noor, at=AT))
    (team,) = [one["key_hash"] for one in desk.stored() if one["type"] == "Organization"]
    (left,) = desk.rows("select key_hash from statement_end")
    assert bytes(left.key_hash) == name_of_child(tom, bytes(team))


def test_what_pictures_left_out_before_ends_for_their_own_child(postgres_server: Postgres) -> None:
    before = postgres_server.create_database(f"before_{uuid4().hex}")
    upgrade(before, "0010")
    engine = create_engine(before)
    child, other, receipt = uuid4(), uuid4(), uuid4()
    scope = child.bytes + b"vaph"
    with engine.begin() as connection:
        for statement in _BEFORE.split(";\n"):
            given = {"child": child, "other": other, "receipt": receipt, "scope": scope}
            connection.execute(text(statement), given)
    upgrade(before)
    with engine.connect() as connection:
        query = text("select key_hash, asserted_at from statement_end where ending = 'superseded'")
        ends = [(bytes(row.key_hash), row.asserted_at) for row in connection.execute(query)]
        others = connection.execute(
            text("select key_hash from statement_end where ending <> 'superseded'")
        ).scalars()
        assert [bytes(one) for one in others] == [b"struck"]
    engine.dispose()
    assert ends == [(name_of_child(child, b"left"), "2025")]


_BEFORE = """
insert into partner (id, name, kind, scopes, registered_at, status)
  values ('vaph', 'VAPH', 'vaph_admin', '{}', now(), 'active');
insert into child (id, facts, known_since) values (:child, '', now()), (:other, '', now());
insert into receipt (id, partner, source, channel, idempotency_key, sha256, size, wrapped_key,
                     original, status, received_at)
  values (:receipt, 'vaph', 'vaph', 'http', '', '', 0, '', '', 'processed', now());
insert into scope_delivery (partner, scope_hash, sha256, asserted_at, complete, receipt)
  values ('vaph', :scope, 'a', '2024', true, :receipt),
         ('vaph', :scope, 'b', '2025', true, :receipt),
         ('vaph', :scope, 'c', '2026', false, :receipt);
insert into scope_statement (partner, scope_hash, key_hash, said_at)
  values ('vaph', :scope, 'left', '2024'), ('vaph', :scope, 'there', '2025');
insert into statement_end (partner, key_hash, ending, asserted_at, receipt)
  values ('vaph', 'left', 'superseded', '2025', :receipt),
         ('vaph', 'struck', 'withdrawn', '2025', :receipt)"""
