"""Step 1: the engines, on one laptop, in a fresh folder; and how long they stay."""

import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import httpx
from sqlalchemy import create_engine, text

from gateway.demo.telling import Teller
from gateway.demo.topic import end_of
from gateway.embedded.places import closed_parent, is_root
from gateway.embedded.stack import Stack, start_stack
from gateway.store.engine import transaction

WATCH_SECONDS: Final = 0.5
TIMEOUT_SECONDS: Final = 20.0
PREFIX: Final = "deelregie-demo-"


@contextmanager
def fresh_folder(*, keep: bool) -> Iterator[Path]:
    """Make a folder that even root's engines can enter, and remove it unless it is kept."""
    usual = Path(tempfile.gettempdir())
    open_to_all = usual if not is_root() or closed_parent(usual / PREFIX) is None else None
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=open_to_all or "/var/tmp"))  # noqa: S108 - private, mkdtemp
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_stack(teller: Teller, folder: Path) -> Iterator[Stack]:
    """Start everything, prove that each engine is what it is said to be, and stop it all."""
    teller.tell(
        "Real engines, started for this story and meant for a laptop only, never for production: "
        "one PostgreSQL, one Kafka broker, the hub with its relay, and a test sign-in provider "
        "where anybody can sign in as anybody. All of it lives in one new folder:"
    )
    teller.shows([str(folder)])
    with start_stack(folder, steps=teller) as stack:
        _check(teller, stack)
        yield stack


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Turn a request to stop into one KeyboardInterrupt; while everything stops, ignore more."""
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # Under nohup a closed terminal must not stop anything.
    numbers = [number for number in asked if signal.getsignal(number) is not signal.SIG_IGN]

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    earlier = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def stay(stack: Stack) -> str:
    """Wait until somebody presses Ctrl-C (an exception) or a process ends; say which one."""
    while (dead := stack.dead()) is None:
        time.sleep(WATCH_SECONDS)
    return dead.obituary()


def _check(teller: Teller, stack: Stack) -> None:
    where = stack.addresses
    version = _postgres_version(where.database_url)
    teller.check(f"PostgreSQL {version.split()[0]} answers", got=version[:1].isdigit())
    end = end_of(where.kafka_bootstrap, "no-topic-yet")
    teller.check(f"a Kafka broker answers at {where.kafka_bootstrap}", got=end, wanted=0)
    ready = _answer(f"{where.hub}/readyz").json()
    teller.check(f"the hub is ready at {where.hub}", got=ready["status"], wanted="ready")
    provider = _answer(f"{where.sign_in}/.well-known/openid-configuration").json()
    teller.check(f"people sign in at {where.sign_in}", got=provider["issuer"], wanted=where.sign_in)
    teller.check(
        "every process runs",
        got=[one.name for one in stack.children.values() if not one.alive],
        wanted=[],
    )


def _postgres_version(database_url: str) -> str:
    engine = create_engine(database_url)
    try:
        with transaction(engine) as tx:
            return str(tx.execute(text("show server_version")).scalar_one())
    finally:
        engine.dispose()


def _answer(address: str) -> httpx.Response:
    return httpx.get(address, timeout=TIMEOUT_SECONDS, trust_env=False)
