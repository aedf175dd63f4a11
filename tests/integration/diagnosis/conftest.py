"""A world of its own for each test, on one PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.integration.diagnosis.clinic import Clinic, open_clinic
from tests.support.engines import database_url, postgres_server, template_database

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture
def clinic(database_url: str) -> Iterator[Clinic]:
    opened = open_clinic(database_url)
    yield opened
    opened.world.hub.engine.dispose()
