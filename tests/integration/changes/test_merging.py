"""Services that go on in another one while deliveries come in."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, sleep

import pytest

from adapters.contract import Translation
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.services import organisations
from gateway.exchange.services.organisations import merge_partner
from gateway.exchange.services.take_over import take_over
from gateway.store import children
from gateway.store.engine import transaction
from tests.integration.changes.desk import (
    AT,
    HEIR,
    OLD,
    Desk,
    changes,
    ends,
    file,
    mother,
    part,
    said,
)
from tests.integration.changes.test_replacing import month, picture


def one(word: str, *, on: str, key: str = "a") -> Translation:
    return file(part(said(key, word), on=on))


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mergers break off before any child is handed over, until `finish`."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a child that cannot be read")

    monkeypatch.setattr(organisations, "take_over", broken)


def merge(desk: Desk) -> organisations.Reorganised:
    return merge_partner(desk.hub, OLD, HEIR, at=AT)


def finish(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(organisations, "take_over", take_over)
    assert merge(desk).settled


@pytest.mark.usefixtures("begun")
def test_what_is_taken_back_before_a_child_is_handed_over_is_carried_out_on_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [said(key, key) for key in ("a", "b", "c")]
    desk.deliver(file(part(*told, on="2024-01-01")), partner=OLD)
    assert not merge(desk).settled
    desk.deliver(ends("a", on="2024-02-01"), partner=HEIR)
    desk.deliver(changes("b", "valueString", "changed", on="2024-02-01"), partner=HEIR)
    desk.deliver(ends("c", on="2024-02-01"), partner=OLD)
    finish(desk, monkeypatch)
    assert desk.words() == {"b": "changed"}
    assert set(desk.words(status="entered-in-error")) == {"a", "c"}


@pytest.mark.usefixtures("begun")
def test_a_late_record_of_the_old_service_does_not_outdo_its_own_newer_word(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.deliver(one("newest", on="2024-03-01"), partner=OLD)
    desk.deliver(one("old", on="2024-01-01", key="b"), partner=OLD)
    merge(desk)
    desk.deliver(one("older", on="2024-02-01"), partner=OLD)
    desk.deliver(one("newer", on="2024-02-01", key="b"), partner=OLD)
    finish(desk, monkeypatch)
    assert desk.words() == {"a": "newest", "b": "newer"}


@pytest.mark.usefixtures("begun")
def test_a_late_picture_of_the_old_service_replaces_what_it_had_said_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = file(part(said("iq", "84"), said("need", "1"), on="2024-01-01"), snapshot=True)
    desk.deliver(first, partner=OLD)
    merge(desk)
    desk.deliver(first, partner=OLD, again=True)
    desk.deliver(file(part(said("need", "1"), on="2024-05-01"), snapshot=True), partner=OLD)
    finish(desk, monkeypatch)
    assert set(desk.words()) == {"need"}


def test_the_newest_end_of_both_counts_also_for_what_only_the_successor_said(desk: Desk) -> None:
    desk.deliver(one("old", on="2024-01-01", key="b"), partner=OLD)
    desk.deliver(one("own", on="2024-02-01"), partner=HEIR)
    desk.deliver(ends("a", on="2024-01-01"), partner=HEIR)
    desk.deliver(ends("a", on="2024-03-01"), partner=OLD)
    assert set(desk.words()) == {"a", "b"}
    merge(desk)
    assert set(desk.words()) == {"b"}
    desk.deliver(one("late", on="2024-02-15"), partner=HEIR)
    assert set(desk.words()) == {"b"}


def test_the_successor_s_month_replaces_the_old_service_s_for_the_same_scope(desk: Desk) -> None:
    desk.deliver(month("4", "5", on="2024-12-01"), partner=OLD)
    desk.deliver(month("1", on="2024-12-01", scope="2024-10"), partner=OLD)
    merge(desk)
    assert set(desk.words()) == {"day/4", "day/5", "day/1"}
    desk.deliver(month("4", "6", on="2024-12-02"), partner=HEIR)
    assert set(desk.words()) == {"day/4", "day/6", "day/1"}
    assert set(desk.words(status="deleted")) == {"day/5"}


def test_of_two_months_before_the_merger_the_newest_stands_after_it(desk: Desk) -> None:
    desk.deliver(month("4", "5", on="2024-12-01"), partner=HEIR)
    newest = file(part(said("day/4", "newest"), on="2024-12-02"), scope="2024-11")
    desk.deliver(newest, partner=OLD)
    merge(desk)
    assert desk.words() == {"day/4": "newest"}


def test_a_picture_of_one_replaces_nothing_of_the_other_before_or_after(desk: Desk) -> None:
    desk.deliver(picture("F90", on="2023-01-01"), partner=OLD)
    desk.deliver(file(part(said("theirs", "1"), on="2023-01-01"), snapshot=True), partner=OLD)
    desk.deliver(file(part(said("own", "1"), on="2023-01-01"), snapshot=True), partner=HEIR)
    merge(desk)
    desk.deliver(file(part(said("more", "1"), on="2024-01-01"), snapshot=True), partner=HEIR)
    assert set(desk.words()) == {"F90", "theirs", "more"}
    desk.deliver(file(part(said("late", "1"), on="2024-06-01"), snapshot=True), partner=OLD)
    assert set(desk.words()) == {"F90", "late", "more"}


def test_what_a_service_claimed_about_a_parent_is_its_successor_s_to_correct(desk: Desk) -> None:
    for partner, on, authority in ((OLD, "2024-01-01", "exercised"), (HEIR, "2024-02-01", "none")):
        told = part(said(partner, "x"), on=on, related=(mother(authority),))
        desk.deliver(file(told), partner=partner)
    assert [row.authority for row in desk.rows("select authority from family_tie")] == ["exercised"]
    merge(desk)
    assert [row.authority for row in desk.rows("select authority from family_tie")] == ["none"]


def test_a_merger_and_a_delivery_that_ends_the_same_thing_do_not_wait_for_each_other(
    desk: Desk,
) -> None:
    desk.deliver(one("old", on="2024-01-01"), partner=OLD)
    desk.deliver(one("own", on="2024-01-01", key="b"), partner=HEIR)
    desk.deliver(ends("b", on="2024-02-01"), partner=OLD)
    (child,) = desk.rows("select id from child")
    with ThreadPoolExecutor(2) as pool:
        with held(desk, child.id):
            merging = pool.submit(merge, desk)
            waits(desk, 1)
            desk.hand_in(ends("b", on="2024-03-01"), partner=HEIR)
            storing = pool.submit(process_accepted, desk.hub, limit=10, at=AT)
            waits(desk, 2)
        assert merging.result().settled
        assert storing.result() == 1
    assert desk.words() == {"a": "old"}


@contextmanager
def held(desk: Desk, child: object) -> Iterator[None]:
    """Hold a child's lock, as whoever stores something about it does."""
    with transaction(desk.hub.engine) as tx:
        children.lock(tx, child)  # type: ignore[arg-type]
        yield


def waits(desk: Desk, many: int) -> None:
    """Return once so many transactions wait for a lock."""
    query = (
        "select count(*) as many from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    patience = monotonic() + 60
    while desk.rows(query)[0].many < many:
        assert monotonic() < patience
        sleep(0.02)
