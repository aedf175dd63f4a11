"""A database that was put back from an older backup is not served, and its log does not go on."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
from pydantic import SecretStr

from gateway.embedded.postgres import Postgres
from gateway.exchange.audit import guard_log, integrate_log
from gateway.exchange.audit.guard_log import LogRolledBack, accept_older, check_log, remember
from gateway.exchange.hub import Hub
from gateway.streams import worker
from gateway.streams.sequencer import sequence_log
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import Note, SignerKey
from tests.integration.log.calling import Api
from tests.integration.log.world import Log, a_log
from tests.integration.streams.world import environment

OPEN = {"/livez", "/readyz", "/log/checkpoint", "/log/proof/inclusion", "/log/proof/consistency"}
PAGES = {"/", "/aanmelden", "/feed"}


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


def unguarded(hub: Hub) -> Hub:
    return replace(hub, settings=hub.settings.model_copy(update={"log_guard_file": ""}))


def breaks_off_at(size: int) -> Callable[[Hub, str], None]:
    def keep(hub: Hub, written: str) -> None:
        if Checkpoint.of(Note.parse(written)).size == size:
            raise OSError(ENOSPC, "no space left")
        remember(hub, written)

    return keep


def with_key(hub: Hub, key: SignerKey) -> Hub:
    made = {"log_key": SecretStr(key.secret())}
    return replace(hub, settings=hub.settings.model_copy(update=made))


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
    guarded = restored.hub
    restored.hub = unguarded(guarded)
    restored.grow(60)
    restored.hub = guarded
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


def test_a_background_process_that_runs_sends_nothing_of_an_older_database(
    restored: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, rounds = Event(), list[str]()

    def relay(_: Hub, stopping: Event) -> None:
        while not stopping.is_set():
            rounds.append("relay")
            if len(rounds) == 1:
                # From the next round on it is the older one.
                file.write_text(seen, "utf-8")
            stopping.wait(0.01)
        stop.set()

    file = Path(restored.hub.settings.log_guard_file)
    seen = file.read_text("utf-8")
    accept_older(restored.hub, by="operator", at=restored.at)
    monkeypatch.setattr(guard_log, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(worker, "LOOPS", {"relay_": relay})
    monkeypatch.setattr(worker, "open_hub", lambda _: restored.hub)
    worker.run_relay(restored.hub.settings, stop)
    assert rounds == ["relay"]


def test_no_loop_begins_on_an_older_database(
    restored: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, rounds = Event(), list[str]()
    told = list[object]()

    def warn(event: object, **_: object) -> None:
        told.append(event)
        if len(told) > 3:
            stop.set()

    loops = {"relay_": lambda *_: rounds.append("relay"), "log": sequence_log}
    monkeypatch.setattr(worker, "LOOPS", loops)
    monkeypatch.setattr(worker, "open_hub", lambda _: restored.hub)
    monkeypatch.setattr(worker, "warn", warn)
    worker.run_relay(restored.hub.settings, stop)
    assert set(told) == {"log_rolled_back"}
    assert not rounds


def test_nothing_is_answered_from_a_database_that_became_an_older_one(
    restored: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_log, "LOOK_SECONDS", 0.0)
    file = Path(restored.hub.settings.log_guard_file)
    with closing(Api(restored)) as api:
        told = api.app.openapi()["paths"]
        paths = {path for path, methods in told.items() if "get" in methods} - OPEN
        answers = {path: api.ask("GET", path) for path in paths | PAGES}
        assert {path for path, one in answers.items() if one.status_code != 503} == set()
        assert not any(file.name in one.text for one in answers.values())
        assert api.ask("GET", "/livez").status_code == 200
        assert api.ask("GET", "/log/checkpoint").status_code == 401
        accept_older(restored.hub, by="operator", at=restored.at)
        assert 503 not in {api.ask("GET", path).status_code for path in ("/", "/feed")}


def test_a_kept_checkpoint_that_is_missing_stops_the_hub_until_it_is_accepted(log: Log) -> None:
    file = Path(log.hub.settings.log_guard_file)
    assert accept_older(log.hub, by="operator", at=log.at) is None
    log.grow(5)
    file.unlink()
    with pytest.raises(LogRolledBack, match="is missing, and 5 leaves"):
        check_log(log.hub)
    log.write(1)
    with pytest.raises(LogRolledBack):
        log.integrate()
    assert accept_older(log.hub, by="operator", at=log.at) == file
    log.integrate()
    assert kept(log).size == 7


def test_a_first_round_that_breaks_off_leaves_a_hub_that_starts(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write(5)
    with monkeypatch.context() as patch:
        patch.setattr(integrate_log, "remember", breaks_off_at(5))
        with pytest.raises(OSError, match="no space"):
            log.integrate()
    check_log(log.hub)
    assert kept(log).size == 0
    log.integrate()
    assert kept(log).size == 5


def test_a_round_without_lines_makes_up_for_one_that_broke_off(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.grow(5)
    log.write(5)
    with monkeypatch.context() as patch:
        patch.setattr(integrate_log, "remember", breaks_off_at(10))
        with pytest.raises(OSError, match="no space"):
            log.integrate()
    assert kept(log).size == 5
    assert log.integrate().lines == 0
    assert kept(log).size == 10


def test_a_new_key_goes_on_from_what_the_former_one_signed_and_no_other(log: Log) -> None:
    log.grow(5)
    file = Path(log.hub.settings.log_guard_file)
    seen = file.read_text("utf-8")
    log.hub = with_key(log.hub, SignerKey.generate("hub.test/log2"))
    check_log(log.hub)
    log.grow(5)
    assert (kept(log).origin, kept(log).size) == ("hub.test/log2", 10)
    file.write_text(seen.replace("time ", "time 1"), "utf-8")
    with pytest.raises(LogRolledBack, match="another log"):
        check_log(log.hub)


def test_a_restore_is_accepted_before_or_after_a_new_key_was_given(restored: Log) -> None:
    restored.hub = with_key(restored.hub, SignerKey.generate("hub.test/log2"))
    with pytest.raises(LogRolledBack, match="key of the log was changed"):
        check_log(restored.hub)
    assert accept_older(restored.hub, by="operator", at=restored.at) is not None
    check_log(restored.hub)
    restored.grow(5)
    assert (kept(restored).origin, kept(restored).size) == ("hub.test/log2", 26)
