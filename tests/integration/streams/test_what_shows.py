"""What anybody sees who holds the broker: no child, no class, no size that tells them apart."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from threading import Event

from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries.size_class import LAST, SMALLEST, size_class
from gateway.exchange.records.store_record import process_accepted
from gateway.store import children
from gateway.store.engine import transaction
from gateway.streams.client import text_headers
from gateway.streams.hub_client import HubClient
from gateway.streams.recipient import Order, Outcome, receive
from gateway.streams.relay import relay_outbox
from gateway.streams.topics import partner_topic
from gateway.streams.wire import Record
from tests.integration.streams.world import (
    OTHER,
    READER,
    SAMPLE,
    World,
    allow,
    deliveries,
    hand_in,
    raw_topic,
    running,
    until,
    waiting,
)

NOOR = b"19631421243"
# What the record says, in words too long to come about by chance.
TOLD = (b"yasmina", b"Voorbeeldstraat", b"Receptieve", b"diagnosis", b"functional")
# Another made-up number of a child born in 2018, with its check digits.
BASE = "186314214"
SISTER = f"{BASE}{97 - int('2' + BASE) % 97:02d}".encode()
OF_A_MESSAGE = {"ce_id", "ce_time", "ce_sequence", "ce_partitionkey"}


def sister_of(world: World) -> World:
    """Let the same source tell the same of a second child of the same parents."""
    record = SAMPLE.read_bytes().replace(NOOR, SISTER).replace(b"9900123", b"9900124")
    hand_in(world.hub, record=record)
    assert process_accepted(world.hub, limit=10, at=clock.now()) == 1
    with transaction(world.hub.engine) as tx:
        query = text("select distinct child from family_tie where child != :child")
        (sister,) = tx.execute(query, {"child": world.child}).scalars()
        for partner in (READER, OTHER):
            children.start_care(tx, sister, partner, at=clock.now())
    return replace(world, child=sister)


def relayed(worlds: Sequence[World], partner: str = READER) -> list[Record]:
    for one in worlds:
        allow(one, partner)
    with running(relay_outbox, worlds[0].hub):
        until(lambda: waiting(worlds[0]) == 0)
    return raw_topic(worlds[0].bootstrap, partner_topic(partner))


def read(world: World) -> dict[str, Outcome]:
    told: list[Outcome] = []
    hub = HubClient(world.hub.settings.issuer, READER, world.keys[READER])
    receive(hub, Order(bootstrap=world.bootstrap, once=True, seconds=60), told.append, Event())
    hub.close()
    return {one.id: one for one in told}


def child_of(world: World) -> Mapping[str, str]:
    with transaction(world.hub.engine) as tx:
        return {
            str(row.id): str(row.child)
            for row in tx.execute(text("select id, child from delivery"))
        }


def kind_of(outcome: Outcome) -> str:
    return str(json.loads(outcome.content)["entry"][0]["resource"]["resourceType"])


def shape_of(record: Record) -> tuple[int, object]:
    """Return all that is not a message's own: its weight, and the rest of its headers."""
    headers = text_headers(record)
    weights = {name: len(value) for name, value in headers.items() if name != "ce_time"}
    rest = {name: value for name, value in headers.items() if name not in OF_A_MESSAGE}
    return len(record.value or b""), (weights, rest)


def test_messages_of_one_size_class_differ_by_nothing_but_ids_and_bucket(served: World) -> None:
    both = (served, sister_of(served))
    records = relayed(both)
    told, whose = read(served), child_of(served)
    shapes: defaultdict[int, list[tuple[int, object]]] = defaultdict(list)
    kinds, of_children = set[str](), set[str]()
    for record in records:
        outcome = told[text_headers(record)["ce_id"]]
        assert outcome.state == "read"
        kinds.add(kind_of(outcome))
        of_children.add(whose[outcome.id])
        shapes[size_class(len(outcome.content))].append(shape_of(record))
    assert len(of_children) == 2
    assert len(kinds) > 1
    for alike in shapes.values():
        assert all(one == alike[0] for one in alike)


def test_every_message_is_as_long_as_a_class(served: World) -> None:
    allowed, size = {LAST}, SMALLEST
    while size < LAST:
        allowed.add(size)
        size *= 2
    for record in relayed([served]):
        text_of_it = (record.value or b"").split(b".")[3]
        assert len(text_of_it) * 3 // 4 in allowed


def test_no_name_number_or_id_of_a_person_is_in_what_shows(served: World) -> None:
    both = (served, sister_of(served))
    records = relayed(both)
    shown = b"".join(_shown(records))
    secrets = [NOOR, SISTER, *TOLD]
    secrets += [str(one.child).encode() for one in both] + [both[0].parent.person.encode()]
    with transaction(served.hub.engine) as tx:
        for table in ("resource", "consent", "receipt"):
            secrets += [
                str(one).encode() for one in tx.execute(text(f"select id from {table}")).scalars()
            ]
    assert not [one for one in secrets if one in shown]


def _shown(records: Sequence[Record]) -> Iterator[bytes]:
    for one in records:
        yield from (one.topic.encode(), one.key or b"", one.value or b"")
        yield from (part for name, value in one.headers for part in (name.encode(), value or b""))


def test_the_key_is_a_bucket_that_only_the_hub_can_make(served: World) -> None:
    records = relayed([served])
    elsewhere = relayed([served], OTHER)
    keys = {one.key for one in records}
    (key,) = keys
    assert re.fullmatch(rb"[0-9a-f]{2}", key or b"")
    mine = served.hub.vault.bucket(READER, served.child)
    assert key == mine.encode()
    assert {one.key for one in elsewhere} == {served.hub.vault.bucket(OTHER, served.child).encode()}
    stranger = replace(served.hub.vault, pseudonym_key=bytes(32))
    made = {stranger.bucket(f"clb-{number}", served.child) for number in range(20)}
    assert len(made) > 5


def test_the_place_in_the_topic_is_all_that_a_number_tells(served: World) -> None:
    records = relayed([served])
    assert [text_headers(one)["ce_id"] for one in records] == deliveries(served, "sent")
    assert [int(text_headers(one)["ce_sequence"]) for one in records] == [
        *range(1, len(records) + 1)
    ]
