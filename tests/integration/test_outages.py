"""PostgreSQL or Kafka gone: the hub says so plainly or goes on, and nothing accepted is lost."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, select, update

from gateway.errors import SourceUnavailable
from gateway.store import children
from gateway.store.engine import open_engine, transaction
from gateway.store.tables import delivery, resource, resource_version
from tests.support.families import a_family
from tests.support.running_hub import CLB, VAPH, RunningHub, eventually, running_hub
from tests.support.topics import read_topic


@pytest.fixture(scope="module")
def fragile() -> Iterator[RunningHub]:
    """A system of its own, to be broken."""
    with running_hub() as running:
        yield running


def test_without_postgresql_intake_answers_503_and_works_again_by_itself(
    fragile: RunningHub,
) -> None:
    token = fragile.token(VAPH)
    assert fragile.stack.postgres is not None
    fragile.stack.postgres.kill()
    refused = fragile.deliver(VAPH, a_family().vaph_2023)
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Retry-After"]
    assert httpx.get(f"{fragile.base_url}/readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert httpx.get(f"{fragile.base_url}/livez").status_code == httpx.codes.OK
    fragile.stack.postgres.start()
    family = a_family()

    def works_again() -> bool:
        return fragile.deliver(VAPH, family.vaph_2023).status_code == httpx.codes.ACCEPTED

    eventually(works_again)
    assert fragile.token(VAPH) == token
    assert fragile.delivered(VAPH, family.vaph_2023)["status"] == "processed"


@pytest.fixture
def impatient(fragile: RunningHub) -> Iterator[Engine]:
    """Connections that may stand still in a transaction for a fifth of a second."""
    engine = open_engine(fragile.hub.settings.database_url.get_secret_value(), idle_seconds=0.2)
    yield engine
    engine.dispose()


def test_a_process_that_stands_still_loses_the_locks_it_holds(
    fragile: RunningHub, impatient: Engine
) -> None:
    child = uuid4()

    def stand_still() -> None:
        with transaction(impatient) as tx:
            children.lock(tx, child)
            with transaction(fragile.hub.engine) as other:
                children.lock(other, child)
            children.lock(tx, child)

    with pytest.raises(SourceUnavailable):
        stand_still()


def test_a_record_accepted_before_a_crash_of_postgresql_is_processed_after_it(
    fragile: RunningHub,
) -> None:
    fragile.stack.relay.kill()
    accepted = [fragile.deliver(VAPH, a_family().vaph_2023).json() for _ in range(5)]
    assert fragile.stack.postgres is not None
    fragile.stack.postgres.kill()
    fragile.stack.postgres.start()
    fragile.stack.relay.start()

    def all_processed() -> bool:
        answers = [fragile.call(VAPH, "GET", one["location"]) for one in accepted]
        return all(one.is_success and one.json()["status"] == "processed" for one in answers)

    eventually(all_processed)


def test_without_kafka_intake_and_reads_go_on_and_messages_catch_up(fragile: RunningHub) -> None:
    family = a_family()
    fragile.delivered(VAPH, family.vaph_2023)
    patient = fragile.delivered(CLB, family.clb_2024)["parts"][0]["patient"]
    assert fragile.stack.broker is not None
    fragile.stack.broker.kill()
    for parent in fragile.parents(family):
        parent.given(CLB, ["diagnosis"])
    fragile.delivered(VAPH, family.vaph_2024)
    assert len(fragile.search(CLB, "Condition", patient)) == 2
    fragile.stack.broker.start()
    topic = f"partner.{CLB}"
    eventually(lambda: len(read_topic(fragile.bootstrap, topic)) >= 2, seconds=60)


def test_a_damaged_record_for_one_partner_does_not_stop_the_others(fragile: RunningHub) -> None:
    family = a_family()
    fragile.delivered(VAPH, family.vaph_2023)
    fragile.delivered(CLB, family.clb_2024)
    mother = fragile.parents(family)[0]
    fragile.stack.relay.kill()
    fragile.hub.engine.dispose()  # this test's own connections died in the crashes before
    # Nobody can open this any more, and the partner that is due for it comes first.
    with transaction(fragile.hub.engine) as tx:
        own = select(resource.c.id).where(resource.c.child == mother.child)
        tx.execute(
            update(resource_version)
            .where(resource_version.c.resource.in_(own))
            .values(content=b"damaged")
        )
    mother.given(CLB, ["diagnosis"])
    other = a_family()
    fragile.stack.relay.start()
    fragile.delivered(CLB, other.clb_2024)
    fragile.delivered(VAPH, other.vaph_2023)
    fragile.parents(other)[0].given(VAPH, ["functional"], purpose="entitlement")
    child = fragile.parents(other)[0].child

    def sealed() -> bool:
        query = select(delivery.c.id).where(delivery.c.child == child, delivery.c.partner == VAPH)
        with transaction(fragile.hub.engine) as tx:
            return tx.execute(query).first() is not None

    eventually(sealed)
