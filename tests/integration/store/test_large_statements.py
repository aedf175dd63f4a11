"""A statement of any size reaches a database that reads slowly, and nobody waits for good."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from gateway.store import access_log
from gateway.store.engine import Question, Transaction, ask_together, open_engine, transaction

MANY = 20_000
COUNT = Question.of(text("select cardinality(cast(:ids as uuid[])) as many"))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    found = open_engine(database_url)
    yield found
    found.dispose()


def narrow(tx: Transaction) -> None:
    """Let the connection's socket take a few kilobytes at a time, as a slow network does."""
    driver = tx.connection.driver_connection
    assert driver is not None
    with socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


@pytest.mark.timeout(60)
def test_a_last_line_of_the_log_of_any_size_is_written_and_committed(engine: Engine) -> None:
    large = tuple(f"{uuid4()}/1" for _ in range(MANY))
    at = datetime(2026, 3, 2, tzinfo=UTC)
    entry = access_log.Entry(at=at, act="search", actor="clb", outcome="permit", resources=large)
    with transaction(engine) as tx:
        narrow(tx)
        access_log.append_and_commit(tx, entry)
    with transaction(engine) as tx:
        kept = tx.execute(text("select cardinality(resources) from access_log")).scalar_one()
    assert kept == MANY


@pytest.mark.timeout(60)
def test_questions_of_any_size_are_asked_together(engine: Engine) -> None:
    ids = [uuid4() for _ in range(MANY)]
    with transaction(engine) as tx:
        narrow(tx)
        answers = ask_together(tx, (COUNT, {"ids": ids[:1]}), (COUNT, {"ids": ids}))
    assert [row.many for rows in answers for row in rows] == [1, MANY]
