"""What rested on a child's facts and was erased is called erased, never missing or wrong."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from gateway.embedded.postgres import Postgres
from gateway.exchange.audit.recompute import Result, Wanted, recompute
from gateway.store import access_log, log_tree
from gateway.store.decision_basis import Basis
from gateway.store.engine import transaction
from tests.integration.log.world import Log, a_log


@pytest.fixture
def log(postgres_server: Postgres, database_url: str) -> Iterator[Log]:
    with a_log(postgres_server, database_url) as made:
        yield made


def results(log: Log) -> set[Result]:
    return {one.result for one in recompute(log.hub, Wanted(), by="operator", at=log.at)}


def test_lines_of_an_erased_child_are_erased_before_and_after_they_are_blanked(log: Log) -> None:
    child = uuid4()
    basis = Basis(hash=b"h" * 32, child=child, content=None)
    made = [replace(log.entry(child), act="read", basis=basis) for _ in range(6)]
    with transaction(log.hub.engine) as tx:
        access_log.append(tx, *made)
    assert results(log) == {Result.ERASED}
    log.integrate()
    with transaction(log.hub.engine) as tx:
        assert log_tree.erase_links(tx, child) == 6
    assert results(log) == {Result.ERASED}
