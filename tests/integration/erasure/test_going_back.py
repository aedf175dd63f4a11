"""The schema of before can be had back, whatever was erased since."""

from gateway.store import migrate
from tests.integration.erasure.world import Family, shared


def _url(family: Family) -> str:
    family.desk.hub.engine.dispose()
    return family.desk.hub.settings.database_url.get_secret_value()


def _go_back(family: Family, revision: str) -> None:
    migrate.downgrade(_url(family), revision)
    # What a connection prepared before is of another schema.
    family.desk.hub.engine.dispose()


def test_the_schema_before_erasures_comes_back_after_one(family: Family) -> None:
    shared(family)
    family.erase()
    lines = (
        "select (select count(*) from consent_event) + (select count(*) from corrected) as lines"
    )
    before = family.desk.rows(lines)
    _go_back(family, "0009")
    assert family.desk.rows(lines) == before
    migrate.upgrade(_url(family))
    assert family.reads(family.sam)
