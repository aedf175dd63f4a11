"""Two thousand stops race everything that lets something go; what follows a stop is nothing.

Reads, first and repeated requests for keys and the relay run all the while, on a real PostgreSQL
and a real broker. What came first is proven by numbers: those of a counter that every party takes
before and after what it does, and those of the lines in the log. DEELREGIE_RACES says how many
stops (2,000 unless set; 10,000 at night).
"""

import os
import random
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock

import pytest
from sqlalchemy import func, select

from gateway import clock
from gateway.exchange.deliveries.release_key import RELEASED, release_keys
from gateway.exchange.disclose import Asked, disclose
from gateway.exchange.families.refuse import RefusalOrder, refuse
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.wording import Choices, wording_of_refusal
from gateway.identity.callers import PartnerCaller
from gateway.store import message_keys
from gateway.store.engine import transaction
from gateway.store.tables import access_log, delivery
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import READER, World, allow, running, until, waiting

HURRIED = 4
RACES = int(os.environ.get("DEELREGIE_RACES", "2000"))
# A stop takes some tens of milliseconds here; the limit only bounds a failure.
SECONDS = max(600, RACES)
DISCLOSES = {"read", "search", "route", "key_release"}
STOPS = {"consent_withdrawn", "consent_refused"}


@dataclass
class Race:
    """Threads that hurry to give a service something, and a parent who stops it again and again."""

    world: World
    partner: str = READER
    numbers: Iterator[int] = field(default_factory=count)
    begun: int = 0
    ended: int = 0
    raced: int = 0
    closed: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    got: deque[tuple[int, int, str]] = field(default_factory=deque[tuple[int, int, str]])
    lock: Lock = field(default_factory=Lock)

    def run(self, races: int, over: Event) -> None:
        """Open and stop, in one of two ways, until so many attempts met a stop on their way."""
        dice = random.Random(5)
        try:
            while self.raced < races:
                consent = allow(self.world, self.partner)
                self._look_first(dice.choice((self.read, self.newest_keys, None)))
                refused = dice.random() < 1 / 4
                under_way = self.begun - self.ended
                begun = self.begun
                no = self._refuse() if refused else None
                if no is None:
                    self._withdraw(consent)
                stopped = next(self.numbers)
                self.raced += under_way + self.begun - begun
                for way in (self.read, self.newest_keys, self.any_keys):
                    self.attempt(way)
                if no:
                    self._withdraw(consent)
                    self._withdraw(no)
                self.closed.append((stopped, next(self.numbers)))
        finally:
            over.set()

    def _look_first(self, way: Callable[[], int] | None) -> None:
        """Let it be read before the stop, or its keys be asked for; or do not wait for anything."""
        if way:
            until(lambda: self.attempt(way) > 0)

    def hurry(self, seed: int, over: Event) -> None:
        """Read, and ask for keys of new messages and once more of old ones, until it is over."""
        dice = random.Random(seed)
        while not over.is_set():
            self.attempt(dice.choice((self.read, self.newest_keys, self.any_keys)))

    def attempt(self, way: Callable[[], int]) -> int:
        with self.lock:
            self.begun += 1
        begin = next(self.numbers)
        found = way()
        with self.lock:
            self.ended += 1
        if found:
            self.got.append((begin, next(self.numbers), way.__name__))
        return found

    @property
    def caller(self) -> PartnerCaller:
        return PartnerCaller(partner=self.partner, scopes=frozenset())

    def read(self) -> int:
        patient = self.world.hub.vault.pairwise(self.partner, self.world.child)
        asked = Asked(type="Condition", purpose="care", patient=patient)
        return len(disclose(self.world.hub, self.caller, asked, at=clock.now()))

    def newest_keys(self) -> int:
        return self._keys(self._messages()[-3:])

    def any_keys(self) -> int:
        known = self._messages()
        return self._keys(random.sample(known, min(3, len(known))))

    def _keys(self, ids: list[str]) -> int:
        found = release_keys(self.world.hub, self.caller, ids, at=clock.now())
        return sum(one.state == RELEASED for one in found)

    def _messages(self) -> list[str]:
        query = select(delivery.c.id).where(delivery.c.partner == self.partner)
        with transaction(self.world.hub.engine) as tx:
            found = tx.execute(query.order_by(delivery.c.sequence.desc()).limit(200)).scalars()
            return [str(one) for one in found][::-1]

    def _withdraw(self, decision: str) -> None:
        assert withdraw_consent(self.world.hub, self.world.parent, decision, at=clock.now())

    def _refuse(self) -> str:
        choices = Choices(
            giver="parent",
            classes=None,
            purpose=None,
            partner_name=self.partner,
            until=None,
            source_names=None,
        )
        words = wording_of_refusal(language="nl", effect="refuse", choices=choices)
        order = RefusalOrder(
            child=str(self.world.child),
            effect="refuse",
            language="nl",
            wording_sha256=words.sha256,
            to=self.partner,
        )
        found = refuse(self.world.hub, self.world.parent, order, at=clock.now())
        assert isinstance(found, str), found
        return found


@pytest.mark.timeout(SECONDS)
def test_nothing_follows_any_of_many_stops_by_any_path(world: World) -> None:
    race, over = Race(world), Event()
    with running(relay_outbox, world.hub), ThreadPoolExecutor(HURRIED + 1) as pool:
        hurried = [pool.submit(race.hurry, seed, over) for seed in range(HURRIED)]
        for one in (pool.submit(race.run, RACES, over), *hurried):
            one.result()
        until(lambda: waiting(world) == 0)
    assert late(race) == []
    assert lines_after_a_stop(world, race.partner) == []
    assert keys_that_are_left(world) == 0
    # Otherwise there was no race.
    assert {path for _, _, path in race.got} == {"read", "newest_keys", "any_keys"}


def late(race: Race) -> list[tuple[int, int, str]]:
    """What was got by whoever began after a stop was answered and ended before the next yes."""
    begun = [stopped for stopped, _ in race.closed]
    found = []
    for begin, end, path in race.got:
        before = bisect_left(begun, begin) - 1
        if before >= 0 and end < race.closed[before][1]:
            found.append((begin, end, path))
    return found


def lines_after_a_stop(world: World, partner: str) -> list[str]:
    """The acts that gave something while the last word of the log about it was a stop.

    Who gives holds the child's lock shared and who stops holds it alone while they number their
    lines, so the order of lines is the order of what happened.
    """
    query = select(access_log).where(access_log.c.partner == partner).order_by(access_log.c.id)
    with transaction(world.hub.engine) as tx:
        lines = [(one.act, one.outcome) for one in tx.execute(query)]
    open_now, found = False, []
    for act, outcome in lines:
        if act == "consent_given" or act in STOPS:
            open_now = act == "consent_given"
        elif act in DISCLOSES and outcome != "deny" and not open_now:
            found.append(act)
    return found


def keys_that_are_left(world: World) -> int:
    """How many messages could still be opened by somebody."""
    query = select(func.count()).select_from(delivery).where(message_keys.has_key())
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())
