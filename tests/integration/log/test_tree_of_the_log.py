"""Lines of the access log reach the tree in the order of commits, none skipped, and are signed."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.embedded.postgres import Postgres
from gateway.exchange.audit.export_log import export_log
from gateway.store import access_log, log_tree
from gateway.store.engine import transaction
from gateway.store.tables import access_log as log_table
from gateway.transparency.leaf import CLEAR, COMMITTED, ERASED
from gateway.transparency.verify_log import verify
from tests.integration.log.world import Log, a_log, written

VERIFIER = Path("gateway/transparency/verify_log.py")


@pytest.fixture
def log(postgres_server: Postgres, database_url: str) -> Iterator[Log]:
    with a_log(postgres_server, database_url) as made:
        yield made


def test_what_is_written_is_integrated_signed_and_verifies(log: Log) -> None:
    log.grow(600, batches=4)
    found = log.check()
    assert found["ok"], found["findings"]
    assert (found["size"], found["signed"], found["checkpoints"]) == (600, 600, 4)


def test_nothing_new_signs_nothing_new(log: Log) -> None:
    log.grow(3)
    first = log.newest()
    assert log.integrate().lines == 0
    assert log.newest() == first


def test_a_batch_that_ends_within_a_transaction_skips_and_repeats_nothing(log: Log) -> None:
    log.write(60, together=20)
    while log.integrate(batch=7).more:
        pass
    found = log.check()
    assert (found["ok"], found["size"]) == (True, 60)
    assert log.sql("select count(distinct entry) from log_leaf") == [(60,)]


def test_a_line_that_commits_late_is_integrated_later_and_never_skipped(log: Log) -> None:
    with transaction(log.hub.engine) as slow:
        access_log.append(slow, log.entry())
        log.write(5)
        # Of the five nobody can say yet that none comes before them.
        assert log.integrate().lines == 0
    assert log.integrate().lines == 6
    assert log.check()["size"] == 6


def test_one_process_at_a_time_holds_the_tree(log: Log) -> None:
    log.write(5)
    with transaction(log.hub.engine) as other:
        assert log_tree.hold(other)
        assert log.integrate().lines == 0
    assert log.integrate().lines == 5


def test_lines_of_a_restored_cluster_whose_transactions_count_anew_are_all_integrated(
    log: Log,
) -> None:
    log.grow(10)
    log.write(4)
    # As in a new cluster: all that is known has a higher number than any transaction to come.
    log.sql("update access_log set xid = cast('100000000' || cast(xid as text) as xid8)")
    log.sql("update log_checkpoint set horizon = '1000000000'")
    log.write(3)
    for _ in range(3):
        log.integrate()
    assert log.sql("select count(*) from log_leaf") == [(17,)]
    log.write(2)
    log.integrate()
    assert log.sql("select count(*) from log_leaf") == [(19,)]


def test_every_column_of_a_line_is_in_its_leaf() -> None:
    assert {*CLEAR, *COMMITTED} == set(log_table.c.keys())
    assert set(ERASED) == set(COMMITTED)


def test_an_export_without_links_leads_to_nobody(log: Log) -> None:
    child = uuid4()
    log.write(3, child=child)
    log.integrate()
    assert str(child) not in "".join(log.export())
    opened = log.export(links=True)
    assert str(child) in "".join(opened)
    found = verify(opened, log.key)
    assert (found["ok"], found["opened"]) == (True, 3)


def test_who_exports_is_in_the_log(log: Log) -> None:
    log.grow(3)
    assert len(list(export_log(log.hub, links=False, by="operator", at=log.at))) == 6
    assert log.sql("select actor from access_log where act = 'log_exported'") == [("operator",)]


def test_an_export_is_verified_elsewhere_by_one_plain_file(log: Log, tmp_path: Path) -> None:
    log.grow(20, batches=2)
    export = written(log.export(), tmp_path)
    script = tmp_path / "verify_log.py"
    script.write_bytes(VERIFIER.read_bytes())
    run = [sys.executable, "-I", str(script), str(export), "--key", log.key]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing was changed" in done.stdout
    export.write_text(export.read_text().replace('"outcome":"permit"', '"outcome":"deny"', 1))
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "changed (leaf 0 to 0): the line of leaf 0 was changed" in done.stdout
    wrong = [*run[:-1], "hub.test/log+00000000+AAAA"]
    done = subprocess.run(wrong, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2


def test_erasing_a_child_leaves_the_tree_verifiable_and_everybody_else_as_they_were(
    log: Log,
) -> None:
    child = uuid4()
    log.grow(10)
    log.write(4, child=child)
    log.integrate()
    others = log.sql("select * from access_log where child <> :child order by id", child=child)
    with transaction(log.hub.engine) as tx:
        assert log_tree.erase_links(tx, child) == 4
    found = log.check()
    assert (found["ok"], found["erased"]) == (True, 4)
    assert str(child) not in "".join(log.export(links=True))
    assert log.sql("select * from access_log where child is not null order by id") == others
    assert log.sql("select count(*) from log_leaf where salt is null") == [(4,)]


def test_a_line_that_waits_for_the_tree_is_erased_after_it_came_in(log: Log) -> None:
    child = uuid4()
    log.write(2, child=child)
    for expected in (0, 2):
        with transaction(log.hub.engine) as tx:
            assert log_tree.erase_links(tx, child) == expected
        log.integrate()
    assert log.check()["erased"] == 2


@pytest.mark.parametrize("change", ["outcome = 'deny'", "at = now()", "child = null"])
def test_even_who_erases_may_change_nothing_else(log: Log, change: str) -> None:
    log.grow(2)
    update = text(f"set local deelregie.erases = 'lines'; update access_log set {change}")
    with pytest.raises(DBAPIError, match="append-only"), transaction(log.hub.engine) as tx:
        tx.execute(update)


BLANKED = (
    "actor = 'erased', child = null, resources = '{}', consents = '{}', correlation = null,"
    " basis = null"
)


@pytest.mark.parametrize("in_the_tree", [False, True])
def test_a_line_is_not_blanked_before_its_salt_was_destroyed_in_the_tree(
    log: Log, *, in_the_tree: bool
) -> None:
    log.write(2)
    if in_the_tree:
        log.integrate()
    update = text(f"set local deelregie.erases = 'lines'; update access_log set {BLANKED}")
    with pytest.raises(DBAPIError, match="append-only"), transaction(log.hub.engine) as tx:
        tx.execute(update)
    with transaction(log.hub.engine) as tx:
        tx.execute(text("update log_leaf set salt = null"))
        if in_the_tree:
            tx.execute(update)


def test_long_after_a_standstill_no_line_counts_as_late(log: Log) -> None:
    log.grow(5)
    log.write(5)
    log.at += timedelta(days=3)
    log.write(5)
    log.integrate()
    assert log.check()["ok"]
