"""Everything is killed with SIGKILL at random moments, and what was promised holds.

API processes, relays, recipients, processes of PostgreSQL, its postmaster and the broker, several
at once, while partners deliver, families decide and services read. DEELREGIE_KILLS says how many
kills (200 unless set; 40 on Apache Kafka; 1,000 at night), DEELREGIE_KILL_SEED repeats the choices.
"""

import os
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.embedded.kafka import Backend
from gateway.errors import SourceUnavailable
from gateway.exchange.audit.export_log import log_rows
from gateway.exchange.audit.log_key import log_key
from gateway.exchange.partners.register_way import Way, set_way
from gateway.store import children
from gateway.store.engine import transaction
from gateway.transparency.verify_log import verify
from tests.support.engines import chosen_backend
from tests.support.families import Family, a_family
from tests.support.kill_evidence import CHECKS, Evidence, gathered, missing
from tests.support.kill_programs import read_journal
from tests.support.kill_system import KillSystem, killable
from tests.support.kill_traffic import Clients, Guardian, Told, deliver, search
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH, RunningHub, eventually, running_hub

APACHE = chosen_backend() is Backend.APACHE
# Taken out: the programs of the hub refuse settings that they do not know.
KILLS = int(os.environ.pop("DEELREGIE_KILLS", "40" if APACHE else "200"))
SEED = int(os.environ.pop("DEELREGIE_KILL_SEED", str(random.SystemRandom().randrange(10**9))))
SECONDS_A_KILL = 2.0 if APACHE else 0.45
# Two read from the broker, one from its feed.
READERS, BY_FEED = (CLB, CHILDCARE, CAW), frozenset({CAW})
FAMILIES = 4
SETTLED_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Known:
    """A family, and the hub's own id of its child."""

    family: Family
    child: UUID


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(300 + 5 * KILLS)
def test_whatever_is_killed_nothing_is_lost_doubled_reordered_or_untold() -> None:
    dice, told = random.Random(SEED), Told()
    say(f"DEELREGIE_KILL_SEED={SEED} DEELREGIE_KILLS={KILLS}")
    with running_hub(kafka=chosen_backend()) as running:
        for partner in BY_FEED:
            set_way(running.hub, partner, Way(way="feed"), at=clock.now())
        known = [begin(running, a_family()) for _ in range(FAMILIES)]
        guardians = [running.parent(one.family.mother) for one in known]
        assert all(one.child for one in guardians)
        with killable(running, BY_FEED, READERS, dice) as system:
            over, end = Event(), Event()
            parents = [Guardian(one, system.addresses, told, over) for one in guardians]
            system.wait_until_serving()
            say("everything runs")
            with traffic(system, known, parents, told, over):
                eventually(lambda: everybody_reads(system), seconds=120)
                say("everybody reads")
                system.kill_at_random(KILLS, dice, seconds=KILLS * SECONDS_A_KILL)
                say(f"killed: {dict(system.kills)}")
            for parent in (Guardian(one, system.addresses, told, end) for one in guardians):
                for partner in READERS:
                    parent.give(partner)
            say("everybody may read")
            found = settled(system, told)
            say(summary(found))
            assert system.ended_by_themselves() == {}
            assert_log_is_whole(running)
        assert [one for check in CHECKS for one in check(found)] == []
        assert told.wrong == []
        assert_newest_came(found, known)


def begin(running: RunningHub, family: Family) -> Known:
    """Let VAPH tell about a child, whom the readers know."""
    receipt = running.delivered(VAPH, family.vaph_2023)
    query = text(
        "select distinct child from receipt_part where receipt = :receipt and child is not null"
    )
    with transaction(running.hub.engine) as tx:
        child: UUID = tx.execute(query, {"receipt": receipt["id"]}).scalar_one()
        for partner in READERS:
            children.start_care(tx, child, partner, at=clock.now())
    return Known(family, child)


@contextmanager
def traffic(
    system: KillSystem, known: Sequence[Known], parents: Sequence[Guardian], told: Told, over: Event
) -> Iterator[None]:
    """Deliver, decide and read all the while, each with tries until somebody answers."""
    keys, hub = system.running.keys, system.running.hub

    def clients(partner: str) -> Clients:
        return Clients(system.addresses, partner, keys[partner], told)

    patients = [hub.vault.pairwise(CLB, one.child) for one in known]
    families = [one.family for one in known]
    with ThreadPoolExecutor(2 + len(parents)) as pool:
        work = [
            pool.submit(deliver, clients(VAPH), families, told, over),
            pool.submit(search, clients(CLB), patients, told, over),
            *(pool.submit(one.decide, READERS) for one in parents),
        ]
        try:
            yield
        finally:
            over.set()
        for one in work:
            one.result(60)


def everybody_reads(system: KillSystem) -> bool:
    return all(read_journal(job.journal) for job in system.jobs)


def settled(system: KillSystem, told: Told) -> Evidence:
    """Wait until nothing is under way any more, and return what is left."""
    system.postgres.wait_up()
    system.broker.wait_up()
    eventually(lambda: not under_way(system), seconds=SETTLED_SECONDS)
    hub = system.running.hub
    broker = system.running.stack.broker
    assert broker is not None
    forgets = [] if broker.keeps_data else sorted(system.broker.killed_at)
    losses = {one: [] if one in BY_FEED else forgets for one in READERS}

    def gather() -> Evidence:
        journals = {job.partner: read_journal(job.journal) for job in system.jobs}
        return gathered(hub, told, journals, losses)

    # What is missing then is told by a check, and which it is.
    with suppress(AssertionError):
        eventually(lambda: not missing(gather()), seconds=SETTLED_SECONDS)
    return gather()


def under_way(system: KillSystem) -> int:
    """Return how much the hub has still to do."""
    query = text(
        "select (select count(*) from outbox where state = 'due')"
        " + (select count(*) from delivery where sent_at is null and state = 'sealed')"
        " + (select count(*) from receipt where status = 'accepted')"
    )
    try:
        with transaction(system.running.hub.engine) as tx:
            return int(tx.execute(query).scalar_one())
    except SourceUnavailable:
        return -1


def say(words: str) -> None:
    """Shown by pytest when the test fails, or with -s."""
    sys.stdout.write(f"{clock.now():%H:%M:%S} {words}\n")


def summary(found: Evidence) -> str:
    read = {name: sum(one.state == "read" for one in all_) for name, all_ in found.journals.items()}
    told = found.told
    return (
        f"{len(told.receipts)} records, {len(told.given)} consents, {len(told.withdrawn)} ended,"
        f" {told.searches} searches, {told.tries} tries; {len(found.messages)} messages,"
        f" read {read}, {len(found.lines)} lines"
    )


def assert_newest_came(found: Evidence, known: Sequence[Known]) -> None:
    """What was accepted last about each child was read where no broker forgets."""
    of = {one.id: one.child for one in found.messages}
    certain = [one for one in (CLB, CAW) if not found.losses[one]]
    for one in known:
        for partner in certain:
            journal = found.journals[partner]
            markers = [e.marker for e in journal if e.marker and of[e.id] == one.child]
            assert max(markers) == found.told.newest[one.family.child], partner


def assert_log_is_whole(running: RunningHub) -> None:
    found = verify(log_rows(running.hub), str(log_key(running.hub).verifier))
    assert found["ok"], found["findings"]
