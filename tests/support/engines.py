"""Real engines for tests: one server per session, which is one per worker of pytest-xdist.

Import the fixtures into a conftest.py; each test that asks for `database_url` gets a database of
its own, a copy of one that was migrated once.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.embedded.kafka import Backend, Broker, make_broker
from gateway.embedded.postgres import Postgres
from gateway.store.migrate import upgrade

TEMPLATE = "deelregie_template"
# `tansu`, or `apache` in `make test-kafka`.
BACKEND = "DEELREGIE_TEST_KAFKA"


@contextmanager
def engine_folder() -> Iterator[Path]:
    """Give a folder that PostgreSQL's account may enter; pytest's own is closed to it as root."""
    # Short, for the sake of unix sockets; macOS has a long and private temporary folder.
    folder = Path(tempfile.mkdtemp(prefix="dr-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def chosen_backend() -> Backend:
    """Return the broker that this test run is about."""
    return Backend(os.environ.get(BACKEND, Backend.TANSU))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with engine_folder() as folder, Postgres(folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def template_database(postgres_server: Postgres) -> str:
    upgrade(postgres_server.create_database(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres_server: Postgres, template_database: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    yield postgres_server.create_database(name, template=template_database)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    with engine_folder() as folder, make_broker(chosen_backend(), folder / "kafka") as running:
        yield running
