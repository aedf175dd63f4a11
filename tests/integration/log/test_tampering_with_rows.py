"""PostgreSQL's superuser tampers with the rows of a real log, in every way, and is found out."""

from collections.abc import Iterator
from hashlib import sha256

import pytest

from gateway.embedded.postgres import Postgres
from gateway.exchange.audit.log_key import log_key
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import KeyKind, Note, SignerKey
from gateway.transparency.tree import TILE, Frontier
from gateway.transparency.verify_log import verify
from tests.integration.log.world import Log, a_log

SIZE, BATCHES = 600, 6
TABLES = ("access_log", "log_leaf", "log_tile", "log_checkpoint")
AT = 333
# The line of one leaf, and what lies between.
ENTRY = f"(select entry from log_leaf where index = {AT})"


@pytest.fixture(scope="module")
def grown(postgres_server: Postgres, template_database: str) -> Iterator[Log]:
    url = postgres_server.create_database("tampered", template=template_database)
    with a_log(postgres_server, url) as log:
        log.grow(SIZE, batches=BATCHES)
        for table in TABLES:
            log.sql(f"create table kept_{table} as select * from {table}")
        yield log
    postgres_server.drop_database("tampered")


@pytest.fixture
def log(grown: Log) -> Iterator[Log]:
    yield grown
    for table in TABLES:
        always = " overriding system value" if table == "access_log" else ""
        grown.sql(f"truncate {table} cascade")
        grown.sql(f"insert into {table}{always} select * from kept_{table}")


def findings(log: Log, *kept: str) -> list[tuple[str, int, int]]:
    return [(one["kind"], one["first"], one["last"]) for one in log.check(kept=kept)["findings"]]


COLUMNS = {
    "act": "'read_by_nobody'", "actor": "'somebody'", "partner": "'caw'", "role": "'x'",
    "purpose": "null", "child": "gen_random_uuid()", "resources": "'{x}'", "classes": "'{}'",
    "outcome": "'deny'", "rules": "'{}'", "consents": "'{}'", "correlation": "null",
    "basis": "'x'", "rules_version": "null", "at": "at - interval '1 microsecond'", "xid": "'1'",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_flipping_any_column_is_found_at_its_leaf(log: Log, column: str) -> None:
    log.sql(f"update access_log set {column} = {COLUMNS[column]} where id = {ENTRY}")
    assert findings(log) == [("changed", AT, AT)]


def test_deleting_a_line_is_found_at_its_leaf(log: Log) -> None:
    log.sql(f"delete from access_log where id = {ENTRY}")
    assert findings(log) == [("missing", AT, AT)]


def test_deleting_a_line_with_its_leaf_is_found_there(log: Log) -> None:
    log.sql(f"delete from access_log where id = {ENTRY}")
    log.sql(f"delete from log_leaf where index = {AT}")
    assert findings(log) == [("missing", AT, AT)]


def test_inserting_a_line_beside_the_tree_is_found(log: Log) -> None:
    columns = "at, act, actor, resources, classes, outcome, rules, consents, xid"
    log.sql(
        f"insert into access_log ({columns}) select at, act, 'me', '{{}}', '{{}}', outcome, '{{}}',"
        f" '{{}}', xid from access_log where id = {ENTRY}"
    )
    assert findings(log) == [("inserted", SIZE, SIZE)]


def test_swapping_two_lines_is_found_at_both(log: Log) -> None:
    log.sql("alter table log_leaf drop constraint uq_log_leaf_entry")
    log.sql(
        "update log_leaf f set entry = other.entry, salt = other.salt,"
        " commitment = other.commitment from log_leaf other"
        f" where (f.index, other.index) in (({AT}, {AT + 9}), ({AT + 9}, {AT}))"
    )
    log.sql("alter table log_leaf add constraint uq_log_leaf_entry unique (entry)")
    assert findings(log) == [("swapped", AT, AT), ("swapped", AT + 9, AT + 9)]


def test_truncating_the_log_is_found(log: Log) -> None:
    log.sql("truncate access_log")
    assert findings(log) == [("missing", 0, SIZE - 1)]


def test_truncating_everything_is_found_by_who_kept_a_checkpoint(log: Log) -> None:
    kept = log.newest()
    log.sql("truncate access_log, log_leaf, log_tile, log_checkpoint cascade")
    assert findings(log, kept) == [("rolled_back", 0, SIZE - 1)]


def test_cutting_off_the_end_is_found(log: Log) -> None:
    log.sql("delete from access_log where id in (select entry from log_leaf where index >= 550)")
    log.sql("delete from log_leaf where index >= 550")
    log.sql("delete from log_checkpoint where size > 500")
    kinds = {kind for kind, first, _ in findings(log) if first == 500}
    assert kinds == {"not_signed"}


def test_backdating_a_line_that_is_inserted_is_found(log: Log) -> None:
    entry = log.entry()
    columns = "at, act, actor, resources, classes, outcome, rules, consents"
    log.sql(
        f"insert into access_log ({columns}) values (:at, 'read', 'me', '{{}}', '{{}}', 'permit',"
        " '{}', '{}')",
        at=entry.at.replace(year=2025),
    )
    log.integrate()
    assert findings(log) == [("backdated", SIZE, SIZE)]


def test_a_hash_that_is_changed_beside_its_line_is_told_apart(log: Log) -> None:
    tile, place = divmod(AT, TILE)
    change = f"overlay(hashes placing '\\x00' from {place * 32 + 1})"
    log.sql(f"update log_tile set hashes = {change} where level = 0 and index = {tile}")
    assert findings(log) == [("hash_changed", AT, AT)]


def test_losing_a_tile_hides_no_line(log: Log) -> None:
    log.sql("delete from log_tile where level = 0 and index = 1")
    assert {kind for kind, *_ in findings(log)} == {"hash_changed"}


def test_rewriting_and_hashing_again_is_found_in_its_batch(log: Log) -> None:
    rewrite(log)
    assert findings(log) == [("rewritten", 300, 399)]


@pytest.mark.parametrize("own", [False, True])
def test_a_history_signed_again_is_found(log: Log, own: bool) -> None:
    kept = [row[0] for row in log.sql("select note from log_checkpoint order by size")]
    rewrite(log)
    key = log_key(log.hub) if own else SignerKey.generate("hub.test/log", KeyKind.LOG)
    sign_again(log, key)
    if own:
        assert findings(log) == []
        assert findings(log, kept[-1]) == [("forked", 0, SIZE - 1)]
        assert ("forked", 300, 399) in findings(log, *kept)
    else:
        assert ("not_signed", 300, 399) in findings(log)


@pytest.mark.parametrize("before", [0, 1])
def test_rolling_back_to_an_older_state_is_found_by_a_kept_checkpoint(
    log: Log, before: int
) -> None:
    kept = log.newest()
    log.sql("delete from access_log where id in (select entry from log_leaf where index >= 300)")
    log.sql("delete from log_leaf where index >= 300")
    log.sql("delete from log_checkpoint where size > 300")
    log.sql("update log_tile set hashes = substr(hashes, 1, 44 * 32) where level = 0 and index = 1")
    log.sql("delete from log_tile where level = 0 and index = 2")
    log.sql("update log_tile set hashes = substr(hashes, 1, 32) where level = 1")
    assert findings(log) == []
    if before:
        # Also when the log has grown past the old size since, with other lines.
        log.grow(400)
    assert [kind for kind, *_ in findings(log, kept)] == ["forked" if before else "rolled_back"]


def test_a_leaf_beyond_what_is_signed_is_found(log: Log) -> None:
    log.sql(
        "insert into log_leaf (index, entry, commitment) values (:index, 999999, 'x')", index=SIZE
    )
    assert ("not_signed", SIZE, SIZE) in findings(log)


def test_a_clean_log_has_no_findings_whatever_was_kept(log: Log) -> None:
    kept = [row[0] for row in log.sql("select note from log_checkpoint order by size")]
    found = verify(log.export(links=True), log.key, kept=kept)
    assert (found["ok"], found["findings"], found["opened"]) == (True, [], SIZE)


def rewrite(log: Log) -> None:
    """Change a line and everything below the root that the database's owner can make fit."""
    log.sql(f"update access_log set outcome = 'deny' where id = {ENTRY}")
    # What the changed line hashes to stands in an export of it.
    row = next(one for one in log.export() if one.startswith(f"+ {AT} "))
    leaf = sha256(b"\x00" + row.rstrip("\n").split(" ", 3)[3].encode()).digest()
    tile, place = divmod(AT, TILE)
    change = f"overlay(hashes placing :leaf from {place * 32 + 1})"
    log.sql(f"update log_tile set hashes = {change} where level = 0 and index = {tile}", leaf=leaf)


def sign_again(log: Log, key: SignerKey) -> None:
    tiles = log.sql("select hashes from log_tile where level = 0 order by index")
    hashes = b"".join(row[0] for row in tiles)
    frontier, roots = Frontier(), {}
    for at in range(0, len(hashes), 32):
        frontier.append(hashes[at : at + 32])
        roots[frontier.size] = frontier.root()
    for size, note in log.sql("select size, note from log_checkpoint where size > :at", at=AT):
        old = Checkpoint.of(Note.parse(note))
        new = Checkpoint(origin=key.name, size=size, root=roots[size], time=old.time)
        signed = str(Note(new.text, (key.sign(new.text),)))
        log.sql("update log_checkpoint set note = :note where size = :size", note=signed, size=size)
