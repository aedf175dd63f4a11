"""How many messages a second go from the outbox to recipients that have read and applied them.

Each recipient is `deelregie receive`, the program that partners are given: it reads its topic, asks
for the keys in batches, opens every message, notes it in its file, prints it, and only then commits
its offset. A message counts as applied when that offset is committed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kafka import KafkaProducer
from sqlalchemy import text

from gateway.store.engine import transaction
from gateway.streams.client import open_consumer, partition_of
from gateway.streams.topics import partner_topic
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side, timed
from tests.bench.measured import Measured
from tests.bench.processes import Recipient, recipient
from tests.bench.test_relay import BATCH, may_go, queue_again, send_plainly
from tests.support.running_hub import CLB, eventually

FAMILIES, TIMES, ROUNDS, PLAIN = 100, 5, 4, 3000
SECONDS = 120.0


class Applied:
    """What a recipient's group has committed, asked from outside the group."""

    def __init__(self, measured: Measured, partner: str) -> None:
        self._measured, self._partner = measured, partner
        topic = partner_topic(partner)
        self._place = partition_of(topic)
        self._group = open_consumer(measured.system.bootstrap, group=topic)

    def offset(self) -> int:
        """Return where the group goes on."""
        return self._group.committed(self._place) or 0

    def is_all(self) -> bool:
        """Whether nothing waits, and what was sent last is behind the committed offset."""
        if self._measured.waiting():
            return False
        query = text("select max(broker_offset) from delivery where partner = :partner")
        with transaction(self._measured.system.hub.engine) as tx:
            last = tx.execute(query, {"partner": self._partner}).scalar_one()
        return bool(self.offset() > last)

    def close(self) -> None:
        self._group.close(autocommit=False)


@contextmanager
def reading(measured: Measured, folder: Path) -> Iterator[tuple[Recipient, Applied]]:
    """Run the recipient until it has applied everything that lay in its topic before."""
    with recipient(measured.system, CLB, folder) as reader:
        applied = Applied(measured, CLB)
        try:
            eventually(applied.is_all, seconds=SECONDS)
            yield reader, applied
        finally:
            applied.close()


def test_messages_are_measured_from_the_outbox_until_they_are_applied(
    measured: Measured, book: Book, tmp_path: Path
) -> None:
    begin, hub = load_now(), measured.system.hub
    shared = measured.share(FAMILIES)
    rows = [*may_go(hub, [family.child for family in shared])] * TIMES
    batching = KafkaProducer(
        bootstrap_servers=measured.system.bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        batch_size=BATCH,
    )
    send_plainly(batching, 10)
    with reading(measured, tmp_path) as (reader, applied):
        before, told = measured.cpu() | reader.cpu(), reader.told()

        def round_of_all() -> float:
            reached = applied.offset() + len(rows)
            queue_again(hub, rows)
            # Asked of the broker only: counting in the database would cost it something.
            return len(rows) / timed(
                lambda: eventually(lambda: applied.offset() >= reached, seconds=SECONDS)
            )

        rates, plain = side_by_side(
            (round_of_all, lambda: send_plainly(batching, PLAIN)), rounds=ROUNDS
        )
        spent = measured.cpu() | reader.cpu()
        assert applied.is_all()
        assert reader.told() - told == len(rows) * ROUNDS
    batching.close()
    each = {
        name: 1000 * (seconds - before[name]) / len(rows) / ROUNDS
        for name, seconds in spent.items()
    }
    book.add(
        Figure(
            name="outbox to applied, 1 partner, 1 recipient",
            unit="messages/s",
            rounds=rates,
            yardsticks=(Yardstick(name="kafka-python, in batches", rounds=plain),),
            floor="over 1000, target 5000",
            load=(begin, load_now()),
            more={
                "messages a round": len(rows),
                **{f"processor ms each, {name}": value for name, value in each.items()},
                "processor ms each, together": sum(each.values()),
            },
        )
    )
