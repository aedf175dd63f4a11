"""One partner's lane: its messages go out in order, whatever happens on the lanes beside it.

The database is the truth. What a lane holds in memory may be dropped at any moment: the lane is
then *behind*, and reads what was sealed but never marked sent, under the same ids.
"""

import time
from collections import deque
from collections.abc import Iterable, Sequence
from threading import Condition, Event, Thread
from typing import Final

from gateway import clock
from gateway.exchange.deliveries.park_delivery import park_refused
from gateway.exchange.deliveries.seal_delivery import Sealed, mark_sent, requeue_lost, unsent
from gateway.exchange.deliveries.size_class import is_smallest
from gateway.exchange.hub import Hub
from gateway.observability import Event as LogEvent
from gateway.observability import log, warn
from gateway.streams.access import access_of
from gateway.streams.backoff import Backoff
from gateway.streams.client import BROKER_TROUBLE, TOO_LARGE, Broker, abandon, open_producer
from gateway.streams.envelope import Message, to_kafka
from gateway.streams.topics import ensure_topics, partner_topic
from gateway.streams.trouble import trouble_event
from gateway.streams.wire import Pending, Producer

BATCH: Final = 250
INBOX: Final = 1_000
INBOX_BYTES: Final = 32 * 1024 * 1024
CHECK_SECONDS: Final = 2.0
ACK_SECONDS: Final = 8.0
LAST_ACKS_SECONDS: Final = 2.0
_NOTHING: Final = -1


class Lane:
    """Sends the messages of one partner; `reached` is the highest offset that must still exist."""

    def __init__(
        self,
        hub: Hub,
        broker: Broker,
        partner: str,
        *,
        reached: int = _NOTHING,
        room: Event | None = None,
    ) -> None:
        self.partner = partner
        self._hub, self._broker = hub, broker
        self._reached = reached
        self._inbox: deque[Sealed] = deque()
        self._news, self._stop = Condition(), Event()
        self._behind = True
        self._look = False
        # Set whenever this lane has taken something in hand, for whoever waits to offer more.
        self._room = room or Event()
        self._delivers = True
        # After a refusal for size each message goes alone, so that the one that is meant shows.
        self._singly = False
        # The highest number that was taken in hand; another process may have sealed the next.
        self._last: int | None = None
        self._producer: Producer | None = None
        self._backoff = Backoff(self._stop)
        self._thread = Thread(target=self._run, name=f"lane-{partner}")

    def start(self) -> None:
        """Begin with whatever an earlier relay left unsent."""
        self._thread.start()

    def offer(self, sealed: Sequence[Sealed]) -> None:
        """Take freshly sealed messages; a lane that is behind leaves them to the database."""
        with self._news:
            if self._behind or not self._follows(sealed):
                self._behind = True
                self._inbox.clear()
            else:
                self._inbox.extend(sealed)
                self._last = sealed[-1].sequence
            self._news.notify()

    def is_full(self) -> bool:
        """Whether to offer nothing for a while: messages do go out, and enough lie here already.

        Where they do not go out, for whatever reason, the database takes what comes.
        """
        with self._news:
            return self._delivers and (self._behind or len(self._inbox) > INBOX // 2)

    def look(self) -> None:
        """Look in the database, when nothing is in hand, for what was left unsent."""
        with self._news:
            self._look = True
            self._news.notify()

    def _follows(self, sealed: Sequence[Sealed]) -> bool:
        # After a gap the database has what belongs in between: sealed while there was a feed.
        together = [*self._inbox, *sealed]
        room = len(together) <= INBOX and sum(len(one.jwe) for one in together) <= INBOX_BYTES
        return room and self._last is not None and sealed[0].sequence == self._last + 1

    def stop(self) -> None:
        """Finish the batch that is under way and end."""
        self._stop.set()
        with self._news:
            self._news.notify()

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._step()
                self._backoff.reset()
            except Exception as error:  # noqa: BLE001  # the edge of a thread: nothing may end a lane
                self._recover(error)
        self._drop_producer()

    def _recover(self, error: Exception) -> None:
        warn(trouble_event(error), loop="lane", partner=self.partner, error=type(error).__name__)
        self._delivers = False
        self._fall_behind()
        # After a fault an idempotent producer may refuse for ever; a new one starts clean.
        self._drop_producer()
        self._backoff.wait()

    def _step(self) -> None:
        batch = self._catch_up() if self._behind else self._next()
        if batch:
            self._deliver(batch)
            self._delivers = True
            self._room.set()
        elif not self._behind and not self._stop.is_set():
            self._idle()

    def _idle(self) -> None:
        with self._news:
            look, self._look = self._look, False
            # What came meanwhile is in the database too.
            self._behind = self._behind or look
        if not look:
            self._check()

    def _next(self) -> tuple[Sealed, ...]:
        with self._news:
            self._news.wait_for(self._has_news, CHECK_SECONDS)
            return tuple(self._inbox.popleft() for _ in range(min(BATCH, len(self._inbox))))

    def _has_news(self) -> bool:
        return bool(self._inbox) or self._behind or self._look or self._stop.is_set()

    def _catch_up(self) -> tuple[Sealed, ...]:
        with self._news:
            self._behind = False
            self._inbox.clear()
        left = unsent(self._hub, partner=self.partner, limit=BATCH, at=clock.now())
        if left:
            self._fall_behind()
            self._last = left[-1].sequence
        return left

    def _fall_behind(self) -> None:
        with self._news:
            self._behind = True
            self._inbox.clear()

    def _deliver(self, batch: Sequence[Sealed]) -> None:
        if self._producer is None:
            ensure_topics(self._broker, partners=[self.partner])
            settings = self._hub.settings
            self._producer = open_producer(settings.kafka_bootstrap, access_of(settings))
        acknowledged: list[tuple[Sealed, int]] = []
        trouble: Exception | None = None
        for part in self._parts(batch):
            trouble = trouble or self._send_together(self._producer, part, acknowledged)
        # What did arrive is recorded first, so that trouble with one repeats no other.
        self._record(acknowledged)
        if trouble:
            self._outlive(trouble, batch[len(acknowledged)])
        else:
            self._singly = False

    def _parts(self, batch: Sequence[Sealed]) -> Iterable[Sequence[Sealed]]:
        if self._singly:
            return [[one] for one in batch]
        # The laptop's broker counts a topic's end from where its last batch begins, so that the
        # last message goes on its own.
        return batch[:-1], batch[-1:]

    def _outlive(self, trouble: Exception, stuck: Sealed) -> None:
        """Go on after a message that no broker takes for its size; raise any other trouble."""
        alone, self._singly = self._singly, isinstance(trouble, TOO_LARGE)
        if not self._singly:
            raise trouble
        # A topic that refuses even the smallest was made with a limit that fits none: its operator
        # mends that, and every message is still there.
        if alone and (
            is_smallest(stuck.jwe) or not park_refused(self._hub, stuck.delivery, at=clock.now())
        ):
            raise trouble
        self._fall_behind()
        self._drop_producer()

    def _send_together(
        self, producer: Producer, part: Sequence[Sealed], acknowledged: list[tuple[Sealed, int]]
    ) -> Exception | None:
        pending, refused = self._send_all(producer, part)
        arrived, unanswered = self._acknowledgements(pending)
        acknowledged += arrived
        return unanswered or refused

    def _send_all(
        self, producer: Producer, batch: Sequence[Sealed]
    ) -> tuple[list[tuple[Sealed, Pending]], Exception | None]:
        pending: list[tuple[Sealed, Pending]] = []
        for item in batch:
            try:
                pending.append((item, self._send(producer, item)))
            except BROKER_TROUBLE as error:
                return pending, error
        return pending, None

    def _send(self, producer: Producer, item: Sealed) -> Pending:
        message = Message(
            id=item.delivery,
            type=item.type,
            source=self._hub.settings.issuer,
            sequence=item.sequence,
            bucket=item.bucket,
            payload=item.jwe,
            at=clock.now(),
        )
        key, value, headers = to_kafka(message)
        return producer.send(
            partner_topic(self.partner), value=value, key=key, headers=headers, partition=0
        )

    def _acknowledgements(
        self, pending: Sequence[tuple[Sealed, Pending]]
    ) -> tuple[list[tuple[Sealed, int]], Exception | None]:
        acknowledged: list[tuple[Sealed, int]] = []
        trouble: Exception | None = None
        deadline = time.monotonic() + ACK_SECONDS
        for item, answer in pending:
            try:
                acknowledged.append((item, answer.get(timeout=self._patience(deadline)).offset))
            except BROKER_TROUBLE as error:
                trouble = trouble or error
        return acknowledged, trouble

    def _patience(self, deadline: float) -> float:
        most = LAST_ACKS_SECONDS if self._stop.is_set() else ACK_SECONDS
        return max(0.0, min(most, deadline - time.monotonic()))

    def _record(self, acknowledged: Sequence[tuple[Sealed, int]]) -> None:
        kept, reached, lost = since_last_loss(acknowledged, reached=self._reached)
        if lost:
            self._send_all_again()
        self._reached = reached
        if kept:
            # A retry that the broker had stored already is acknowledged without a place (-1).
            offsets = [(item.delivery, place if place >= 0 else reached) for item, place in kept]
            mark_sent(self._hub, offsets, at=clock.now())
            log(LogEvent.DELIVERIES_SENT, partner=self.partner, count=len(kept))

    def _check(self) -> None:
        if self._reached == _NOTHING:
            return
        if self._broker.end_offset(partner_topic(self.partner)) <= self._reached:
            self._send_all_again()
            self._drop_producer()

    def _send_all_again(self) -> None:
        """Let everything that is not read yet go out again: an offset went back, data is lost."""
        warn(LogEvent.BROKER_LOST_DATA, partner=self.partner)
        count = requeue_lost(self._hub, self.partner)
        log(LogEvent.DELIVERIES_REQUEUED, partner=self.partner, count=count)
        self._reached = _NOTHING
        self._fall_behind()

    def _drop_producer(self) -> None:
        if self._producer is not None:
            abandon(self._producer)
            self._producer = None


def since_last_loss(
    acknowledged: Sequence[tuple[Sealed, int]], *, reached: int
) -> tuple[Sequence[tuple[Sealed, int]], int, bool]:
    """Return what the broker still has, how far that reaches, and whether it lost data before.

    An offset that does not grow means that the topic began anew: what was acknowledged before it
    is gone, also within one batch.
    """
    start, lost = 0, False
    for index, (_, place) in enumerate(acknowledged):
        if 0 <= place <= reached:
            start, lost = index, True
        if place >= 0:
            reached = place
    return acknowledged[start:], reached, lost
