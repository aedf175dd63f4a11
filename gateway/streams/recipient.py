"""A small recipient: reads its topic or feed, asks for the keys, and tells what it may read.

At least once from the broker, once for whoever reads: ids that were dealt with are not told again.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any, Final, Literal

import orjson

from gateway.exchange.deliveries.size_class import unpadded
from gateway.identity.jose import unseal
from gateway.streams.access import OPEN, Access
from gateway.streams.backoff import Backoff
from gateway.streams.client import (
    BROKER_TROUBLE,
    JOIN_MS,
    open_consumer,
    patience,
    text_headers,
)
from gateway.streams.envelope import NOTICES, Message, Unreadable, from_kafka
from gateway.streams.feed_event import message_of
from gateway.streams.hub_client import HubClient, HubUnavailableError, Key
from gateway.streams.recipient_state import Received
from gateway.streams.topics import partner_topic
from gateway.streams.watch import PATIENCE_MS, Watch
from gateway.streams.wire import Consumer, Record

POLL_MS: Final = 250
AT_ONCE: Final = 500
FEED_PAGE: Final = 100
# Half of it is what a message waits on the laptop's broker; others wake who waits.
FETCH_WAIT_MS: Final = 20
LOOK_SECONDS: Final = 1.0
FEED_SECONDS: Final = 5

# What passes by itself: read on from what was committed, with the same ids.
_PASSING: Final[tuple[type[Exception], ...]] = (HubUnavailableError, *BROKER_TROUBLE)

State = Literal["read", "gone", "notice", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message: `content` is its JSON, exactly as the hub wrote it."""

    id: str
    sequence: int
    type: str
    state: State
    content: bytes = b"null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the recipient did with its copies: `erased`, `kept-by-law` or `nothing-held`."""

    done: str
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to read, and when it is enough."""

    bootstrap: str = ""
    access: Access = OPEN
    group: str | None = None
    state: Path | None = None
    once: bool = False
    count: int | None = None
    seconds: float | None = None
    feed: bool = False
    """Pull the hub's feed instead of reading a topic."""
    answer: Answer | None = None
    """What to tell the hub about the copies that notices name; nothing when left out."""


def receive(
    hub: HubClient,
    order: Order,
    tell: Callable[[Outcome], None],
    stop: Event,
    *,
    trouble: Callable[[Exception], None] = lambda _: None,
) -> int:
    """Tell what became of each message until the order is fulfilled; return how many there were."""
    backoff = Backoff(stop)
    with Received(order.state) as received:
        reading = _Reading(hub, order, tell, stop, received)
        while not reading.enough():
            try:
                (reading.feed if order.feed else reading.session)(backoff.reset)
            except _PASSING as error:
                trouble(error)
                backoff.wait()
        return reading.told


class _Reading:
    """One order under way, over as many connections as it takes."""

    def __init__(
        self,
        hub: HubClient,
        order: Order,
        tell: Callable[[Outcome], None],
        stop: Event,
        received: Received,
    ) -> None:
        self._hub, self._order, self._tell, self._stop = hub, order, tell, stop
        self._received = received
        self._deadline = time.monotonic() + order.seconds if order.seconds else None
        self._at_the_end = False
        self.told = 0

    def enough(self) -> bool:
        order = self._order
        late = self._deadline is not None and time.monotonic() > self._deadline
        full = order.count is not None and self.told >= order.count
        return self._stop.is_set() or late or full or (order.once and self._at_the_end)

    def session(self, works: Callable[[], None]) -> None:
        topic = partner_topic(self._hub.partner)
        consumer = open_consumer(
            self._order.bootstrap,
            group=self._order.group or topic,
            topics=[topic],
            access=self._order.access,
            wait_ms=FETCH_WAIT_MS,
        )
        try:
            self._read(consumer, works)
        finally:
            consumer.close(autocommit=False, timeout_ms=2_000)

    def feed(self, works: Callable[[], None]) -> None:
        while not self.enough():
            page = self._hub.feed(
                after=self._received.reached(),
                limit=min(FEED_PAGE, self._wanted()),
                wait=self._wait(),
            )
            self._deal_with([_from_feed(one) for one in page["events"]])
            self._received.reach(page["next"])
            self._at_the_end = not page["more"]
            works()

    def _wait(self) -> int:
        return 0 if self._order.once else min(FEED_SECONDS, self._milliseconds_left() // 1_000)

    def _read(self, consumer: Consumer, works: Callable[[], None]) -> None:
        watch, looked = Watch(consumer), time.monotonic()
        while not self.enough():
            records = [one for some in self._poll(consumer) for one in some]
            if records:
                self._deal_with([_message(record) for record in records])
                self._received.keep()
                watch.commit()
                works()
            elif time.monotonic() - looked > LOOK_SECONDS or self._order.once:
                looked = time.monotonic()
                self._at_the_end = not watch.rewound() and _has_read_all(consumer)

    def _poll(self, consumer: Consumer) -> Iterator[Sequence[Record]]:
        timeout = min(patience(consumer, POLL_MS), self._milliseconds_left())
        yield from consumer.poll(timeout_ms=timeout, max_records=self._wanted()).values()

    def _wanted(self) -> int:
        count = self._order.count
        return AT_ONCE if count is None else min(AT_ONCE, count - self.told)

    def _milliseconds_left(self) -> int:
        if self._deadline is None:
            return JOIN_MS
        return max(0, int(1_000 * (self._deadline - time.monotonic())))

    def _deal_with(self, messages: Sequence[Message | Outcome]) -> None:
        fresh = {one.id: one for one in messages if not self._received.knows(one.id)}
        sealed = [one.id for one in fresh.values() if _is_sealed(one)]
        keys = self._hub.keys(sealed) if sealed else {}
        for one in fresh.values():
            outcome = one if isinstance(one, Outcome) else _outcome(one, keys)
            self._tell(outcome)
            self._answer(outcome)
            self._received.remember(outcome.id, outcome.state)
            self.told += 1

    def _answer(self, outcome: Outcome) -> None:
        answer = self._order.answer
        if answer is not None and outcome.state == "notice":
            self._hub.answer_notice(outcome.id, done=answer.done, basis=answer.basis)


def _is_sealed(one: Message | Outcome) -> bool:
    return isinstance(one, Message) and one.type not in NOTICES


def _message(record: Record) -> Message | Outcome:
    found = from_kafka(record.key, record.value, text_headers(record))
    if isinstance(found, Unreadable):
        # A stranger's message has no id of the hub: its place in the topic names it.
        place = f"{record.topic}/{record.partition}/{record.offset}"
        return Outcome(id=place, sequence=0, type="", state="unreadable")
    return found


def _from_feed(event: Mapping[str, Any]) -> Message | Outcome:
    found = message_of(event)
    name, number = str(event.get("id", "")), int(event.get("sequence", 0))
    if isinstance(found, Unreadable):
        return Outcome(id=name, sequence=number, type="", state="unreadable")
    # The hub keeps no ciphertext that can never be opened, or that was opened long ago.
    return found if found.payload else replace(_NOT_KEPT, id=name, sequence=number, type=found.type)


_NOT_KEPT: Final = Outcome(id="", sequence=0, type="", state="gone")


def _outcome(message: Message, keys: dict[str, Key]) -> Outcome:
    state, content = _opened(message, keys.get(message.id))
    return Outcome(
        id=message.id,
        sequence=message.sequence,
        type=message.type,
        state=state,
        content=content or b"null",
    )


def _opened(message: Message, key: Key | None) -> tuple[State, bytes | None]:
    if message.type in NOTICES:
        return ("notice", message.payload) if _is_object(message.payload) else ("unreadable", None)
    if key is None or not key.released:
        return "gone", None
    content = unpadded(unseal(key.jwk, message.payload) or b"")
    return ("read", content) if content and _is_object(content) else ("unreadable", None)


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(orjson.loads(content), dict)
    except orjson.JSONDecodeError:
        return False


def _has_read_all(consumer: Consumer) -> bool:
    assigned = consumer.assignment()
    ends = consumer.end_offsets(list(assigned), timeout_ms=PATIENCE_MS) if assigned else {}
    return bool(assigned) and all(
        (consumer.position(place, timeout_ms=PATIENCE_MS) or 0) >= ends[place] for place in assigned
    )
