"""The background process: receipts, intake, relay, calendar, log, feeds, webhooks; threads."""

import gc
import signal
from collections.abc import Callable
from threading import Event, Thread
from typing import Final, TypeAlias

from gateway.exchange.audit.guard_log import Guard, LogRolledBack
from gateway.exchange.hub import Hub, open_hub
from gateway.observability import Event as LogEvent
from gateway.observability import log, warn
from gateway.settings import Settings
from gateway.streams.backoff import Backoff
from gateway.streams.calendar import keep_the_calendar
from gateway.streams.feed import fill_the_feeds
from gateway.streams.intake import consume_intake
from gateway.streams.receipts import process_receipts
from gateway.streams.relay import relay_outbox
from gateway.streams.sequencer import sequence_log
from gateway.streams.settling import settle_the_keys
from gateway.streams.trouble import trouble_event
from gateway.streams.webhooks import call_the_webhooks

Loop: TypeAlias = Callable[[Hub, Event], None]

LOOPS: Final[dict[str, Loop]] = {
    "receipts": process_receipts,
    "relay": relay_outbox,
    "intake": consume_intake,
    "calendar": keep_the_calendar,
    "log": sequence_log,
    "feed": fill_the_feeds,
    "webhooks": call_the_webhooks,
    "keys": settle_the_keys,
}
NEED_A_BROKER: Final = frozenset({"relay", "intake"})


def run_relay(settings: Settings, stop: Event) -> None:
    """Run all loops until it is time to stop, and return when every one has ended cleanly."""
    hub = open_hub(settings)
    guard = Guard(hub)
    names = [name for name in LOOPS if settings.kafka_bootstrap or name not in NEED_A_BROKER]
    threads = [
        Thread(target=_supervise, args=(name, LOOPS[name], hub, guard, stop), name=name)
        for name in names
    ]
    log(LogEvent.WORKER_STARTED, count=len(threads))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hub.engine.dispose()
    log(LogEvent.WORKER_STOPPED)


def run_until_told(settings: Settings) -> None:
    """Run the background process until SIGTERM or SIGINT."""
    # A large record is very many small objects and no cycles: looking for these at the usual pace
    # takes a quarter of the time that reading it takes.
    gc.set_threshold(100_000, 50, 100)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_relay(settings, stop)


class Rounds(Event):
    """Tells a loop before each round whether to stop: told to, or the database is an older one."""

    def __init__(self, guard: Guard, stop: Event) -> None:
        super().__init__()
        self._guard, self._stop = guard, stop

    def set(self) -> None:
        """Stop the whole process."""
        self._stop.set()

    def is_set(self) -> bool:
        """Whether no other round may begin."""
        try:
            self._guard.check()
        except LogRolledBack:
            return True
        return self._stop.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the process is to stop, for so many seconds at most."""
        return self._stop.wait(timeout) or self.is_set()


def _supervise(name: str, loop: Loop, hub: Hub, guard: Guard, stop: Event) -> None:
    backoff = Backoff(stop)
    while not stop.is_set():
        try:
            guard.check()
            loop(hub, Rounds(guard, stop))
            backoff.reset()
        except Exception as error:  # noqa: BLE001  # the edge of a thread: a loop always comes back
            warn(trouble_event(error), loop=name, error=type(error).__name__)
            backoff.wait()
