"""A record without a part that its ground asks for is incomplete, and says which part."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.exchange.grounds.route_record import (
    CONCERN,
    EMERGENCY,
    MOST_CHARACTERS,
    NECESSITY,
    PARTS,
    TRANSFER,
    UNANSWERED,
    Missing,
    RouteRecord,
    read_record,
)
from tests.support import route_records

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHOLE = {
    NECESSITY: route_records.necessity(AT),
    CONCERN: route_records.concern(AT),
    UNANSWERED: route_records.unanswered(AT),
    TRANSFER: route_records.transfer(AT),
    EMERGENCY: route_records.emergency(),
}
EVERY_PART = [(ground, path) for ground, parts in PARTS.items() for path in parts]
FAMILY_PARTS = [
    (ground, path)
    for ground in (NECESSITY, CONCERN)
    for path in ("family.informed.on", "family.informed.how")
]


def test_a_legal_basis_that_lapsed_today_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "gateway.exchange.grounds.route_record.lapsed_bases"
    monkeypatch.setattr(path, lambda _: frozenset({"necessity"}))
    assert missing(NECESSITY, WHOLE[NECESSITY]) == ("legal_basis",)
    assert missing(CONCERN, WHOLE[CONCERN]) == ()


def without(written: dict[str, Any], path: str) -> dict[str, Any]:
    return changed(written, path, None)


def changed(written: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    whole = deepcopy(written)
    *above, name = path.split(".")
    part = whole
    for one in above:
        part = part.setdefault(one, {})
    part[name] = value
    if value is None:
        del part[name]
    return whole


def missing(ground: str, written: dict[str, Any]) -> tuple[str, ...]:
    found = read_record(ground, written, at=AT)
    return found.parts if isinstance(found, Missing) else ()


@pytest.mark.parametrize("ground", list(WHOLE))
def test_a_whole_record_is_complete(ground: str) -> None:
    assert isinstance(read_record(ground, WHOLE[ground], at=AT), RouteRecord)


@pytest.mark.parametrize(("ground", "path"), [*EVERY_PART, *FAMILY_PARTS])
def test_each_part_that_is_left_out_is_named(ground: str, path: str) -> None:
    assert missing(ground, without(WHOLE[ground], path)) == (path,)


@pytest.mark.parametrize(("ground", "path"), EVERY_PART)
def test_a_part_of_blanks_or_of_another_kind_is_missing_too(ground: str, path: str) -> None:
    values: tuple[Any, ...] = ("  ", 7, [], {})
    for value in values:
        assert missing(ground, changed(WHOLE[ground], path, value))


def test_every_missing_part_is_named_at_once() -> None:
    found = missing(NECESSITY, {})
    assert set(PARTS[NECESSITY]) <= set(found)
    consent, family = [one for one in found if " or " in one]
    assert consent == "consent.not_asked_because or consent.attempts"
    informed, delayed = family.split(" or ")
    assert informed == "family.informed.on and family.informed.how"
    assert delayed == "family.delayed.reason and family.delayed.review_on"


def test_a_choice_is_made_once() -> None:
    both = changed(WHOLE[NECESSITY], "family.delayed", {"reason": "gevaar", "review_on": "x"})
    assert missing(NECESSITY, both)[0].startswith("family.informed.on and")


def test_what_nobody_would_read_is_refused_and_not_repeated() -> None:
    assert missing(CONCERN, WHOLE[CONCERN] | {"Noor Peeters": "x"}) == ("(unknown)",)


@pytest.mark.parametrize(
    ("path", "days", "complete"),
    [
        ("family.informed.on", 0, True),
        ("family.informed.on", 1, False),
        ("consulted.on", 1, False),
        ("ends_on", -1, False),
        ("ends_on", 0, True),
        ("ends_on", 30, True),
        ("ends_on", 31, False),
    ],
)
def test_a_day_that_cannot_be_is_missing(path: str, days: int, complete: bool) -> None:
    written = changed(WHOLE[NECESSITY], path, route_records.day(AT, days))
    assert missing(NECESSITY, written) == (() if complete else (path,))


@pytest.mark.parametrize(("days", "complete"), [(0, False), (1, True), (30, True), (31, False)])
def test_telling_the_family_waits_for_thirty_days_at_most(days: int, complete: bool) -> None:
    delayed = {"delayed": {"reason": "gevaar", "review_on": route_records.day(AT, days)}}
    found = read_record(NECESSITY, WHOLE[NECESSITY] | {"family": delayed}, at=AT)
    assert isinstance(found, RouteRecord) is complete
    if isinstance(found, RouteRecord):
        assert found.tell_at is not None
        assert found.tell_at.isoformat().startswith(f"{route_records.day(AT, days)}T00:00:00")


def attempts() -> Iterator[tuple[Any, bool]]:
    good = {"date": route_records.day(AT, -1), "means": "brief", "result": "niets"}
    yield [good, good], True
    yield [good] * 21, False
    for part in good:
        yield [good, {name: value for name, value in good.items() if name != part}], False
    yield [good | {"date": route_records.day(AT, 1)}], False
    yield ["brief"], False


@pytest.mark.parametrize(("told", "complete"), list(attempts()))
def test_each_attempt_has_a_date_means_and_result(told: Any, complete: bool) -> None:
    assert (missing(UNANSWERED, WHOLE[UNANSWERED] | {"attempts": told}) == ()) is complete
    consent = {"consent": {"attempts": told}}
    assert (missing(NECESSITY, WHOLE[NECESSITY] | consent) == ()) is complete


def test_a_legal_basis_is_a_key_of_the_register() -> None:
    assert missing(NECESSITY, WHOLE[NECESSITY] | {"legal_basis": "because"}) == ("legal_basis",)


def test_an_answer_that_is_no_known_word_is_missing() -> None:
    assert missing(UNANSWERED, WHOLE[UNANSWERED] | {"outcome": "maybe"}) == ("outcome",)
    assert missing(UNANSWERED, WHOLE[UNANSWERED] | {"outcome": "refused"}) == ()


def test_nobody_writes_without_end() -> None:
    long = changed(WHOLE[CONCERN], "facts", "x" * (MOST_CHARACTERS + 1))
    assert missing(CONCERN, long) == ("facts",)


def test_it_ends_after_its_last_day_and_an_emergency_after_a_day() -> None:
    whole = read_record(NECESSITY, WHOLE[NECESSITY], at=AT)
    pulled = read_record(EMERGENCY, WHOLE[EMERGENCY], at=AT)
    assert isinstance(whole, RouteRecord)
    assert isinstance(pulled, RouteRecord)
    assert whole.ends_at.isoformat() == "2026-11-30T00:00:00+01:00"
    assert pulled.ends_at == AT + timedelta(hours=24)
