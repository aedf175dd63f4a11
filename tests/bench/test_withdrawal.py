"""What a stop takes with nothing queued for a service, and with a million unread messages.

BENCH_QUEUED takes another number. All of them are about the one child and in the scope of the stop.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from gateway.store.engine import transaction
from tests.bench.figures import Book, Figure, Yardstick, load_now, timed
from tests.support.engines import database_url, postgres_server, template_database
from tests.support.running_hub import CLB
from tests.support.told_story import Story, a_hub

__all__ = ["database_url", "postgres_server", "template_database"]

QUEUED = int(os.environ.get("BENCH_QUEUED", "1000000"))
ROUNDS = 25
# Copies of a message that was sealed and lies unread, each with its own number.
FILL = text("""
insert into delivery (id, outbox, partner, child, resource, version, kind, sequence, purpose,
                      effect, consents, wrapped_key, message_key, state, sealed_at)
select gen_random_uuid(), d.outbox, d.partner, d.child, d.resource, d.version, d.kind,
       1000000 + n, d.purpose, d.effect, d.consents, d.wrapped_key, d.message_key, 'sealed', now()
  from (select * from delivery where message_key = :key order by sequence limit 1) d,
       generate_series(1, :queued) n
""")
KEY = text("select id, wrapped_key as wrapped from message_key where wrapped_key is not null")
# As before the stop: what it destroyed is there again, so that each round stops the same.
MEND = text("""
update message_key set wrapped_key = :wrapped, closed_at = null, settled = false where id = :id
""")


@pytest.fixture
def story(database_url: str) -> Iterator[Story]:
    hub = a_hub(database_url)
    yield Story.begin(hub)
    hub.engine.dispose()


def test_a_stop_is_measured_with_nothing_and_with_very_much_queued(
    book: Book, story: Story
) -> None:
    load = load_now()
    few = [1000 * stopped(story) for _ in range(ROUNDS)]
    keys = queued(story)
    much = []
    for _ in range(ROUNDS):
        with transaction(story.hub.engine) as tx:
            tx.execute(MEND, keys)
        much.append(1000 * stopped(story))
    book.add(
        Figure(
            name=f"stop with {QUEUED:,} unread messages",
            unit="ms",
            rounds=much,
            yardsticks=(Yardstick(name="with none", rounds=few),),
            floor="at most 1.2 times",
            load=(load, load_now()),
            more={"least": min(much), "least with none": min(few)},
        )
    )


def stopped(story: Story) -> float:
    """Let both parents agree and one of them stop it; return the seconds of the stop."""
    story.later()
    story.both_grant(CLB, "diagnosis")
    person, consent = story.given[-1]
    return timed(lambda: story.withdraw(person, consent))


def queued(story: Story) -> list[dict[str, Any]]:
    """Let very many messages hang from a key of what both parents let go; return the keys."""
    story.later()
    story.both_grant(CLB, "diagnosis")
    story.seal()
    with transaction(story.hub.engine) as tx:
        keys = [dict(row) for row in tx.execute(KEY).mappings()]
        tx.execute(FILL, {"key": keys[0]["id"], "queued": QUEUED})
    story.withdraw(*story.given[-1])
    with story.hub.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze delivery"))
    return keys
