"""From intake to decrypted payload at a steady rate: changed dossiers come at fixed moments.

The next one does not wait for the last, so that what falls behind shows as latency: it counts from
the moment at which a dossier was to be handed in. BENCH_RATE takes another number of messages/s.
"""

import asyncio
import multiprocessing
import os
import re
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from queue import Empty, Queue
from statistics import quantiles

import httpx

from gateway.streams.recipient import Outcome
from tests.bench.figures import Book, Figure, load_now
from tests.bench.measured import XML, Measured, new_family
from tests.bench.test_end_to_end import changed, last_queued, reading, stages
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

# A dossier becomes messages to each of them: what it takes to store one is no cost of the streams.
READERS = (CLB, CAW, CHILDCARE)
RATE = float(os.environ.get("BENCH_RATE", "200"))
FAMILIES, SECONDS, WARM_UP, PATIENCE = 30, 15.0, 2.0, 60.0
QUIET_SECONDS = 2.0
TO_STORE = "select count(*) from receipt where status = 'accepted'"
MESSAGES = "select count(*) from delivery"
MARKER = re.compile(rb"Team (\d{6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Dossiers to hand in, the first one at an instant of the monotonic clock."""

    base_url: str
    token: str
    dossiers: list[bytes]
    begin: float
    every: float

    def moment(self, number: int) -> float:
        return self.begin + number * self.every


def hand_in_all(schedule: Schedule) -> list[float]:
    """Hand in each dossier at its moment; return when each was accepted."""
    return asyncio.run(_hand_in_all(schedule))


async def _hand_in_all(schedule: Schedule) -> list[float]:
    headers = {"Authorization": f"Bearer {schedule.token}", "Content-Type": XML}
    async with httpx.AsyncClient(base_url=schedule.base_url, timeout=PATIENCE) as client:

        async def hand_in(number: int, raw: bytes) -> float:
            await asyncio.sleep(max(0.0, schedule.moment(number) - time.perf_counter()))
            answer = await client.post("/intake/vaph", content=raw, headers=headers)
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text
            return time.perf_counter()

        return await asyncio.gather(
            *[hand_in(number, raw) for number, raw in enumerate(schedule.dossiers)]
        )


def told_about(
    measured: Measured, told: "Queue[tuple[float, Outcome]]", *, least: int = 0
) -> list[tuple[int, float]]:
    """Return from which dossier messages came and when they were decrypted, until all is through.

    Some messages of a dossier do not carry what tells it from others; they only count.
    """
    found: list[tuple[int, float]] = []
    while True:
        try:
            moment, outcome = told.get(timeout=QUIET_SECONDS)
        except Empty:
            if len(found) >= least and not (measured.waiting() or measured.count(TO_STORE)):
                return found
            continue
        if outcome.state == "read" and (named := MARKER.search(outcome.content)):
            found.append((int(named[1]), moment))


def messages_of_one(measured: Measured, told: "Queue[tuple[float, Outcome]]", raw: bytes) -> int:
    """Hand in one changed dossier and return how many messages its recipients get."""
    before = measured.count(MESSAGES)
    answer = measured.system.deliver(VAPH, raw)
    assert answer.status_code == httpx.codes.ACCEPTED
    told_about(measured, told, least=1)
    return measured.count(MESSAGES) - before


def test_the_way_is_measured_at_a_steady_rate(measured: Measured, book: Book) -> None:
    begin, families = load_now(), [new_family() for _ in range(FAMILIES)]
    for family in families:
        measured.share_family(family, partners=READERS)
    spawn = multiprocessing.get_context("spawn")
    with (
        reading(measured.system, *READERS) as told,
        ProcessPoolExecutor(1, mp_context=spawn) as sender,
    ):
        sender.submit(time.sleep, 0).result()
        each = messages_of_one(measured, told, changed(families[0], 0))
        count = int(RATE * (SECONDS + WARM_UP) / each)
        schedule = Schedule(
            base_url=measured.system.base_url,
            token=measured.system.token(VAPH),
            dossiers=[changed(families[n % FAMILIES], n + 1) for n in range(count)],
            begin=time.perf_counter() + 0.5,
            every=each / RATE,
        )
        before, begun, since = measured.cpu(), measured.count(MESSAGES), last_queued(measured)
        accepted = sender.submit(hand_in_all, schedule)
        read = told_about(measured, told)
        answered = accepted.result()
        read += told_about(measured, told)
        spent, messages = measured.cpu(), measured.count(MESSAGES) - begun
    skipped = int(WARM_UP / schedule.every)
    ways = [1000 * (at - schedule.moment(n - 1)) for n, at in read if n > skipped]
    waited = [1000 * (answered[n] - schedule.moment(n)) for n in range(skipped, count)]
    last = max(at for _, at in read)
    lost = count - len(Counter(n for n, _ in read))
    book.add(
        Figure(
            name=f"intake to decrypted at {RATE:.0f} messages/s, p50",
            unit="ms",
            rounds=ways,
            floor="target 50, p99 250",
            load=(begin, load_now()),
            more={
                "p99 ms": quantiles(ways, n=100)[98],
                "dossiers handed in a second": RATE / each,
                "services that receive": len(READERS),
                "messages of one dossier": each,
                "messages": messages,
                "of which tell their dossier": len(read),
                "dossiers that a newer one overtook": lost,
                "messages decrypted a second": messages / (last - schedule.begin),
                "until the 202, p50 ms": quantiles(waited, n=100)[49],
                "until the 202, p99 ms": quantiles(waited, n=100)[98],
                **stages(measured, since),
                **{
                    f"processor ms each, {name}": 1000 * (spent[name] - before[name]) / messages
                    for name in spent
                },
            },
        )
    )
