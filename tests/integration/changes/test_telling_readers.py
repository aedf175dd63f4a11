"""Who read what ended is told, who did not can read it no more, and nobody else hears of it."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from jsonschema import (  # type: ignore[import-untyped]  # it carries no types
    Draft202012Validator,
    FormatChecker,
)

from adapters.contract import Amendment, Ending, Retraction, Translation, Unreadable
from adapters.translate import translate
from gateway.exchange.records.receive_record import read_options
from gateway.exchange.records.store_record import process_accepted
from gateway.store import receipts
from gateway.store.engine import transaction
from gateway.store.receipts import NewReceipt
from tests.integration.lifecycle.world import (
    OTHER,
    READER,
    SAMPLE,
    SOURCE,
    START,
    World,
    build_world,
)

SCHEMA = Path("schemas/events/ended-notice.v1.schema.json")
LATER = "2026-01-12T10:00:00+01:00"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    built = build_world(database_url)
    yield built
    built.hub.engine.dispose()


def keys_of(world: World, kind: str) -> list[str]:
    """Return under which keys the source said things of one kind."""
    found = translate(SOURCE, SAMPLE.read_bytes(), read_options(world.hub, at=START))
    assert not isinstance(found, Unreadable)
    segments = [one for part in found.parts for one in part.segments]
    return [one.key for one in segments if one.resource["resourceType"] == kind]


def told(world: World, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Let the source tell that something changed."""
    given = {"parts": (), "rejections": (), "account": ()} | changes
    found = Translation(**given)  # type: ignore[arg-type]  # a test names the right ones
    monkeypatch.setattr("gateway.exchange.records.store_record.translate", lambda *_: found)
    new = NewReceipt(
        id=uuid4(),
        partner=SOURCE,
        source=SOURCE,
        channel="http",
        idempotency_key=str(uuid4()),
        content_type=None,
        original=uuid4().bytes,
        status="accepted",
    )
    with transaction(world.hub.engine) as tx:
        receipts.save(tx, world.hub.vault, new, at=START)
    assert process_accepted(world.hub, limit=10, at=START) == 1


def retracted(*keys: str) -> tuple[Retraction, ...]:
    return tuple(
        Retraction(key=key, ending=Ending.ERROR, asserted_at=LATER, version="1", where="/x")
        for key in keys
    )


def test_a_reader_is_told_by_message_ids_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.both_grant()
    world.send()
    read = {one for one, state in world.read().items() if state == "released"}
    assert read
    told(world, monkeypatch, retractions=retracted(*keys_of(world, "Condition")))
    (notice,) = world.send()
    named = orjson.loads(notice)
    schema = json.loads(SCHEMA.read_bytes())
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(named)
    assert set(named["ended"]) < read
    assert world.sees() == 0
    assert {partner for _, partner, _ in world.log("correction_told")} == {READER}


def test_who_had_not_asked_for_the_key_yet_gets_it_no_more_and_is_told_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.both_grant()
    sent = len(world.send())
    told(world, monkeypatch, retractions=retracted(*keys_of(world, "Condition")))
    assert world.send() == ()
    states = list(world.read().values())
    assert 0 < states.count("gone") < sent


def test_nobody_else_hears_of_it_and_a_repeat_tells_nobody_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.both_grant()
    world.send()
    world.read()
    for _ in range(2):
        told(world, monkeypatch, retractions=retracted(*keys_of(world, "Condition")))
    assert len(world.send()) == 1
    assert world.messages(OTHER) == []


def test_what_is_corrected_goes_out_anew_and_in_its_earlier_form_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.both_grant()
    world.send()
    key = keys_of(world, "Observation")[0]
    change = Amendment(
        key=key,
        element="note",
        value=[{"text": "corrected"}],
        asserted_at=LATER,
        version="1",
        where="/x",
    )
    told(world, monkeypatch, amendments=(change,))
    assert len(world.send()) == 1
    states = list(world.read().values())
    assert states.count("gone") == 1
