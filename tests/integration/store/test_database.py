"""The schema: migrations and tables agree, and the log cannot be rewritten by mistake."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from gateway.embedded.postgres import Postgres
from gateway.store import access_log
from gateway.store.engine import open_engine, transaction
from gateway.store.lifecycle_tables import metadata
from gateway.store.migrate import downgrade, upgrade


# SQLAlchemy has no reflection of PostgreSQL's transaction id type.
@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_migrations_from_zero_give_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrations_go_up_down_and_up_again(postgres_server: Postgres) -> None:
    url = postgres_server.create_database("up_down_up")
    upgrade(url)
    downgrade(url, "base")
    upgrade(url)
    postgres_server.drop_database("up_down_up")


def test_no_way_back_puts_an_enforced_register_of_protocols_out_of_force(
    postgres_server: Postgres,
) -> None:
    url = postgres_server.create_database("enforced")
    upgrade(url)
    engine = open_engine(url)
    with transaction(engine) as tx:
        tx.execute(text("update protocol_register set in_force_at = now()"))
    engine.dispose()
    with pytest.raises(RuntimeError, match="in force"):
        downgrade(url, "0012")
    postgres_server.drop_database("enforced")


@pytest.mark.parametrize(
    "statement",
    [
        "update access_log set outcome = 'permit'",
        "delete from access_log",
        "truncate access_log",
        "update consent_event set act = 'upheld'",
        "delete from consent_event",
        "truncate consent_event",
    ],
)
def test_a_line_of_the_log_or_of_a_decisions_history_is_never_changed(
    database_url: str, statement: str
) -> None:
    engine = open_engine(database_url)
    with transaction(engine) as tx:
        entry = access_log.Entry(
            at=datetime(2026, 3, 2, tzinfo=UTC), act="read", actor="clb", outcome="deny"
        )
        access_log.append(tx, entry)
    with pytest.raises(DBAPIError, match="append-only"), transaction(engine) as tx:
        tx.execute(text(statement))
    engine.dispose()
