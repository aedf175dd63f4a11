"""Any order and any repetition of a child's deliveries ends in the same state."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from adapters.contract import Ending, PersonKey, Translation
from gateway.exchange.hub import Hub
from gateway.exchange.links.link_waiting import link_waiting
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.services import organisations
from gateway.exchange.services.organisations import finish_organisations, merge_partner
from tests.integration.changes.desk import (
    AT,
    CAW,
    CHILD,
    CHILDCARE,
    CLB,
    HEIR,
    OLD,
    VAPH,
    Desk,
    changes,
    ends,
    file,
    mother,
    part,
    said,
)

SAMPLES = Path("schemas/sources")
DELIVERED_BY = {"vaph": VAPH, "clb": CLB, "caw": CAW, "childcare": CHILDCARE}
STRUCK = PersonKey(insz=CHILD, family="", given="", born=None)
ROUNDS = 6


def picture(*codes: str, on: str, authority: str) -> Translation:
    told = (said(f"dossier/{one}", one, kind="Condition") for one in codes)
    return file(part(*told, on=on, related=(mother(authority),)), snapshot=True)


def month(*days: str, on: str) -> Translation:
    return file(part(*(said(f"day/{one}", f"{on} {one}") for one in days), on=on), scope="2024-11")


def message(number: str, word: str) -> Translation:
    provenance = said(f"message/{number}", number, kind="Provenance")
    return file(part(said("a", word), said("b", number), provenance, on="2024-01-01"))


STORIES: dict[str, list[tuple[str, Translation]]] = {
    "a picture is revised, and the file struck and opened again": [
        (VAPH, picture("F80.2", "F90", on="2023-01-01", authority="exercised")),
        (VAPH, picture("F84.0", "F90", on="2024-01-01", authority="unknown")),
        (VAPH, ends(None, on="2024-06-01", how=Ending.WITHDRAWN, subject=STRUCK)),
        (VAPH, picture("F84.0", on="2025-01-01", authority="none")),
        (CLB, file(part(said("report", "F84.0", kind="Condition"), on="2023-06-01",
                        related=(mother("exercised"),)))),
    ],
    "a report is corrected, changed and taken back in part": [
        (CLB, file(part(said("report/F80.2", "F80.2", kind="Condition"), on="2024-05-07"))),
        (CLB, file(part(said("report/F80.1", "F80.1", kind="Condition"), on="2024-11-29"))),
        (CLB, ends("report/F80.2", on="2024-11-29")),
        (CLB, changes("report/F80.1", "recordedDate", "2024-03-19", on="2024-12-01")),
        (CAW, file(part(said("client", "one"), on="2024-01-01"))),
        (CAW, changes("client", "valueString", "two", on="2024-03-01")),
        (CAW, changes("client", "valueString", "three", on="2024-02-01")),
        (CAW, file(part(said("client", "four"), on="2024-02-15"))),
    ],
    "months replace each other, and a day is contradicted": [
        (VAPH, month("4", "5", on="2024-12-01")),
        (VAPH, month("4", "6", on="2024-12-02")),
        (VAPH, month("6", "7", on="2024-12-03")),
        (VAPH, file(part(said("gir", "one"), on="2024-10-14"))),
        (VAPH, file(part(said("gir", "other"), on="2024-10-14"))),
        (VAPH, ends("day/6", on="2024-12-04", how=Ending.DELETED)),
    ],
    "messages of one moment say the same, and some are deleted": [
        (CLB, message("1", "one")),
        (CLB, message("2", "one")),
        (CLB, message("3", "one")),
        (CLB, ends("message/1", on="2024-02-01", how=Ending.DELETED)),
        (CLB, ends("message/3", on="2024-02-01")),
    ],
}  # fmt: skip


def shuffled(told: Sequence[object], number: int) -> list[int]:
    """Return places in another order, some of them twice; the first is the order as it stands."""
    dice, places = random.Random(number), list(range(len(told)))
    if number == 0:
        return places
    again = places + dice.sample(places, k=len(places) // 3)
    dice.shuffle(again)
    return again


def same_in_any_order(
    desk: Desk,
    told: Sequence[object],
    deliver: Callable[[int], None],
    *,
    rounds: int = ROUNDS,
    finish: Callable[[], object] = lambda: None,
) -> None:
    found = []
    for number in range(rounds):
        desk.forget()
        for place in shuffled(told, number):
            deliver(place)
        finish()
        found.append(desk.state())
        assert found[-1] == found[0], shuffled(told, number)


@pytest.mark.parametrize("name", STORIES)
def test_what_sources_say_change_and_take_back(desk: Desk, name: str) -> None:
    told = STORIES[name]

    def deliver(place: int) -> None:
        partner, found = told[place]
        desk.deliver(found, partner=partner, again=True)

    same_in_any_order(desk, told, deliver)


MERGER = ("", file())
MERGED: list[tuple[str, Translation]] = [
    (OLD, file(part(said("a", "first"), on="2024-01-01", related=(mother("exercised"),)))),
    (OLD, file(part(said("a", "second"), said("b", "one"), on="2024-02-01"))),
    (OLD, changes("b", "valueString", "two", on="2024-03-01")),
    MERGER,
    (HEIR, changes("b", "valueString", "three", on="2024-04-01")),
    (HEIR, ends("b/c", on="2024-04-01")),
    (OLD, file(part(said("b/c", "ended"), said("d", "F80.2", kind="Condition"), on="2024-03-01",
                    related=(mother("none"),)))),
    (OLD, month("4", "5", on="2024-12-01")),
    (HEIR, month("4", "6", on="2024-12-02")),
    (OLD, month("6", "7", on="2024-12-03")),
    (OLD, file(part(said("iq", "84"), said("need", "1"), on="2024-01-01"), snapshot=True)),
    (OLD, file(part(said("need", "1"), on="2024-05-01"), snapshot=True)),
    (HEIR, file(part(said("own", "1"), on="2024-06-01"), snapshot=True)),
]  # fmt: skip


def test_what_two_services_say_before_during_and_after_their_merger(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a child that cannot be read")

    def finish() -> None:
        assert not finish_organisations(desk.hub, at=AT, told=lambda: False)["failed"]

    def merge() -> None:
        if desk.rows("select id from partner where status = 'merged'"):
            finish()
            return
        # At first it breaks off before any child is handed over.
        with monkeypatch.context() as patch:
            patch.setattr(organisations, "take_over", broken)
            merge_partner(desk.hub, OLD, HEIR, at=AT)

    def deliver(place: int) -> None:
        partner, found = MERGED[place]
        if partner:
            desk.deliver(found, partner=partner, again=True)
        else:
            merge()

    same_in_any_order(desk, MERGED, deliver, finish=finish)


def test_the_files_that_adapters_read(one_hub: Hub) -> None:
    told = sorted(path for path in SAMPLES.glob("*/*") if path.parent.name in DELIVERED_BY)
    assert told

    def deliver(place: int) -> None:
        path = told[place]
        incoming = Incoming(
            partner=DELIVERED_BY[path.parent.name],
            source=path.parent.name,
            raw=path.read_bytes(),
            content_type=None,
            idempotency_key=None,
            channel="file",
        )
        assert isinstance(accept_record(one_hub, incoming, at=AT), Accepted)
        process_accepted(one_hub, limit=10, at=AT)
        # As the background process does: what waited may be known by its number now.
        link_waiting(one_hub, at=AT)

    same_in_any_order(Desk(hub=one_hub), told, deliver, rounds=4)
