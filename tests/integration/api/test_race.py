"""A stop races reads and key requests: after its commit nothing goes out, by order of the log."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import httpx
import pytest
from sqlalchemy import select

from gateway.store.engine import transaction
from gateway.store.tables import access_log, delivery
from tests.support.families import a_family
from tests.support.running_hub import CLB, PATIENCE, VAPH, Parent, RunningHub, eventually

# Thousands of stops race in `streams/test_many_races.py`; these race over HTTP, in processes.
ROUNDS, READERS = 4, 5
STOPS: dict[str, Callable[[Parent, str], httpx.Response]] = {
    "consent_withdrawn": Parent.stop,
    "consent_refused": lambda parent, _: parent.say_no("refuse"),
    "service_excluded": lambda parent, _: parent.say_no("exclude", to=CLB),
    "objection_made": lambda parent, _: parent.say_no("object_gdpr"),
    "consent_contested": Parent.contest,
}


@pytest.mark.parametrize("act", STOPS)
def test_no_read_or_key_follows_a_stop_in_the_log(system: RunningHub, act: str) -> None:
    for _ in range(ROUNDS if act == "consent_withdrawn" else ROUNDS // 2):
        family = a_family()
        system.delivered(VAPH, family.vaph_2023)
        patient = system.delivered(CLB, family.clb_2024)["parts"][0]["patient"]
        mother, father = system.parents(family)
        # A contest stops the contested yes alone, and not what another parent may say for both.
        if act != "consent_contested":
            father.given(CLB, ["diagnosis", "functional"])
        consent = mother.given(CLB, ["diagnosis", "functional"])
        messages = eventually(partial(_messages_of, system, mother.child))
        reading, stopped = Event(), Event()
        with ThreadPoolExecutor(READERS + 1) as pool:
            readers = [
                pool.submit(_read_until, system, patient, reading, stopped) for _ in range(READERS)
            ]
            keys = pool.submit(_ask_until, system, messages, stopped)
            assert reading.wait(PATIENCE)
            STOPS[act](mother, consent).raise_for_status()
            after = [system.search(CLB, "Condition", patient) for _ in range(3)]
            stopped.set()
            for one in (*readers, keys):
                one.result()
        assert after == [[], [], []]
        _assert_nothing_follows_the_stop(system, mother.child, act)


def _read_until(system: RunningHub, patient: str, reading: Event, stopped: Event) -> None:
    while not stopped.is_set():
        if system.search(CLB, "Condition", patient):
            reading.set()


def _ask_until(system: RunningHub, messages: list[str], stopped: Event) -> None:
    while not stopped.is_set():
        system.call(CLB, "POST", "/keys", json={"ids": messages}).raise_for_status()


def _messages_of(system: RunningHub, child: str) -> list[str]:
    with transaction(system.hub.engine) as tx:
        found = tx.execute(select(delivery.c.id).where(delivery.c.child == child)).scalars()
        return [str(one) for one in found]


def _assert_nothing_follows_the_stop(system: RunningHub, child: str, act: str) -> None:
    # Disclosures hold the child's lock shared and the stop holds it alone while they number
    # their lines, so the order of lines is the order of what happened.
    with transaction(system.hub.engine) as tx:
        query = select(access_log).where(access_log.c.child == child).order_by(access_log.c.id)
        lines = [(one.act, one.outcome) for one in tx.execute(query)]
    stop = lines.index((act, "done"))
    disclosures = {"read", "search", "key_release", "route"}
    assert any(act in disclosures and outcome != "deny" for act, outcome in lines[:stop])
    assert all(outcome == "deny" for act, outcome in lines[stop:] if act in disclosures)
