"""How many keys of messages a second the hub decides about, logs and hands out, 500 a request."""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import text

from gateway.store.engine import transaction
from gateway.streams.hub_client import MOST_KEYS
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side
from tests.bench.load import Plan, request
from tests.bench.measured import Measured
from tests.bench.processes import Meter, Runner, port_of
from tests.bench.test_relay import may_go, queue_again
from tests.support.running_hub import CLB

OK = 200
FAMILIES, ROUNDS, REQUESTS, CLIENTS, SECONDS = 100, 4, 4, 2, 60.0
SINGLES = 100
RELEASED = "select count(*) from access_log where act = 'key_release' and outcome <> 'deny'"


def fresh_messages(measured: Measured, count: int) -> Iterator[str]:
    """Let messages go out that nobody asked the key of yet; return their ids."""
    shared = measured.share(FAMILIES)
    rows = [*may_go(measured.system.hub, [family.child for family in shared])]
    query = text("select id from delivery where state = 'sent' and partner = :partner")
    found: Sequence[object] = ()
    while len(found) < count:
        queue_again(measured.system.hub, rows)
        measured.wait_until_sent()
        with transaction(measured.system.hub.engine) as tx:
            found = tx.execute(query, {"partner": CLB}).scalars().all()
    return map(str, found)


def asked(measured: Measured, ids: Iterator[str], *, requests: int, each: int) -> Plan:
    """Return a plan that asks for the keys of so many other messages."""
    headers = {
        "Authorization": f"Bearer {measured.system.token(CLB)}",
        "Content-Type": "application/json",
    }
    bodies = [
        json.dumps({"ids": [next(ids) for _ in range(each)]}).encode() for _ in range(requests)
    ]
    return Plan(
        port=port_of(measured.system.base_url),
        requests=[request("POST", "/keys", headers, body) for body in bodies],
        connections=CLIENTS,
        seconds=SECONDS,
        expected=OK,
    )


def test_keys_are_measured_in_batches_and_one_by_one(
    measured: Measured, runner: Runner, book: Book
) -> None:
    begin = load_now()
    ids = fresh_messages(measured, (ROUNDS + 1) * (REQUESTS * MOST_KEYS + SINGLES))
    batches, singles = Meter(measured.cpu, runner), Meter(measured.cpu, runner)

    def batch() -> float:
        return MOST_KEYS * batches(asked(measured, ids, requests=REQUESTS, each=MOST_KEYS))

    runner(asked(measured, ids, requests=REQUESTS, each=MOST_KEYS))
    before = measured.count(RELEASED)
    rates, alone = side_by_side(
        (batch, lambda: singles(asked(measured, ids, requests=SINGLES, each=1))), rounds=ROUNDS
    )
    assert measured.count(RELEASED) - before == ROUNDS * (REQUESTS * MOST_KEYS + SINGLES)
    book.add(
        Figure(
            name="key releases, 500 a request",
            unit="keys/s",
            rounds=rates,
            yardsticks=(Yardstick(name="one a request", rounds=alone),),
            floor="over 1000",
            load=(begin, load_now()),
            more={
                "p50 ms of a request": batches.latencies()["p50 ms"],
                "wrong answers": batches.latencies()["wrong answers"],
                **{
                    name: value / MOST_KEYS
                    for name, value in batches.each("hub", "postgres").items()
                },
            },
        )
    )
