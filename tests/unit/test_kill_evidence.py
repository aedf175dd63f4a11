"""The checks after random kills find what they are there to find."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from gateway.store.vault import fingerprint
from tests.support.kill_evidence import (
    CHECKS,
    Evidence,
    Line,
    Message,
    Receipt,
    doubled_effects,
    gaps,
    given_after_a_stop,
    lost_or_doubled_writes,
    opened_without_a_line,
    out_of_order,
)
from tests.support.kill_programs import Entry, append, read_journal
from tests.support.kill_traffic import Told

CHILD, RESOURCE = UUID(int=1), UUID(int=2)
READER = "clb"
Check = Callable[[Evidence], Iterator[str]]
SEALED = datetime(2026, 11, 22, tzinfo=UTC)


def message(number: int, **more: Any) -> Message:
    given: dict[str, Any] = {
        "id": f"m{number}",
        "outbox": number,
        "partner": READER,
        "child": CHILD,
        "resource": RESOURCE,
        "version": number,
        "sequence": number,
        "state": "released",
        "sealed_at": SEALED,
    }
    return Message(**given | more)


def entry(number: int, **more: Any) -> Entry:
    given: dict[str, Any] = {
        "id": f"m{number}",
        "sequence": number,
        "type": "updated",
        "state": "read",
        "subject": None,
        "resource": None,
        "version": None,
        "marker": number,
        "line": 10 + number,
        "at": SEALED.timestamp() + number,
    }
    return Entry(**given | more)


def line(number: int, act: str, **more: Any) -> Line:
    given: dict[str, Any] = {
        "outcome": "permit",
        "partner": READER,
        "child": CHILD,
        "correlation": None,
    }
    return Line(id=number, act=act, **given | more)


@pytest.fixture
def right() -> Evidence:
    """Two records, three messages, and a decision that was given and taken back."""
    told = Told(given={"c1"}, withdrawn={"c1"}, searches=1)
    told.receipts["key"].add("r1")
    releases = [line(10 + n, "key_release", correlation=f"m{n}") for n in (1, 2, 3)]
    return Evidence(
        told=told,
        receipts=[Receipt(id="r1", key=fingerprint(b"key"), status="processed")],
        consents={"c1": True},
        messages=[message(1), message(2), message(3)],
        queued={(READER, RESOURCE, n): 1 for n in (1, 2, 3)},
        lines=[
            line(1, "consent_given"),
            line(2, "search"),
            *releases,
            line(20, "consent_withdrawn"),
            line(21, "search", outcome="deny"),
        ],
        journals={READER: [entry(1), entry(2), entry(3)]},
        losses={READER: []},
    )


def changed(right: Evidence, **more: Any) -> Evidence:
    return replace(right, **more)


def journal(right: Evidence, *entries: Entry) -> Evidence:
    return changed(right, journals={READER: entries})


def test_where_nothing_is_wrong_nothing_is_found(right: Evidence) -> None:
    assert [one for check in CHECKS for one in check(right)] == []


def broken(right: Evidence) -> Iterator[tuple[str, Check, Evidence]]:
    writes, effects = lost_or_doubled_writes, doubled_effects
    (receipt,) = right.receipts
    twice = [receipt, replace(receipt, id="r2")]
    yield "record lost", writes, changed(right, receipts=[])
    yield "record twice", writes, changed(right, receipts=twice)
    yield "record waits", writes, changed(right, receipts=[replace(receipt, status="accepted")])
    yield "consent lost", writes, changed(right, consents={})
    yield "stop lost", writes, changed(right, consents={"c1": False})
    yield "effect twice", effects, journal(right, entry(1), entry(2), entry(3), entry(3))
    sealed_twice = [*right.messages, message(4, outbox=3, version=3)]
    yield "sealed twice", effects, changed(right, messages=sealed_twice)
    again = replace(journal(right, *map(entry, (1, 2, 3, 4))), messages=sealed_twice)
    yield "version twice", effects, replace(again, queued={(READER, RESOURCE, 3): 1})
    yield "of a stranger", effects, journal(right, entry(1), entry(2), entry(3), entry(9))
    yield "number missing", gaps, changed(right, messages=[message(1), message(3)])
    yield "never came", gaps, journal(right, entry(1), entry(3))
    yield "order", out_of_order, journal(right, entry(2), entry(1), entry(3))
    versions = [message(1, version=2), message(2, version=1), message(3)]
    yield "versions", out_of_order, changed(right, messages=versions)
    unsaid = opened_without_a_line
    yield "no line", unsaid, journal(right, entry(1, line=None))
    yield "line of another", unsaid, journal(right, entry(1, line=12))
    yield "denied line", unsaid, changed(right, lines=[line(11, "key_release", outcome="deny")])
    yield "search unsaid", unsaid, changed(right, lines=right.lines[2:])
    late = [*right.lines, line(30, "key_release", correlation="m3")]
    yield "key after a stop", given_after_a_stop, changed(right, lines=late)


def test_each_check_finds_what_is_wrong(right: Evidence) -> None:
    silent = [name for name, check, wrong in broken(right) if not list(check(wrong))]
    assert silent == []


def test_only_the_death_of_a_forgetful_broker_excuses_another_order(right: Evidence) -> None:
    late = journal(right, entry(2), entry(1, at=SEALED.timestamp() + 9), entry(3))
    between, before = SEALED.timestamp() + 5, SEALED.timestamp() - 5
    assert not list(out_of_order(changed(late, losses={READER: [between]})))
    assert list(out_of_order(changed(late, losses={READER: [before]})))


def test_only_a_forgetful_broker_excuses_what_was_read_and_had_no_effect(right: Evidence) -> None:
    two = journal(right, entry(1), entry(2))
    after = {READER: [SEALED.timestamp() + 5]}
    assert not list(gaps(changed(two, losses=after)))
    unread = [message(1), message(2), message(3, state="sent")]
    assert list(gaps(changed(two, losses=after, messages=unread)))


def test_a_journal_reads_as_it_was_written(tmp_path: Any) -> None:
    file = tmp_path / "journal.ndjson"
    assert read_journal(file) == []
    append(file, entry(1))
    append(file, entry(2))
    assert read_journal(file) == [entry(1), entry(2)]
