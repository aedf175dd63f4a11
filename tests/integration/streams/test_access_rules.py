"""On a real cluster with sign-in, the rules of `deelregie partner topics` let nobody too far."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer, errors
from kafka.protocol.consumer import FetchRequest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.embedded.ports import LOOPBACK, free_port
from gateway.settings import Settings
from gateway.streams.access import Access
from gateway.streams.client import (
    open_admin,
    open_consumer,
    open_producer,
)
from gateway.streams.cluster_rules import apply
from gateway.streams.permissions import Service, plan_for
from gateway.streams.topics import intake_topic, partner_topic
from tests.integration.streams.world import (
    OTHER,
    READER,
    SAMPLE,
    SOURCE,
    World,
    allow,
    build_world,
    deliveries,
    environment,
    relay_process,
    settings_for,
    until,
    waiting,
)
from tests.support.guarded_kafka import OPERATOR, GuardedKafka, guarded_kafka

pytestmark = [
    pytest.mark.apache,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HUB = "deelregie"
# Its name begins with another's, so a rule by prefix would let the other in.
LONGER = f"{READER}-noord"
STRANGER = "a-stranger"
ENOUGH = 1_000_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[GuardedKafka]:
    with guarded_kafka() as running:
        yield running


@pytest.fixture
def world(database_url: str, cluster: GuardedKafka) -> Iterator[World]:
    """A hub that signs in at the cluster, whose operator has set it up by the command."""
    issuer = f"http://{LOOPBACK}:{free_port()}"
    known = settings_for(database_url, cluster.bootstrap, issuer).model_dump()
    own = {key.removeprefix("DEELREGIE_").lower(): value for key, value in signed_in(cluster, HUB)}
    built = build_world(Settings(**{**known, **own}))
    yield built
    built.hub.engine.dispose()


def signed_in(cluster: GuardedKafka, user: str) -> list[tuple[str, str]]:
    return list(cluster.environment(user).items())


def partner_topics(world: World, cluster: GuardedKafka, *words: str) -> Result:
    """Type `deelregie partner topics` as the operator of the cluster."""
    own = environment(world.hub.settings) | cluster.environment(OPERATOR)
    return CliRunner().invoke(app, ["partner", "topics", *words], env=own)


@pytest.fixture
def ready(world: World, cluster: GuardedKafka) -> World:
    done = partner_topics(world, cluster, "--apply")
    assert done.exit_code == 0, done.output
    return world


@pytest.fixture(scope="module")
def ruled(cluster: GuardedKafka) -> GuardedKafka:
    """The same rules without a hub's database, made once."""
    services = [
        Service(id=READER, status="active", source=None),
        Service(id=LONGER, status="active", source=None),
        Service(id=OTHER, status="active", source=None),
        Service(id=SOURCE, status="active", source=SOURCE),
    ]
    plan = plan_for(services, hub=f"User:{HUB}", principal="User:{partner}", sources=[SOURCE])
    apply(plan, cluster.bootstrap, cluster.access(OPERATOR))
    for one in services:
        write(cluster, cluster.access(HUB), partner_topic(one.id))
    write(cluster, cluster.access(SOURCE), intake_topic(SOURCE))
    return cluster


def read(cluster: GuardedKafka, access: Access, topic: str) -> int:
    """Fetch from a topic as a program would that does not ask first; return how many bytes came.

    kafka-python asks for metadata, is told of no such topic, and never gets as far as this.
    """
    of_topic = FetchRequest.FetchTopic
    place = of_topic.FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=ENOUGH)
    asked = FetchRequest(
        max_wait_ms=200,
        min_bytes=1,
        max_bytes=ENOUGH,
        topics=[of_topic(topic=topic, partitions=[place])],
        # Later versions call a topic by an id that only metadata tells.
        max_version=12,
    )
    admin = open_admin(cluster.bootstrap, access)
    try:
        (answer,) = admin._manager.run(admin._manager.send, asked).responses[0].partitions
    finally:
        admin.close()
    if answer.error_code:
        raise errors.for_code(answer.error_code)
    return len(answer.records or b"")


def write(cluster: GuardedKafka, access: Access, topic: str) -> None:
    # Not idempotent: who may write nowhere is refused before it comes to the topic.
    producer = KafkaProducer(
        bootstrap_servers=cluster.bootstrap, enable_idempotence=False, **access.options()
    )
    try:
        producer.send(topic, value=b"something", partition=0).get(10)
    finally:
        producer.close(timeout=0)


def join(cluster: GuardedKafka, access: Access, topic: str, group: str) -> None:
    consumer = open_consumer(cluster.bootstrap, group=group, topics=[topic], access=access)
    try:
        until(lambda: bool(consumer.poll(timeout_ms=4_000)) or bool(consumer.assignment()))
    finally:
        consumer.close(autocommit=False, timeout_ms=1_000)


def receive(world: World, cluster: GuardedKafka, folder: Path, partner: str) -> list[str]:
    """Run the recipient's own program; return the states it tells."""
    key = folder / f"{partner}.jwk"
    key.write_text(json.dumps(world.keys[partner]))
    own = {"DEELREGIE_HUB": world.hub.settings.issuer, "DEELREGIE_PARTNER_KEY": str(key)}
    told = CliRunner().invoke(
        app,
        ["receive", partner, "--json", "--once", "--timeout", "60"],
        env=own | cluster.environment(partner),
    )
    assert told.exit_code == 0, told.output
    return [json.loads(line)["state"] for line in told.stdout.splitlines()]


def test_hub_and_recipient_do_their_work_over_tls_with_sign_in(
    served: World, cluster: GuardedKafka, tmp_path: Path
) -> None:
    assert partner_topics(served, cluster, "--apply").exit_code == 0
    allow(served)
    with relay_process(served):
        until(lambda: bool(deliveries(served, "sent")) and waiting(served) == 0)
    sent = deliveries(served, "sent")
    assert receive(served, cluster, tmp_path, READER)[-len(sent) :] == ["read"] * len(sent)
    assert deliveries(served, "released") == sent


def test_a_source_hands_in_through_its_intake_topic(
    served: World, cluster: GuardedKafka, tmp_path: Path
) -> None:
    assert partner_topics(served, cluster, "--apply").exit_code == 0
    key = tmp_path / "key.jwk"
    key.write_text(json.dumps(served.keys[SOURCE]))
    own = {"DEELREGIE_HUB": served.hub.settings.issuer, "DEELREGIE_PARTNER_KEY": str(key)}
    words = ["intake", SOURCE, str(SAMPLE), "--partner", SOURCE, "--kafka"]
    done = CliRunner().invoke(app, words, env=own | cluster.environment(SOURCE))
    assert done.exit_code == 0, done.output
    topic = intake_topic(SOURCE)
    assert read(cluster, cluster.access(HUB), topic)
    join(cluster, cluster.access(HUB), topic, "deelregie-intake")


def test_a_partner_reads_its_own_topic_and_no_other_s(ruled: GuardedKafka) -> None:
    mine = ruled.access(READER)
    assert read(ruled, mine, partner_topic(READER))
    with pytest.raises(errors.TopicAuthorizationFailedError):
        read(ruled, mine, partner_topic(OTHER))


def test_a_partner_writes_into_no_partner_s_topic(ruled: GuardedKafka) -> None:
    for topic in (partner_topic(READER), partner_topic(OTHER), intake_topic(SOURCE)):
        with pytest.raises(errors.TopicAuthorizationFailedError):
            write(ruled, ruled.access(READER), topic)


def test_nobody_but_the_hub_reads_what_is_handed_in(ruled: GuardedKafka) -> None:
    assert read(ruled, ruled.access(HUB), intake_topic(SOURCE))
    for partner in (SOURCE, READER):
        with pytest.raises(errors.TopicAuthorizationFailedError):
            read(ruled, ruled.access(partner), intake_topic(SOURCE))


def test_a_partner_joins_its_own_group_only(ruled: GuardedKafka) -> None:
    mine, topic = ruled.access(READER), partner_topic(READER)
    join(ruled, mine, topic, topic)
    for group in (partner_topic(OTHER), f"{topic}-noord", "deelregie-intake", "another"):
        with pytest.raises(errors.GroupAuthorizationFailedError):
            join(ruled, mine, topic, group)


def test_a_partner_whose_name_begins_alike_is_another_one(ruled: GuardedKafka) -> None:
    with pytest.raises(errors.TopicAuthorizationFailedError):
        read(ruled, ruled.access(READER), partner_topic(LONGER))


def test_the_hub_cannot_read_what_it_sent_nor_write_what_is_handed_in(ruled: GuardedKafka) -> None:
    hub = ruled.access(HUB)
    with pytest.raises(errors.TopicAuthorizationFailedError):
        read(ruled, hub, partner_topic(READER))
    with pytest.raises(errors.TopicAuthorizationFailedError):
        write(ruled, hub, intake_topic(SOURCE))


def names_seen(cluster: GuardedKafka, access: Access) -> set[str]:
    admin = open_admin(cluster.bootstrap, access)
    try:
        return set(admin.list_topics())
    finally:
        admin.close()


def test_nobody_sees_the_name_of_another_s_topic(ruled: GuardedKafka) -> None:
    assert names_seen(ruled, ruled.access(READER)) == {partner_topic(READER)}
    assert names_seen(ruled, ruled.access(STRANGER)) == set()


def test_a_user_without_rules_gets_nothing(ruled: GuardedKafka) -> None:
    stranger = ruled.access(STRANGER)
    with pytest.raises(errors.TopicAuthorizationFailedError):
        read(ruled, stranger, partner_topic(READER))
    with pytest.raises(errors.TopicAuthorizationFailedError):
        write(ruled, stranger, intake_topic(SOURCE))
    with pytest.raises(errors.GroupAuthorizationFailedError):
        join(ruled, stranger, partner_topic(READER), "a-group")


def ways_in(cluster: GuardedKafka) -> dict[str, Callable[[], Access]]:
    wrong = cluster.folder / "wrong"
    wrong.write_text("not the password")
    return {
        "no sign-in": lambda: Access(protocol="SSL", authority=cluster.authority),
        "nothing at all": Access,
        "a wrong password": lambda: cluster.with_secret(READER, wrong),
        "an unknown user": lambda: cluster.with_secret("nobody", wrong),
    }


@pytest.mark.parametrize(
    "way", ["no sign-in", "nothing at all", "a wrong password", "an unknown user"]
)
def test_who_does_not_sign_in_does_not_come_in(ruled: GuardedKafka, way: str) -> None:
    with pytest.raises(errors.KafkaError):
        open_producer(ruled.bootstrap, ways_in(ruled)[way]())


def test_a_token_in_a_file_signs_in_as_well(ruled: GuardedKafka) -> None:
    token = ruled.by_token(READER)
    assert read(ruled, token, partner_topic(READER))
    with pytest.raises(errors.TopicAuthorizationFailedError):
        read(ruled, token, partner_topic(OTHER))


def test_a_suspended_service_loses_its_rules_and_gets_them_back(
    ready: World, cluster: GuardedKafka
) -> None:
    mine = cluster.access(READER)
    write(cluster, cluster.access(HUB), partner_topic(READER))
    own = environment(ready.hub.settings)
    assert CliRunner().invoke(app, ["partner", "suspend", READER], env=own).exit_code == 0
    assert partner_topics(ready, cluster, READER, "--apply").exit_code == 0
    with pytest.raises(errors.TopicAuthorizationFailedError):
        read(cluster, mine, partner_topic(READER))
    assert CliRunner().invoke(app, ["partner", "activate", READER], env=own).exit_code == 0
    assert partner_topics(ready, cluster, READER, "--apply").exit_code == 0
    assert read(cluster, mine, partner_topic(READER))


def test_only_the_operator_of_the_cluster_can_set_it_up(
    ready: World, cluster: GuardedKafka
) -> None:
    own = environment(ready.hub.settings)
    done = CliRunner().invoke(app, ["partner", "topics", "--apply"], env=own)
    assert done.exit_code == 1
    assert "sign in as its operator" in done.output
    secret = cluster.access(HUB).secret
    assert secret is not None
    assert SecretStr(secret.read_text()).get_secret_value() not in done.output
