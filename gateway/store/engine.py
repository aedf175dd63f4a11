"""The one place where a transaction begins and ends; everything below it takes the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, Row, Select, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.errors import SourceUnavailable

Transaction: TypeAlias = Connection
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


def open_engine(database_url: str, *, pool_size: int = 20) -> Engine:
    """Return an engine on PostgreSQL; connections are checked before use after a restart."""
    return create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=20,
        pool_timeout=5,
        pool_pre_ping=False,
        connect_args={"connect_timeout": 3, "prepare_threshold": 2},
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Transaction]:
    """Run one transaction: commit at the end of the block, roll back on an exception.

    A refusal is returned out of the block, never raised, so that its log entry commits.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except (InterfaceError, OperationalError, PoolTimeout) as error:
        _forget_broken(engine, error)
        raise SourceUnavailable("the database does not answer; try again in a moment") from error


def _forget_broken(engine: Engine, error: Exception) -> None:
    # After a restart of PostgreSQL every pooled connection is dead: drop them all at once.
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        engine.dispose()
