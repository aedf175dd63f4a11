"""From the 202 of a changed dossier to the payload that its recipient has decrypted."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from statistics import median, quantiles
from threading import Event, Thread
from typing import Any

import httpx
from sqlalchemy import text

from gateway.store.engine import transaction
from gateway.streams.client import open_consumer, open_producer, partition_of
from gateway.streams.hub_client import HubClient
from gateway.streams.recipient import Order, Outcome, receive
from tests.bench.figures import Book, Figure, Yardstick, load_now
from tests.bench.measured import XML, Measured, new_family
from tests.support.families import Family
from tests.support.running_hub import CLB, VAPH, RunningHub

DELIVERIES, WARM_UP = 100, 3
LONGEST_SECONDS, ENOUGH_SECONDS = 60.0, 45.0
TEAM, TIME = b"De Wilgenkatjes (fictief)", b"09:14:07.120"
BYTES, PLAIN = 2000, "bench.echo"


def changed(family: Family, turn: int) -> bytes:
    """Return the dossier as it looks after one more change, which anybody can recognise."""
    later = b"%02d:%02d:%02d.000" % (10 + turn // 3600, turn // 60 % 60, turn % 60)
    return family.vaph_2023.replace(TEAM, marker(turn)).replace(TIME, later)


def marker(turn: int) -> bytes:
    return b"Team %06d" % turn


@contextmanager
def reading(system: RunningHub, *partners: str) -> Iterator["Queue[tuple[float, Outcome]]"]:
    """Run the recipient's own program against hub and broker; every message with its moment."""
    told: Queue[tuple[float, Outcome]] = Queue()
    clients = [HubClient(system.base_url, one, system.keys[one]) for one in partners]
    stop = Event()

    def tell(outcome: Outcome) -> None:
        told.put((time.perf_counter(), outcome))

    # Every service has a group of its own, as its rights at the broker tell it.
    orders = [Order(bootstrap=system.bootstrap, group=f"bench-{one}") for one in partners]
    threads = [
        Thread(target=receive, args=(client, order, tell, stop))
        for client, order in zip(clients, orders, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        stop.set()
        for thread, client in zip(threads, clients, strict=True):
            thread.join()
            client.close()


class Journey:
    """Hands in one changed dossier after another, and waits for each at the other end."""

    def __init__(self, system: RunningHub, told: "Queue[tuple[float, Outcome]]") -> None:
        self._system, self._told = system, told
        self._client = httpx.Client(base_url=system.base_url, timeout=LONGEST_SECONDS)

    def milliseconds(self, raw: bytes, wanted: bytes) -> float:
        """Return how long after its 202 a change could be read."""
        headers = {
            "Authorization": f"Bearer {self._system.token(VAPH)}",
            "Content-Type": XML,
        }
        answer = self._client.post("/intake/vaph", content=raw, headers=headers)
        accepted = time.perf_counter()
        assert answer.status_code == httpx.codes.ACCEPTED
        while True:
            moment, outcome = self._told.get(timeout=LONGEST_SECONDS)
            if outcome.state == "read" and wanted in outcome.content:
                return 1000 * (moment - accepted)

    def close(self) -> None:
        self._client.close()


class Echo:
    """A plain message on the same broker, sent and polled with the same clients."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = open_producer(bootstrap)
        self._producer.send(PLAIN, value=b"first", partition=0).get(timeout=30)
        consumer: Any = open_consumer(bootstrap, group=None)
        self._consumer = consumer
        self._consumer.assign([partition_of(PLAIN)])
        self.milliseconds()

    def milliseconds(self) -> float:
        """Return how long a message of 2 kB is under way."""
        value, begun = os.urandom(BYTES), time.perf_counter()
        self._producer.send(PLAIN, value=value, partition=0)
        while True:
            read = self._consumer.poll(timeout_ms=5_000)
            if any(one.value == value for some in read.values() for one in some):
                return 1000 * (time.perf_counter() - begun)

    def close(self) -> None:
        self._producer.close()
        self._consumer.close()


def last_queued(measured: Measured) -> int:
    return measured.count("select coalesce(max(id), 0) from outbox")


def stages(measured: Measured, since: int) -> dict[str, float]:
    """Return where the time went, from what the hub noted about each message."""
    query = text(
        "select extract(epoch from sealed_at - queued_at) * 1000 as sealed,"
        " extract(epoch from closed_at - sealed_at) * 1000 as released"
        " from delivery join outbox on outbox.id = delivery.outbox"
        " where delivery.state = 'released' and outbox.id > :since"
    )
    with transaction(measured.system.hub.engine) as tx:
        rows = tx.execute(query, {"since": since}).all()
    return {
        "of which processing until sealing, ms": float(median(row.sealed for row in rows)),
        "of which sealing until the key is asked, ms": float(median(row.released for row in rows)),
    }


def test_the_way_of_a_change_is_measured_from_intake_to_recipient(
    measured: Measured, book: Book
) -> None:
    begin, family = load_now(), new_family()
    measured.share_family(family)
    last = last_queued(measured)
    ways: list[float] = []
    echoes: list[float] = []
    with reading(measured.system, CLB) as told:
        journey, echo = Journey(measured.system, told), Echo(measured.system.bootstrap)
        started = time.perf_counter()
        for turn in range(WARM_UP + DELIVERIES):
            if time.perf_counter() - started > ENOUGH_SECONDS:
                break
            ways.append(journey.milliseconds(changed(family, turn), marker(turn)))
            echoes.append(echo.milliseconds())
        journey.close()
        echo.close()
    ways, echoes = ways[WARM_UP:], echoes[WARM_UP:]
    book.add(
        Figure(
            name="from 202 to decrypted payload, p50",
            unit="ms",
            rounds=ways,
            yardsticks=(Yardstick(name="plain message, same broker", rounds=echoes),),
            floor="under 300",
            load=(begin, load_now()),
            more={
                "p99 ms": quantiles(ways, n=100)[98],
                "plain message p99 ms": quantiles(echoes, n=100)[98],
                "deliveries": len(ways),
                **stages(measured, last),
            },
        )
    )
