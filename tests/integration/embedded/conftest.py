from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.embedded.postgres import Postgres
from tests.support.engines import (
    broker,
    database_url,
    engine_folder,
    postgres_server,
    template_database,
)

__all__ = ["broker", "database_url", "postgres_server", "template_database"]


@pytest.fixture
def folder() -> Iterator[Path]:
    with engine_folder() as made:
        yield made


@pytest.fixture
def empty_database_url(postgres_server: Postgres) -> Iterator[str]:
    name = f"empty_{uuid4().hex}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)
