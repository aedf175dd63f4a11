from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from gateway.embedded.data_folder import DataFolder
from gateway.embedded.failure import EngineError
from gateway.embedded.kafka import Broker
from gateway.embedded.stack import Stack, start_stack
from tests.integration.embedded.processes import running_in
from tests.support.engines import chosen_backend, engine_folder

PARTS = ["postgres", "kafka", "sign-in", "hub", "relay"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with engine_folder() as folder, start_stack(folder / "data", kafka=chosen_backend()) as running:
        yield running


def answer(url: str, query: str) -> object:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(query))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def test_every_part_runs_answers_and_tells_its_memory(stack: Stack) -> None:
    where = stack.addresses
    assert list(stack.memory()) == PARTS
    assert all(size > 1_000_000 for size in stack.memory().values())
    assert httpx.get(f"{where.hub}/readyz").status_code == 200
    discovered = httpx.get(f"{where.sign_in}/.well-known/openid-configuration").json()
    assert discovered["issuer"] == where.sign_in
    assert answer(where.database_url, "SELECT count(*) FROM alembic_version") == 1
    assert stack.dead() is None


@pytest.mark.parametrize("name", PARTS)
def test_a_killed_part_is_noticed_and_can_be_started_again(stack: Stack, name: str) -> None:
    stack.children[name].kill()
    assert stack.dead() is stack.children[name]
    restart = {"postgres": stack.postgres, "kafka": stack.broker, "sign-in": stack.sign_in}
    engine = restart.get(name)
    (engine or stack.children[name]).start()
    stack.wait_ready()
    assert stack.dead() is None


def test_a_command_runs_against_the_stack(stack: Stack) -> None:
    assert stack.run("partner", "list") is not None


def test_a_second_start_finds_the_earlier_data_at_the_same_addresses(folder: Path) -> None:
    data = folder / "data"
    with start_stack(data) as first:
        answer(first.addresses.database_url, "CREATE TABLE kept AS SELECT 42 AS value")
        environment, where = first.environment, first.addresses
    assert running_in(folder) == []
    with start_stack(data) as second:
        assert answer(second.addresses.database_url, "SELECT value FROM kept") == 42
        assert second.environment == environment
        assert second.addresses == where
    assert running_in(folder) == []


def test_a_part_that_fails_takes_the_others_down_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEELREGIE_NO_SUCH_SETTING", "1")
    with pytest.raises(EngineError, match=r"`deelregie migrate` failed; see .*migrate\.log"):
        start_stack(folder / "data")
    assert running_in(folder) == []
    with DataFolder(folder / "data") as freed:
        assert freed.logs.exists()


def test_servers_in_the_environment_are_used_instead_of_embedded_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch, empty_database_url: str, broker: Broker
) -> None:
    monkeypatch.setenv("DEELREGIE_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("DEELREGIE_KAFKA_BOOTSTRAP", broker.bootstrap)
    with start_stack(folder / "data") as running:
        assert list(running.children) == ["sign-in", "hub", "relay"]
        assert running.addresses.database_url == empty_database_url
        assert running.addresses.kafka_bootstrap == broker.bootstrap
    assert answer(empty_database_url, "SELECT count(*) FROM alembic_version") == 1
