"""The one place where a transaction begins and ends; everything below it takes the connection."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, cast

import orjson
import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import ClauseElement, Connection, Engine, Row, Select, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.errors import SourceUnavailable

Transaction: TypeAlias = Connection
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]

# Only to write statements out; it never connects.
_DIALECT = create_engine("postgresql+psycopg://").dialect


@dataclass(frozen=True, slots=True)
class Question:
    """A statement in the driver's own words, with the values that never change."""

    sql: bytes
    fixed: Mapping[str, object]

    @classmethod
    def of(cls, statement: ClauseElement) -> Self:
        """Write a statement out once."""
        written = statement.compile(dialect=_DIALECT)
        known = written.params or {}
        fixed = {name: value for name, value in known.items() if value is not None}
        return cls(str(written).encode(), fixed)


def open_engine(database_url: str, *, pool_size: int = 20, idle_seconds: float = 30) -> Engine:
    """Return an engine on PostgreSQL.

    A process that stands still for `idle_seconds` in the middle of a transaction loses it, and
    with it the locks of children that everybody else would wait for.
    """
    engine = create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=20,
        pool_timeout=5,
        # The text of a database error must not carry the values of its statement.
        hide_parameters=True,
        # Every decision reads its facts as JSON; this costs a fifth of the standard library's.
        json_deserializer=orjson.loads,
        connect_args={"connect_timeout": 3, "prepare_threshold": 2},
    )
    milliseconds = int(1000 * idle_seconds)
    bound = f"set idle_in_transaction_session_timeout = {milliseconds}"

    # Said after connecting, because a pooler in between refuses options at the start.
    @event.listens_for(engine, "connect")
    def limit(connection: psycopg.Connection[Any], _: object) -> None:
        connection.execute(bound.encode())
        connection.commit()

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Transaction]:
    """Run one transaction: commit at the end of the block, roll back on an exception.

    A refusal is returned out of the block, never raised, so that its log entry commits.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except (InterfaceError, OperationalError, PoolTimeout, psycopg.OperationalError) as error:
        _forget_broken(engine, error)
        raise SourceUnavailable("the database does not answer; try again in a moment") from error


def ask_together(
    tx: Transaction, *questions: tuple[Question, Mapping[str, object]]
) -> tuple[Sequence[Any], ...]:
    """Send several statements at once and wait once; return the rows of each.

    They run one after the other as they stand here, and each sees what was committed before it
    began: what follows a lock sees what holds under the lock.
    """
    connection = _driver(tx)
    with connection.pipeline():
        asked = [
            connection.cursor(row_factory=namedtuple_row).execute(one.sql, {**one.fixed, **values})
            for one, values in questions
        ]
    return tuple(cursor.fetchall() for cursor in asked)


def rows_as_json(rows: Sequence[Any]) -> str:
    """Return rows as `json_populate_recordset` reads them, for one statement for all of them."""
    return orjson.dumps(rows, default=_as_bytea).decode()


def finish_with(tx: Transaction, last: Question, values: Mapping[str, object]) -> None:
    """Send a last statement and COMMIT at once, and wait once; nothing may follow.

    If either fails, nothing of the transaction holds and the error travels.
    """
    connection = _driver(tx)
    try:
        with connection.pipeline():
            connection.execute(last.sql, {**last.fixed, **values})
            # Not by the driver's `commit`: inside a pipeline that waits for an answer after one
            # flush, and what a socket does not take at once lies there with the child's lock.
            connection.execute(b"commit", prepare=False)
        tx.commit()
    except Exception:
        # The transaction counts as ended by now, so nobody would roll back: not for the next user.
        tx.invalidate()
        raise


def _as_bytea(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _driver(tx: Transaction) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", tx.connection.driver_connection)


def _forget_broken(engine: Engine, error: Exception) -> None:
    # After a restart of PostgreSQL every pooled connection is dead: drop them all at once.
    direct = isinstance(error, psycopg.OperationalError)
    if direct or (isinstance(error, DBAPIError) and error.connection_invalidated):
        engine.dispose()
