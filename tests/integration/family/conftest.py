"""A family on a database of its own for each test."""

from collections.abc import Iterator

import pytest

from gateway.exchange.hub import open_hub
from tests.integration.streams.world import settings_for
from tests.support.engines import database_url, postgres_server, template_database
from tests.support.families import DOSSIER, FATHER, MOTHER, NOOR, Family
from tests.support.family_world import FamilyWorld, build_family_world

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture
def world(database_url: str) -> Iterator[FamilyWorld]:
    hub = open_hub(settings_for(database_url, "127.0.0.1:1", "http://127.0.0.1:1"))
    # On a database of its own every test may have Noor herself, born on 14 March 2019.
    noor = Family(child=NOOR, mother=MOTHER, father=FATHER, dossier=DOSSIER)
    yield build_family_world(hub, noor)
    hub.engine.dispose()
