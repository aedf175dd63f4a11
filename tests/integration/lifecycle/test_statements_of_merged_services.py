"""What a merged service had said is said by its successor from then on."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from gateway.exchange.records.store_record import process_accepted
from gateway.store.engine import transaction
from gateway.store.tables import resource
from tests.integration.lifecycle.merging import (
    ELSEWHERE,
    LATER,
    NEW_SOURCE,
    around,
    merge,
    merging,
    owners,
)
from tests.integration.lifecycle.world import (
    READER,
    SOURCE,
    START,
    World,
    hand_in,
)

__all__ = ["merging"]


def test_statements_of_the_old_service_are_the_successor_s(merging: World) -> None:
    merging.grant()
    assert SOURCE in owners(merging)
    merge(merging, SOURCE, NEW_SOURCE)
    assert owners(merging) == {NEW_SOURCE}
    assert merging.sees(READER, at=LATER) > 0


def test_a_refusal_that_names_the_old_source_still_counts(merging: World) -> None:
    merging.grant()
    refusal = merging.grant(merging.father)
    with transaction(merging.hub.engine) as tx:
        tx.execute(
            text(
                "update consent set effect = 'refuse', sources = array['vaph'], until = null"
                " where id = :id"
            ),
            {"id": refusal},
        )
    assert merging.sees() == 0
    merge(merging, SOURCE, NEW_SOURCE)
    assert merging.sees(at=LATER) == 0


def test_two_statements_under_one_key_leave_the_successor_s_own(merging: World) -> None:
    old = merging.state("functional", key=b"same")
    own = merging.state("functional", partner=NEW_SOURCE, key=b"same")
    merge(merging, SOURCE, NEW_SOURCE)
    assert _status(merging, old) == (SOURCE, "superseded")
    assert _status(merging, own) == (NEW_SOURCE, "active")


def test_what_the_successor_says_no_more_does_not_silence_what_the_old_service_says(
    merging: World,
) -> None:
    old = merging.state("functional", key=b"same")
    own = merging.state("functional", partner=NEW_SOURCE, key=b"same")
    _sql(merging, "update resource set status = 'superseded' where id = :id", id=own)
    merge(merging, SOURCE, NEW_SOURCE)
    assert _status(merging, old) == (NEW_SOURCE, "active")
    assert _status(merging, own) == (NEW_SOURCE, "superseded")


def test_a_late_record_of_the_old_service_replaces_nothing_of_the_successor(
    merging: World,
) -> None:
    own = _said_long_ago(merging, NEW_SOURCE)
    hand_in(merging.hub, at=LATER, comment=b"late")
    merge(merging, SOURCE, NEW_SOURCE)
    assert process_accepted(merging.hub, limit=10, at=LATER) == 1
    assert _status(merging, own) == (NEW_SOURCE, "active")


def test_the_successor_s_picture_replaces_nothing_that_it_took_over(merging: World) -> None:
    taken_over = _said_long_ago(merging, SOURCE)
    merge(merging, SOURCE, NEW_SOURCE)
    hand_in(merging.hub, at=LATER, partner=NEW_SOURCE, comment=b"new")
    assert process_accepted(merging.hub, limit=10, at=LATER) == 1
    assert _status(merging, taken_over) == (NEW_SOURCE, "active")


def test_what_the_successor_said_again_and_then_no_more_is_superseded(merging: World) -> None:
    merge(merging, SOURCE, NEW_SOURCE)
    hand_in(merging.hub, at=LATER, partner=NEW_SOURCE, comment=b"again")
    assert process_accepted(merging.hub, limit=10, at=LATER) == 1
    dropped = _sql(
        merging,
        "with one as (select id, key_hash from resource where layer = 'assertion'"
        "  and status = 'active' and data_class = 'functional' limit 1),"
        " said as (update scope_statement s set key_hash = 'dropped', said_at = '2020-01-01#1'"
        "  from one where s.key_hash = one.key_hash)"
        " update resource r set key_hash = 'dropped', asserted_at = '2020-01-01#1'"
        "  from one where r.id = one.id returning r.id",
    )
    hand_in(merging.hub, at=LATER, partner=NEW_SOURCE, comment=b"and again")
    assert process_accepted(merging.hub, limit=10, at=LATER) == 1
    assert _status(merging, dropped) == (NEW_SOURCE, "superseded")


def test_a_record_accepted_before_and_stored_after_is_the_successor_s(merging: World) -> None:
    hand_in(merging.hub, at=START, comment=b"again")
    merge(merging, SOURCE, NEW_SOURCE)
    assert process_accepted(merging.hub, limit=10, at=LATER) == 1
    assert owners(merging) == {NEW_SOURCE}
    assert SOURCE not in around(merging)


def test_statements_of_a_service_that_took_another_mission_are_withheld(merging: World) -> None:
    merging.grant()
    merge(merging, SOURCE, ELSEWHERE)
    assert owners(merging) == {SOURCE}
    assert merging.sees(at=LATER) == 0


def _status(world: World, found: UUID) -> tuple[str, str]:
    with transaction(world.hub.engine) as tx:
        query = select(resource.c.partner, resource.c.status).where(resource.c.id == found)
        row = tx.execute(query).one()
        return row.partner, row.status


def _said_long_ago(world: World, partner: str) -> UUID:
    """Let a service have delivered a statement before everything that the sample holds."""
    found = world.state("functional", partner=partner, key=b"long ago")
    _sql(world, "update resource set asserted_at = '2020-01-01#1' where id = :id", id=found)
    own = _sql(
        world,
        "insert into receipt (id, partner, source, channel, idempotency_key, sha256, size,"
        " wrapped_key, original, status, received_at) select gen_random_uuid(), :partner, source,"
        " channel, 'long ago', sha256, size, wrapped_key, original, 'processed', received_at"
        " from receipt limit 1 returning id",
        partner=partner,
    )
    _sql(
        world, "update resource_version set receipt = :own where resource = :id", own=own, id=found
    )
    return found


def _sql(world: World, statement: str, **given: object) -> Any:
    with transaction(world.hub.engine) as tx:
        found = tx.execute(text(statement), given)
        return found.scalar() if found.returns_rows else None
