"""A real hub with one child, a source that told about it and a partner that may read it."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from kafka import KafkaConsumer
from kafka.structs import TopicPartition
from pydantic import SecretStr
from sqlalchemy import text

from gateway import clock
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PersonCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.settings import Settings
from gateway.store import children, outbox
from gateway.store.engine import transaction
from gateway.streams.access import OPEN, Access, access_of
from gateway.streams.client import Broker, text_headers
from gateway.streams.envelope import Message, from_kafka
from gateway.streams.topics import ensure_topics, partner_topic
from gateway.streams.wire import Record
from gateway.transparency.note import SignerKey

SAMPLE = Path("schemas/sources/vaph/vaph_01_dossier_noor_2023.xml")
CLASSES = frozenset({"diagnosis", "functional", "development"})
SOURCE, READER, OTHER = "vaph", "clb-voorbeeldstreek", "caw-voorbeeldregio"
DEADLINE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a test of the streams needs to know."""

    hub: Hub
    keys: dict[str, dict[str, object]]
    child: UUID
    parent: PersonCaller

    @property
    def bootstrap(self) -> str:
        return self.hub.settings.kafka_bootstrap


def settings_for(database_url: str, bootstrap: str, issuer: str) -> Settings:
    return Settings(
        environment="laptop",
        database_url=SecretStr(database_url),
        kafka_bootstrap=bootstrap,
        issuer=issuer,
        key_encryption_key=_random_key(),
        pseudonym_key=_random_key(),
        session_secret=SecretStr(secrets.token_urlsafe(32)),
        signing_key=SecretStr(json.dumps(new_signing_jwk())),
        intake_key=SecretStr(json.dumps(new_signing_jwk(use="enc"))),
        log_key=SecretStr(SignerKey.generate("hub.test/log").secret()),
        oidc_issuer="http://127.0.0.1:1",
        oidc_client_id="hub",
        oidc_client_secret=SecretStr("secret"),
        allow_test_numbers=True,
    )


def build_world(settings: Settings) -> World:
    """Register the partners, make the topics as the hub does, and let VAPH tell about Noor."""
    hub = open_hub(settings)
    broker = Broker(settings.kafka_bootstrap, access_of(settings))
    ensure_topics(broker, sources=[SOURCE])
    broker.close()
    keys = {partner: new_signing_jwk() for partner in (SOURCE, READER, OTHER)}
    for partner, kind in ((SOURCE, "vaph_admin"), (READER, "clb"), (OTHER, "caw")):
        public = public_part(keys[partner])
        register_partner(
            hub,
            Registration(
                id=partner,
                name=partner,
                kind=kind,
                source=SOURCE if partner == SOURCE else None,
                jwks={"keys": [public]},
            ),
            at=clock.now(),
        )
    hand_in(hub)
    assert process_accepted(hub, limit=10, at=clock.now()) == 1
    with transaction(hub.engine) as tx:
        child, parent = tx.execute(text("select child, person from family_tie")).all()[0]
        for partner in (READER, OTHER):
            children.start_care(tx, child, partner, at=clock.now())
    caller = PersonCaller(person=str(parent), correlation="test")
    return World(hub=hub, keys=keys, child=child, parent=caller)


def hand_in(hub: Hub, *, comment: bytes = b"", record: bytes | None = None) -> str:
    """Accept one VAPH record; a comment makes it another one. Return its receipt."""
    raw = (record or SAMPLE.read_bytes()) + (b"<!-- %s -->" % comment if comment else b"")
    incoming = Incoming(
        partner=SOURCE,
        source=SOURCE,
        raw=raw,
        content_type="application/xml",
        idempotency_key=None,
        channel="http",
    )
    answer = accept_record(hub, incoming, at=clock.now())
    assert isinstance(answer, Accepted)
    return answer.receipt


def allow(world: World, partner: str = READER) -> str:
    """Let the parent give the reader leave; everything shareable is queued."""
    until = clock.brussels_date(clock.now()) + timedelta(days=90)
    words = wording_for(
        language="nl", classes=CLASSES, purpose="care", partner_name=partner, until=until
    )
    order = ConsentOrder(
        child=str(world.child),
        classes=CLASSES,
        purpose="care",
        to=partner,
        until=until,
        language="nl",
        wording_sha256=words.sha256,
    )
    given = give_consent(world.hub, world.parent, order, at=clock.now())
    assert isinstance(given, str), given
    return given


def queue_again(world: World, *, times: int, partner: str = READER) -> None:
    """Queue what the partner may read once more, each time in a transaction of its own."""
    with transaction(world.hub.engine) as tx:
        query = text(
            "select distinct resource, version from outbox"
            " where partner = :partner and kind = 'updated'"
        )
        known = tx.execute(query, {"partner": partner}).all()
    for turn in range(times):
        resource, version = known[turn % len(known)]
        due = outbox.Due(
            partner=partner, child=world.child, resource=resource, version=version, kind="updated"
        )
        with transaction(world.hub.engine) as tx:
            outbox.queue(tx, [due], at=clock.now())


def status_of(world: World, receipt: str) -> str:
    """Return how far a record is."""
    with transaction(world.hub.engine) as tx:
        query = text("select status from receipt where id = :receipt")
        return str(tx.execute(query, {"receipt": receipt}).scalar_one())


def deliveries(world: World, *states: str, partner: str = READER) -> list[str]:
    """Return the ids of a partner's messages in a state, in the order of their numbers."""
    query = text(
        "select id from delivery where partner = :partner and state = any(:states)"
        " order by sequence"
    )
    with transaction(world.hub.engine) as tx:
        found = tx.execute(query, {"partner": partner, "states": list(states)}).scalars()
        return [str(one) for one in found]


def waiting(world: World) -> int:
    """Return how much is on its way and not yet acknowledged by the broker."""
    query = text(
        "select (select count(*) from outbox where state = 'due')"
        " + (select count(*) from delivery where state = 'sealed')"
    )
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())


def until(reached: Callable[[], bool], *, seconds: float = DEADLINE) -> None:
    """Wait for a fact; the deadline only bounds a failure."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it did not happen within the deadline"
        time.sleep(0.02)


@contextmanager
def running(loop: Callable[[Hub, Event], None], hub: Hub) -> Iterator[Thread]:
    """Run one loop in a thread, and end it cleanly."""
    stop = Event()
    thread = Thread(target=loop, args=(hub, stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


RELAY = """
from gateway.settings import load_settings
from gateway.streams.worker import run_until_told
run_until_told(load_settings())
"""


@contextmanager
def relay_process(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """Run the background process as production does; SIGTERM ends it, unless the test did."""
    process = subprocess.Popen([sys.executable, "-c", RELAY], env=environment(world.hub.settings))
    try:
        yield process
    finally:
        process.terminate()
        # It may not have been ready to be told; how it stops when it is has tests of its own.
        assert process.wait(30) in {0, -signal.SIGKILL, -signal.SIGTERM}


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process with these settings."""
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
    }
    own = {f"DEELREGIE_{name.upper()}": value for name, value in values.items()}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), **own}


def in_topic(world: World, partner: str = READER) -> list[Message]:
    """Return every message that lies in a partner's topic, in order."""
    return [_message(one) for one in raw_topic(world.bootstrap, partner_topic(partner))]


def raw_topic(bootstrap: str, topic: str, access: Access = OPEN) -> list[Record]:
    """Read a topic from beginning to end, outside any group."""
    place = TopicPartition(topic, 0)
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", **access.options()
    )
    try:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        records: list[Record] = []

        def read_all() -> bool:
            records.extend(consumer.poll(timeout_ms=100).get(place, []))
            position: int = consumer.position(place) or 0
            return position >= int(consumer.end_offsets([place])[place])

        until(read_all)
        return records
    finally:
        consumer.close()


def first_seen(messages: Sequence[Message]) -> list[Message]:
    """Return each message once, where it appeared first: what a recipient makes of repeats."""
    return list({one.id: one for one in reversed(messages)}.values())[::-1]


def _message(record: Record) -> Message:
    found = from_kafka(record.key, record.value, text_headers(record))
    assert isinstance(found, Message), found
    return found


def _random_key() -> SecretStr:
    return SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
