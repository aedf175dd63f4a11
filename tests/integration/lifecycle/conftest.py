"""A world of its own for each test, on one PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.integration.lifecycle.world import World, build_world
from tests.support.engines import database_url, postgres_server, template_database

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    built = build_world(database_url)
    yield built
    built.hub.engine.dispose()
