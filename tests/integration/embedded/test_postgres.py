import os
import stat
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from gateway.embedded import places, postgres
from gateway.embedded.failure import EngineError
from gateway.embedded.postgres import Postgres
from tests.integration.embedded.processes import gone, running_in

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="about running as root")


def answer(url: str, query: str) -> object:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(query))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def family(server: Postgres) -> list[int]:
    return [process.pid for process in server.child._family()]


def test_postgres_starts_finds_its_data_again_and_leaves_nothing_running(folder: Path) -> None:
    server = Postgres(folder / "postgres")
    server.start()
    answer(server.url(), "CREATE TABLE kept AS SELECT 42 AS value")
    processes = family(server)
    assert len(processes) > 1
    server.stop()
    assert gone(processes, seconds=1.0)
    assert running_in(folder) == []
    with Postgres(folder / "postgres") as again:
        assert answer(again.url(), "SELECT value FROM kept") == 42


def test_what_was_committed_survives_a_kill_of_postgres(folder: Path) -> None:
    with Postgres(folder / "postgres") as server:
        answer(server.url(), "CREATE TABLE kept AS SELECT 42 AS value")
        url, processes = server.url(), family(server)
        server.kill()
        assert gone(processes, seconds=1.0)
        server.start()
        assert server.url() == url
        assert answer(url, "SELECT value FROM kept") == 42


def test_postgres_syncs_to_disk_and_listens_on_a_private_socket_only(
    postgres_server: Postgres,
) -> None:
    url = postgres_server.url()
    assert answer(url, "SELECT current_setting('fsync')") == "on"
    assert answer(url, "SELECT current_setting('synchronous_commit')") == "on"
    assert answer(url, "SELECT current_setting('listen_addresses')") == ""
    host = make_url(url).query["host"]
    assert isinstance(host, str)
    assert stat.S_IMODE(Path(host).stat().st_mode) == 0o700


def test_the_hub_is_owner_of_its_database_and_no_superuser(postgres_server: Postgres) -> None:
    who = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert answer(postgres_server.url(), who) is False
    assert answer(postgres_server.admin_url(), who) is True


def test_the_log_of_postgres_quotes_no_row_and_no_statement(
    postgres_server: Postgres, empty_database_url: str
) -> None:
    answer(empty_database_url, "CREATE TABLE person (name text PRIMARY KEY)")
    answer(empty_database_url, "INSERT INTO person VALUES ('Noor')")
    for wrong in ("INSERT INTO person VALUES ('Noor')", "SELECT 'Noor'::int"):
        with pytest.raises(Exception, match="Noor"):
            answer(empty_database_url, wrong)
    assert "Noor" not in postgres_server.log.read_text()
    assert "ready to accept connections" in postgres_server.log.read_text()


def test_a_database_can_be_copied_from_a_template_and_dropped(postgres_server: Postgres) -> None:
    answer(postgres_server.create_database("model"), "CREATE TABLE kept AS SELECT 42 AS value")
    copy = postgres_server.create_database("copy", template="model")
    assert answer(copy, "SELECT value FROM kept") == 42
    for name in ("copy", "model"):
        postgres_server.drop_database(name)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(make_url(copy).set(drivername="postgresql").render_as_string())


def test_a_deep_folder_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with Postgres(deep / "postgres") as server:
        host = make_url(server.url()).query["host"]
        assert isinstance(host, str)
        assert len(f"{host}/.s.PGSQL.5432") < 100
        assert answer(server.url(), "SELECT 1") == 1


def test_an_interrupted_set_up_is_done_again(folder: Path) -> None:
    (folder / "postgres" / "making").mkdir(parents=True)
    (folder / "postgres" / "making" / "PG_VERSION").write_text("18\n")
    with Postgres(folder / "postgres") as server:
        assert answer(server.url(), "SELECT 1") == 1


def test_data_of_another_version_is_refused_with_the_remedy(folder: Path) -> None:
    data = folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    with pytest.raises(EngineError, match=r"made by PostgreSQL 16 and this is 18.*--reset"):
        Postgres(folder / "postgres").start()


def test_a_missing_wheel_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PACKAGE", "no_such_package")
    with pytest.raises(EngineError, match=r"deelregie\[embedded\].*DEELREGIE_DATABASE_URL"):
        postgres.binary("postgres")


@AS_ROOT
def test_root_is_refused_a_folder_under_a_closed_home_and_the_home_stays_closed(
    folder: Path,
) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(EngineError, match=r"cannot enter .*home; .*--data /var/lib/deelregie"):
        Postgres(home / "data" / "postgres").start()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert list(home.iterdir()) == []


@AS_ROOT
def test_root_under_a_closed_project_folder_runs_a_copy_of_the_engine(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "site-packages"
    closed.mkdir(mode=0o700)
    installed = places.package_folder(postgres.PACKAGE)
    assert installed is not None
    (closed / postgres.PACKAGE).symlink_to(installed)
    (closed / f"{postgres.PACKAGE}.libs").symlink_to(f"{installed}.libs")
    monkeypatch.setattr(postgres, "package_folder", lambda name: closed / name)
    monkeypatch.setattr(postgres, "closed_parent", lambda _path: closed)
    with Postgres(folder / "postgres") as server:
        assert answer(server.url(), "SELECT 1") == 1
        assert str(folder / "postgres" / "engine") in " ".join(running_in(folder))
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@AS_ROOT
def test_root_adds_no_account_to_the_machine(folder: Path) -> None:
    before = Path("/etc/passwd").read_bytes()
    with Postgres(folder / "postgres") as server:
        assert answer(server.url(), "SELECT 1") == 1
    assert Path("/etc/passwd").read_bytes() == before
