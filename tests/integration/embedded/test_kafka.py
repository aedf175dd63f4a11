from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.embedded import kafka
from gateway.embedded.failure import EngineError
from gateway.embedded.kafka import Backend, Broker, make_broker
from gateway.embedded.ports import BEYOND, answers
from tests.integration.embedded.kafka_client import consume, make_topic, produce
from tests.integration.embedded.processes import running_in

BOTH = [Backend.TANSU, pytest.param(Backend.APACHE, marks=pytest.mark.apache)]
THREE = [b"one", b"two", b"three"]


@pytest.fixture(params=BOTH)
def broker(request: pytest.FixtureRequest, folder: Path) -> Iterator[Broker]:
    with make_broker(request.param, folder / "kafka") as running:
        yield running


@pytest.fixture
def apache(folder: Path) -> Iterator[Broker]:
    with make_broker(Backend.APACHE, folder / "kafka") as running:
        yield running


def test_kafka_python_makes_a_topic_produces_and_reads_in_a_group(broker: Broker) -> None:
    make_topic(broker, "partner.kdv-pimpeltje")
    assert produce(broker, "partner.kdv-pimpeltje", THREE) == [0, 1, 2]
    assert consume(broker, "partner.kdv-pimpeltje", "g", 3) == THREE
    assert produce(broker, "partner.kdv-pimpeltje", [b"four"]) == [3]
    assert consume(broker, "partner.kdv-pimpeltje", "g", 1) == [b"four"]


def test_a_broker_restarts_on_its_port_after_a_stop_and_after_a_kill(
    broker: Broker, folder: Path
) -> None:
    address = broker.bootstrap
    for end in (broker.stop, broker.kill):
        end()
        assert not answers(broker.port)
        assert running_in(folder) == []
        broker.start()
        assert broker.bootstrap == address
        assert broker.port < BEYOND
    topic = "after.crash"
    make_topic(broker, topic)
    assert produce(broker, topic, THREE) == [0, 1, 2]


def test_tansu_says_that_it_keeps_nothing(folder: Path) -> None:
    with make_broker("tansu", folder / "kafka") as broker:
        assert not broker.keeps_data
        make_topic(broker, "t")
        produce(broker, "t", THREE)
        broker.restart()
        make_topic(broker, "t")
        assert produce(broker, "t", [b"first again"]) == [0]


@pytest.mark.apache
def test_apache_keeps_messages_and_group_positions_over_a_stop_and_a_kill(
    apache: Broker, folder: Path
) -> None:
    make_topic(apache, "t")
    produce(apache, "t", THREE)
    assert consume(apache, "t", "g", 2) == THREE
    apache.restart()
    assert produce(apache, "t", [b"four"]) == [3]
    apache.kill()
    apache.start()
    assert apache.keeps_data
    assert consume(apache, "t", "g", 1) == [b"four"]
    assert consume(apache, "t", "new group", 4) == [*THREE, b"four"]
    apache.stop()
    with make_broker("apache", folder / "kafka") as again:
        assert consume(again, "t", "newer group", 4) == [*THREE, b"four"]


def test_an_unknown_broker_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="redpanda"):
        make_broker("redpanda", folder / "kafka")


def test_a_missing_wheel_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "PACKAGE", "no_such_package")
    with pytest.raises(EngineError, match=r"--kafka apache.*DEELREGIE_KAFKA_BOOTSTRAP"):
        kafka.tansu_binary()
