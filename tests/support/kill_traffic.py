"""What partners and families do while processes die: they try again until somebody answers."""

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Final

import httpx

from gateway.streams.hub_client import HubClient, HubUnavailableError
from tests.support.families import Family
from tests.support.running_hub import Parent

XML: Final = "application/xml"
CLASSES: Final = ["diagnosis", "functional", "development"]
TEAM, TIME = b"De Wilgenkatjes (fictief)", b"09:14:07.120"
_NOT_NOW: Final = frozenset({502, 503, 504})


@dataclass
class Told:
    """What was answered: exactly this the hub must have kept."""

    lock: Lock = field(default_factory=Lock)
    receipts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Every receipt that was answered to an idempotency key."""
    newest: dict[str, int] = field(default_factory=dict[str, int])
    """The last change that was accepted, by the child's number."""
    given: set[str] = field(default_factory=set[str])
    withdrawn: set[str] = field(default_factory=set[str])
    searches: int = 0
    tries: int = 0
    wrong: list[str] = field(default_factory=list[str])


class Stopped(Exception):
    """Nobody answered until the test was over."""


class Clients:
    """One partner's clients, of every API process one."""

    def __init__(self, addresses: Sequence[str], partner: str, key: Any, told: Told) -> None:
        self._clients = [HubClient(one, partner, key) for one in addresses]
        self._told = told

    def until_answered(self, ask: Callable[[HubClient], Any], over: Event) -> Any:
        """Ask one process after the other until one answers."""
        while not over.is_set():
            with self._told.lock:
                self._told.tries += 1
            with suppress(HubUnavailableError, httpx.TransportError):
                return ask(random.choice(self._clients))
            over.wait(0.05)
        raise Stopped

    def close(self) -> None:
        for one in self._clients:
            one.close()


def changed(family: Family, turn: int) -> bytes:
    """Return the dossier as it looks after one more change, which anybody can recognise."""
    later = b"%02d:%02d:%02d.000" % (10 + turn // 3600, turn // 60 % 60, turn % 60)
    return family.vaph_2023.replace(TEAM, b"Team %06d" % turn).replace(TIME, later)


def hand_in(clients: Clients, family: Family, told: Told, turn: int, over: Event) -> None:
    """Hand in a change of a child's dossier until it is accepted."""
    key = f"{family.dossier}-{turn}"

    def ask(client: HubClient) -> Any:
        return client.hand_in("vaph", changed(family, turn), content_type=XML, idempotency_key=key)

    answer = clients.until_answered(ask, over)
    with told.lock:
        told.receipts[key].add(str(answer["receipt"]))
        told.newest[family.child] = turn


def deliver(clients: Clients, families: Sequence[Family], told: Told, over: Event) -> None:
    """Hand in one change after the other, of one child after the other; some twice."""
    turn = 0
    with suppress(Stopped):
        while not over.is_set():
            turn += 1
            for family in families:
                hand_in(clients, family, told, turn, over)
                if random.random() < 0.2:
                    hand_in(clients, family, told, turn, over)
                over.wait(0.1 + random.random() / 5)
    clients.close()


@dataclass
class Guardian:
    """A parent with a browser that goes to another process when one does not answer."""

    parent: Parent
    addresses: Sequence[str]
    told: Told
    over: Event

    def decide(self, partners: Sequence[str]) -> None:
        """Give and take back, one service after the other."""
        with suppress(Stopped):
            while not self.over.is_set():
                for partner in partners:
                    consent = self.give(partner)
                    self.over.wait(1 + 2 * random.random())
                    if random.random() < 0.7:
                        self.withdraw(consent)
                        self.over.wait(random.random() / 2)

    def give(self, partner: str) -> str:
        """Say yes, unless an earlier yes counts of which no answer came."""
        while True:
            open_now = self.open_to(partner)
            if open_now:
                return open_now[0]
            answer = self._try(lambda: self.parent.give(partner, CLASSES))
            if answer is not None and answer.status_code == httpx.codes.CREATED:
                consent = str(answer.json()["id"])
                with self.told.lock:
                    self.told.given.add(consent)
                return consent

    def open_to(self, partner: str) -> list[str]:
        """Return the decisions by which something may go to a service."""
        rows = self._until(lambda: self.parent.client.get("/consents")).json()["consents"]
        return [
            one["id"]
            for one in rows
            if one["partner"] == partner and one["withdrawn"] is None and one["mine"]
        ]

    def withdraw(self, consent: str) -> None:
        """Say no until it is answered."""
        self._until(lambda: self.parent.stop(consent))
        with self.told.lock:
            self.told.withdrawn.add(consent)

    def _until(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        while True:
            answer = self._try(ask)
            if answer is not None and answer.is_success:
                return answer
            if answer is not None:
                with self.told.lock:
                    self.told.wrong.append(f"{answer.status_code} {answer.request.url.path}")

    def _try(self, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        """Ask once, of whichever process; None when it did not answer or cannot now."""
        if self.over.is_set():
            raise Stopped
        self.parent.client.base_url = httpx.URL(random.choice(self.addresses))
        with self.told.lock:
            self.told.tries += 1
        # The words are asked for before a yes: without them there is nothing to read out of.
        with suppress(httpx.TransportError, KeyError, ValueError):
            answer = ask()
            if answer.status_code not in _NOT_NOW:
                return answer
        self.over.wait(0.05)
        return None


def search(clients: Clients, patients: Sequence[str], told: Told, over: Event) -> None:
    """Read as a partner, one child after the other."""

    def ask(patient: str) -> Callable[[HubClient], Any]:
        return lambda client: client._signed_in(
            "GET", "/fhir/Condition", params={"patient": patient}
        ).json()

    with suppress(Stopped):
        while not over.is_set():
            found = clients.until_answered(ask(random.choice(patients)), over)
            if found.get("entry"):
                with told.lock:
                    told.searches += 1
            over.wait(0.1)
    clients.close()
