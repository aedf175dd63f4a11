import pytest
from sqlalchemy import create_engine, text

from gateway.embedded.kafka import Broker
from gateway.store.migrate import head
from tests.integration.embedded.kafka_client import make_topic, produce
from tests.support.engines import chosen_backend


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_a_migrated_database_of_its_own(database_url: str, turn: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("CREATE TABLE only_mine (value int)"))
    engine.dispose()
    assert found == head()


def test_the_broker_of_the_session_is_the_chosen_one(broker: Broker) -> None:
    assert broker.backend is chosen_backend()
    make_topic(broker, "fixtures")
    assert produce(broker, "fixtures", [b"one"]) == [0]
