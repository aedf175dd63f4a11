"""Legal routes end when they said they would, and what is held is decided again every day."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, text, update

from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import legal_route, route_review
from gateway.store.tables import delivery, outbox
from tests.integration.lifecycle.world import READER, SOURCE, START, World, brussels

DAY = START.date() + timedelta(days=3)


def a_route(world: World, *, ends_at: datetime | None, review_due_at: datetime) -> UUID:
    """Let somebody have spoken without consent."""
    row = {
        "id": uuid4(),
        "child": world.child,
        "ground": "vital_emergency",
        "source": SOURCE,
        "recipient": READER,
        "purpose": "care",
        "resources": [],
        "record": b"",
        "complete": True,
        "invoked_at": START,
        "ends_at": ends_at,
        "review_due_at": review_due_at,
    }
    # What else a route must have does not matter here.
    needed = (one for one in legal_route.columns if not one.nullable and one.name not in row)
    with transaction(world.hub.engine) as tx:
        tx.execute(legal_route.insert().values(row | {one.name: uuid4().bytes for one in needed}))
    return row["id"]  # type: ignore[return-value]


def carried_by(world: World, route: UUID) -> None:
    with transaction(world.hub.engine) as tx:
        tx.execute(update(delivery).values(route=route))


def ended_at(world: World, route: UUID) -> datetime | None:
    with transaction(world.hub.engine) as tx:
        query = select(legal_route.c.ended_at).where(legal_route.c.id == route)
        found: datetime | None = tx.execute(query).scalar_one()
        return found


def test_a_route_ends_when_its_time_is_over_and_its_unread_keys_with_it(world: World) -> None:
    world.grant()
    world.send()
    over = brussels(DAY, 15)
    route = a_route(world, ends_at=over, review_due_at=brussels(DAY + timedelta(days=9)))
    carried_by(world, route)
    world.keep(over - timedelta(seconds=1))
    assert ended_at(world, route) is None
    assert world.keys() != {}
    kept = world.keep(over)
    assert kept["routes_ended"] == 1
    assert ended_at(world, route) == over
    assert world.keys() == {}
    assert [act for act, *_ in world.log("route_ended")] == ["route_ended"]
    world.keep(over + timedelta(hours=1))
    assert ended_at(world, route) == over


def test_what_a_route_carries_outlives_the_grants_of_the_family(world: World) -> None:
    world.grant(until=DAY)
    world.send()
    route = a_route(world, ends_at=None, review_due_at=brussels(DAY + timedelta(days=9)))
    carried_by(world, route)
    world.keep(brussels(DAY + timedelta(days=1)))
    assert world.keys() != {}


def test_reviews_that_are_late_are_counted_until_two_people_looked(world: World) -> None:
    due = brussels(DAY)
    route = a_route(world, ends_at=None, review_due_at=due)
    later = due + timedelta(hours=1)
    assert "reviews_overdue" not in world.keep(due)
    assert world.keep(later)["reviews_overdue"] == 1
    for capacity in ("dpo", "clinician"):
        assert world.keep(later)["reviews_overdue"] == 1
        review(world, route, capacity)
    assert "reviews_overdue" not in world.keep(later)


def review(world: World, route: UUID, capacity: str) -> None:
    row = {
        "route": route,
        "capacity": capacity,
        "reviewer": "somebody",
        "finding": "justified",
        "reasons": b"",
        "reviewed_at": START,
    }
    with transaction(world.hub.engine) as tx:
        tx.execute(route_review.insert().values(row))


def test_what_is_held_is_decided_again_once_a_day(world: World) -> None:
    world.grant()
    hold(world)
    world.keep(brussels(DAY))
    assert held(world) == 0
    hold(world)
    world.keep(brussels(DAY, 23, 59, 59))
    assert held(world) > 0
    world.keep(brussels(DAY + timedelta(days=1)))
    assert held(world) == 0
    assert world.send(brussels(DAY + timedelta(days=1))) != ()


def hold(world: World) -> None:
    with transaction(world.hub.engine) as tx:
        tx.execute(update(outbox).values(state="held"))


def held(world: World) -> int:
    with transaction(world.hub.engine) as tx:
        return int(
            tx.execute(text("select count(*) from outbox where state = 'held'")).scalar_one()
        )


def test_days_that_were_kept_long_ago_are_forgotten(world: World) -> None:
    for year in (2026, 2028):
        world.keep(brussels(date(year, 3, 1)))
    with transaction(world.hub.engine) as tx:
        days = tx.execute(text("select day from calendar_day")).scalars().all()
    assert days == [date(2028, 3, 1)]
