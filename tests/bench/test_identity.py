"""Finding and proposing a child among very many: 1,000,000 unless BENCH_CHILDREN says otherwise."""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import quantiles
from time import process_time
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from adapters.contract import Part, PersonKey
from gateway import clock
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import Sender, learn
from gateway.exchange.identities.find_child import (
    MISSING,
    Unsure,
    create_child,
    find_child,
    lock_numbers,
)
from gateway.exchange.identities.propose_match import weighed
from gateway.store import children
from gateway.store.engine import Transaction, transaction
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side, timed
from tests.support.engines import database_url, postgres_server, template_database
from tests.support.families import mock_number
from tests.support.told_story import a_hub

__all__ = ["database_url", "postgres_server", "template_database"]

CHILDREN = int(os.environ.get("BENCH_CHILDREN", "1000000"))
DAYS, KEYS = 18 * 365, 5
# Of these days every child is a whole one, so that a proposal weighs as many as in real life.
WHOLE_DAYS = 20
ROUNDS, TIMES = 5, 100
SENDER = Sender("vaph", "vaph")
FAMILIES = (
    "Peeters", "Janssens", "Maes", "Jacobs", "Mertens", "Willems", "Claes", "Goossens", "Wouters",
    "De Smet", "Van den Broeck", "El Amrani", "García Iñíguez", "Çağlayan", "Touré", "Vermeulen",
)  # fmt: skip
GIVEN = (
    "Noor", "Emma", "Mila", "Lisa", "Lise", "Jules", "Arthur", "Noah", "Adam", "Mateo", "Zeynep",
    "Aïssatou", "Milan", "Tuur", "Fatou", "Olivia", "Louise", "Finn", "Lucas", "Amira",
)  # fmt: skip
# Random rows with as many children to a key as there would be; nobody can be proposed by them.
FILL = """
create temporary table filling as select gen_random_uuid() as id from generate_series(1, {n});
insert into child (id, wrapped_key, facts, known_since)
select id, decode(repeat('ab', 60), 'hex'), decode(repeat('cd', 60), 'hex'), now() from filling;
insert into child_lookup (kind, value_hash, child)
select 'insz', sha256(uuid_send(id)), id from filling;
insert into known_description (child, content)
select id, decode(repeat('ef', 120), 'hex') from filling;
insert into match_key (key, child)
select substr(sha256(int4send(floor(random() * {keys})::int)), 1, 16), id
from filling, generate_series(1, {each}) on conflict do nothing;
analyze child; analyze child_lookup; analyze known_description; analyze match_key
"""


@dataclass(frozen=True)
class Crowd:
    """A hub that knows very many children, some of whom are whole."""

    hub: Hub
    whole: Sequence[Part]
    psycopg_url: str


@pytest.fixture
def crowd(database_url: str) -> Iterator[Crowd]:
    hub = a_hub(database_url)
    with transaction(hub.engine) as tx:
        for statement in FILL.format(n=CHILDREN, keys=DAYS * 26, each=KEYS).split(";"):
            tx.execute(text(statement))
    dice = random.Random(4)
    whole = [somebody(dice, number) for number in range(max(1, CHILDREN // DAYS) * WHOLE_DAYS)]
    with transaction(hub.engine) as tx:
        for part in whole:
            know(tx, hub, part)
    url = hub.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    yield Crowd(hub, whole, url)
    hub.engine.dispose()


def somebody(dice: random.Random, number: int) -> Part:
    born = date(2019, 3, 1) + timedelta(days=number % WHOLE_DAYS)
    counter, day = divmod(number, 27)
    subject = PersonKey(
        insz=mock_number("19", f"{day + 1:02}", counter % 998 + 1),
        family=dice.choice(FAMILIES),
        given=dice.choice(GIVEN),
        born=born.isoformat(),
    )
    return a_part(subject)


def a_part(subject: PersonKey) -> Part:
    return Part(id="1", subject=subject, related=(), segments=(), asserted_at="", version="1")


def know(tx: Transaction, hub: Hub, part: Part) -> UUID:
    child = create_child(tx, hub, part, at=clock.now())
    key = children.key_of(tx, hub.vault, child)
    assert key is not None
    assert part.subject.insz is not None
    number = hub.vault.lookup("insz", part.subject.insz)
    children.remember(tx, child, [("insz", number, children.CURRENT)])
    learn(tx, hub, key, child, [part])
    return child


def milliseconds(call: Callable[[Part], object], parts: Sequence[Part]) -> list[float]:
    return [1000 * timed(lambda part=part: call(part)) for part in parts]  # type: ignore[misc]


def measure(
    book: Book,
    crowd: Crowd,
    name: str,
    ours: Callable[[Part], object],
    plain: Callable[[Part], object],
    *,
    floor: str,
) -> None:
    begin, dice, seen, busy = load_now(), random.Random(7), list[float](), list[float]()

    def of_ours() -> float:
        some = dice.sample(crowd.whole, min(TIMES, len(crowd.whole)))
        before = process_time()
        found = milliseconds(ours, some)
        busy.append(1000 * (process_time() - before) / len(some))
        seen.extend(found)
        return sum(found) / len(found)

    def of_plain() -> float:
        found = milliseconds(plain, dice.sample(crowd.whole, min(TIMES, len(crowd.whole))))
        return sum(found) / len(found)

    of_ours()
    seen.clear()
    rounds, beside = side_by_side((of_ours, of_plain), rounds=ROUNDS)
    book.add(
        Figure(
            name=f"{name}, {CHILDREN:,} children",
            unit="ms",
            rounds=rounds,
            yardsticks=(Yardstick(name="one plain select", rounds=beside),),
            floor=floor,
            load=(begin, load_now()),
            more={
                "p50 ms": quantiles(seen, n=100)[49],
                "p99 ms": quantiles(seen, n=100)[98],
                "processor ms each, without PostgreSQL's": min(busy),
            },
        )
    )


def test_a_child_is_found_and_proposed_among_very_many(book: Book, crowd: Crowd) -> None:
    hub, at = crowd.hub, clock.now()

    def look_up(part: Part) -> None:
        with transaction(hub.engine) as tx:
            lock_numbers(tx, hub, SENDER, [part])
            assert isinstance(find_child(tx, hub, SENDER, part, at=at), UUID)

    def propose(part: Part) -> None:
        nameless = PersonKey(
            insz=None,
            family=part.subject.family.upper(),
            given=part.subject.given,
            born=part.subject.born,
        )
        with transaction(hub.engine) as tx:
            assert weighed(tx, hub, a_part(nameless), Unsure(MISSING))

    with psycopg.connect(crowd.psycopg_url, autocommit=True) as connection:

        def select(part: Part) -> None:
            number = hub.vault.lookup("insz", part.subject.insz or "")
            query = "select child from child_lookup where kind = 'insz' and value_hash = %s"
            assert connection.execute(query, (number,)).fetchone()

        measure(book, crowd, "identity look-up", look_up, select, floor="under 5")
        measure(book, crowd, "match proposal", propose, select, floor="under 50")
