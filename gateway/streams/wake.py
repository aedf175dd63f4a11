"""Waking by PostgreSQL's NOTIFY, and the rule that one relay sends at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import Engine

OUTBOX: Final = "deelregie_outbox"
RECEIPTS: Final = "deelregie_receipts"

# NOTIFY wakes at once; the poll covers a notification that a broken connection swallowed.
POLL_SECONDS: Final = 0.25
STANDBY_SECONDS: Final = 0.5
RELAY_LOCK: Final = 0x6465656C72656765


@contextmanager
def listening(engine: Engine, channel: str) -> Iterator[psycopg.Connection]:
    """Open a connection of its own that hears one channel."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
        connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        yield connection


def wait(connection: psycopg.Connection) -> bool:
    """Return when something was notified (True) or the poll is due; raise when it is gone."""
    notified = bool(list(connection.notifies(timeout=POLL_SECONDS, stop_after=1)))
    if notified:
        # One round does the work of all that were notified meanwhile.
        list(connection.notifies(timeout=0))
    return notified


def hear(connection: psycopg.Connection) -> None:
    """Take what was notified, without waiting; raise when the connection is gone."""
    list(connection.notifies(timeout=0))


def become_the_relay(connection: psycopg.Connection, stop: Event) -> bool:
    """Wait until no other relay runs; False if this process has to stop before."""
    # The lock lives as long as the connection: when a relay dies, PostgreSQL lets the next one in.
    while not stop.is_set():
        row = connection.execute("select pg_try_advisory_lock(%s)", [RELAY_LOCK]).fetchone()
        if row and row[0]:
            return True
        stop.wait(STANDBY_SECONDS)
    return False
