"""How fast records are durably accepted, and how fast the relay's process stores them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

from gateway import clock
from gateway.exchange.hub import Hub
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from tests.bench.bare import insert_rows
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side, timed
from tests.bench.load import Plan, request
from tests.bench.measured import XML, Measured, new_family
from tests.bench.processes import Meter, Runner, bare_app, explained, port_of
from tests.bench.recording import Recording, record
from tests.support.running_hub import VAPH, eventually

ACCEPTED = 202
CLIENTS, ROUNDS, SECONDS = 8, 3, 4.0
MOST_A_SECOND = 500
TO_STORE = 200
OPEN_TRANSACTIONS = """
select count(*) from pg_stat_activity
where backend_type = 'client backend' and xact_start is not null and pid <> pg_backend_pid()
"""


def deliveries(measured: Measured, *, port: int, count: int) -> Plan:
    """Return a plan that hands in so many dossiers, each about another family."""
    headers = {
        "Authorization": f"Bearer {measured.system.token(VAPH)}",
        "Content-Type": XML,
    }
    records = [new_family().vaph_2023 for _ in range(count)]
    return Plan(
        port=port,
        requests=[request("POST", "/intake/vaph", headers, raw) for raw in records],
        connections=CLIENTS,
        seconds=SECONDS,
        expected=ACCEPTED,
    )


def recorded(measured: Measured, raw: bytes) -> Recording:
    """Return what the hub sends to the database for one accepted record."""
    incoming = Incoming(
        partner=VAPH, source="vaph", raw=raw, content_type=XML, idempotency_key=None, channel="http"
    )

    def accept(hub: Hub) -> None:
        assert isinstance(accept_record(hub, incoming, at=clock.now()), Accepted)

    return record(measured.system.hub, accept)


def only_the_row(recording: Recording) -> Recording:
    """Return a recording of nothing but the insert of the receipt."""
    (row,) = (
        statement
        for transaction in recording.transactions
        for statement in transaction
        if statement[0].startswith("INSERT INTO receipt ")
    )
    return Recording(transactions=((row,),))


@contextmanager
def paused(measured: Measured) -> Iterator[None]:
    """Keep the relay's process from working, and let it go on afterwards.

    Stopped in the middle of a transaction it would keep its locks, and everybody would wait.
    """
    relay = psutil.Process(measured.system.stack.relay.pid)
    relay.suspend()
    while measured.count(OPEN_TRANSACTIONS):
        relay.resume()
        time.sleep(0.01)
        relay.suspend()
    try:
        yield
    finally:
        relay.resume()


def test_intake_is_measured_beside_the_same_inserts_without_a_hub(
    measured: Measured, runner: Runner, book: Book, tmp_path: Path
) -> None:
    begin, raw = load_now(), new_family().vaph_2023
    statements = recorded(measured, raw)
    row, hub = only_the_row(statements), port_of(measured.system.base_url)
    plan = partial(deliveries, measured, count=int(MOST_A_SECOND * SECONDS))
    # Accepting is measured on its own; what the relay makes of the records comes after it.
    with paused(measured), bare_app(statements, tmp_path, database=measured.database) as bare:
        for port in (hub, bare.port):
            runner(plan(port=port, count=100))
        ours, plain = Meter(measured.cpu, runner), Meter(bare.cpu, runner)
        rates, framework, rows = side_by_side(
            (
                lambda: ours(plan(port=hub)),
                lambda: plain(plan(port=bare.port)),
                lambda: insert_rows(measured.database, row, raw, seconds=SECONDS / 2),
            ),
            rounds=ROUNDS,
        )
        measured.set_aside()
    beside = (
        Yardstick(name="bare FastAPI, same SQL", rounds=framework),
        Yardstick(name="plain INSERT", rounds=rows),
    )
    book.add(
        Figure(
            name="intake, durably accepted",
            unit="records/s",
            rounds=rates,
            yardsticks=beside,
            floor="over 150",
            load=(begin, load_now()),
            more=explained(ours, plain),
        )
    )


def test_storing_is_measured_from_accepted_to_stored(
    measured: Measured, runner: Runner, book: Book
) -> None:
    begin = load_now()
    with paused(measured):
        plan = deliveries(measured, port=port_of(measured.system.base_url), count=TO_STORE)
        assert runner(replace(plan, seconds=30)).answered == TO_STORE
        before = measured.cpu()
    waiting = "select count(*) from receipt where status = 'accepted'"
    seconds = timed(lambda: eventually(lambda: measured.count(waiting) == 0, seconds=120))
    spent = {name: now - before[name] for name, now in measured.cpu().items()}
    book.add(
        Figure(
            name="intake, accepted to stored",
            unit="records/s",
            rounds=[TO_STORE / seconds],
            load=(begin, load_now()),
            more={
                f"processor ms each, {name}": 1000 * spent[name] / TO_STORE
                for name in ("relay", "postgres")
            },
        )
    )
