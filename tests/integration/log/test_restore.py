"""A database that was put back from an older backup is not served, and its log does not go on."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.embedded.postgres import Postgres
from gateway.exchange.guard_log import LogRolledBack, accept_older, check_log, remember
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import Note
from tests.integration.log.calling import Api
from tests.integration.log.world import Log, a_log
from tests.integration.streams.world import environment


@pytest.fixture
def backup(database_url: str) -> str:
    """The name of a backup, taken by `back_up`."""
    return f"backup_{uuid4().hex}"


@pytest.fixture
def log(postgres_server: Postgres, database_url: str, tmp_path: Path) -> Iterator[Log]:
    with a_log(postgres_server, database_url) as made:
        kept = {"log_guard_file": str(tmp_path / "checkpoint.txt")}
        made.hub = replace(made.hub, settings=made.hub.settings.model_copy(update=kept))
        yield made


@pytest.fixture
def restored(log: Log, postgres_server: Postgres, backup: str) -> Iterator[Log]:
    """A log that grew after a backup was made, and then its hub on that backup."""
    log.grow(20, batches=2)
    log.hub.engine.dispose()
    log.superuser.dispose()
    database = log.hub.engine.url.database
    url = postgres_server.create_database(backup, template=database)
    log.grow(10)
    log.hub.engine.dispose()
    with a_log(postgres_server, url) as old:
        settings = log.hub.settings.model_copy(
            update={"database_url": old.hub.settings.database_url}
        )
        old.hub = replace(old.hub, settings=settings)
        old.at = log.at
        yield old
    postgres_server.drop_database(backup)


def kept(log: Log) -> Checkpoint:
    return Checkpoint.of(Note.parse(Path(log.hub.settings.log_guard_file).read_text("utf-8")))


def readiness(log: Log) -> tuple[int, bool]:
    api = Api(log)
    answer = api.ask("GET", "/readyz")
    api.close()
    return answer.status_code, answer.json()["log"]


def test_each_checkpoint_is_kept_outside_the_database_and_the_hub_serves(log: Log) -> None:
    check_log(log.hub)
    log.grow(20, batches=2)
    assert kept(log).size == 20
    check_log(log.hub)
    assert readiness(log) == (200, True)


def test_an_older_database_is_not_ready_not_started_and_not_continued(restored: Log) -> None:
    with pytest.raises(LogRolledBack, match="20 leaves, and 30 were signed: the database is an"):
        check_log(restored.hub)
    assert readiness(restored) == (503, False)
    restored.write(3)
    with pytest.raises(LogRolledBack):
        restored.integrate()
    assert restored.sql("select count(*) from log_leaf") == [(20,)]
    for command in ("serve", "relay"):
        run = [sys.executable, "-m", "gateway.cli", command]
        done = subprocess.run(
            run,
            env=environment(restored.hub.settings) | {"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 1
        assert "Restore a newer backup" in done.stderr


def test_an_older_database_that_went_on_is_found_too(restored: Log) -> None:
    file = Path(restored.hub.settings.log_guard_file)
    seen = file.read_text("utf-8")
    file.unlink()
    restored.grow(60)
    file.write_text(seen, "utf-8")
    with pytest.raises(LogRolledBack, match="went on from an older backup"):
        check_log(restored.hub)


def test_an_operator_who_read_the_document_may_accept_it_and_that_is_in_the_log(
    restored: Log,
) -> None:
    aside = accept_older(restored.hub, by="operator", at=restored.at)
    assert aside is not None
    assert aside.name == "checkpoint.txt.30"
    check_log(restored.hub)
    restored.grow(5)
    assert kept(restored).size == 26
    acts = restored.sql("select resources from access_log where act = 'restore_accepted'")
    assert acts == [(["30"],)]
    assert accept_older(restored.hub, by="operator", at=restored.at) is not None


def test_a_kept_checkpoint_is_never_replaced_by_an_earlier_one(log: Log) -> None:
    log.grow(5)
    first = log.newest()
    log.grow(5)
    remember(log.hub, first)
    assert kept(log).size == 10


@pytest.mark.parametrize("damage", ["", "nonsense", "hub.test/log\n10\nAAAA\n\n— x AAAAAAAA\n"])
def test_a_kept_checkpoint_that_cannot_be_trusted_stops_the_hub_as_well(
    log: Log, damage: str
) -> None:
    log.grow(5)
    Path(log.hub.settings.log_guard_file).write_text(damage, "utf-8")
    with pytest.raises(LogRolledBack, match="damaged"):
        check_log(log.hub)


def test_a_checkpoint_of_another_key_stops_the_hub_as_well(log: Log) -> None:
    log.grow(5)
    file = Path(log.hub.settings.log_guard_file)
    file.write_text(file.read_text("utf-8").replace("\n5\n", "\n4\n"), "utf-8")
    with pytest.raises(LogRolledBack, match="another log"):
        check_log(log.hub)
