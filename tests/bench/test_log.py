"""The access log's tree: what a line costs, how fast it is integrated, verified and proven.

1,000,000 lines unless BENCH_LINES says otherwise.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import quantiles
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.audit.export_log import log_rows
from gateway.exchange.audit.integrate_log import integrate
from gateway.exchange.audit.log_key import log_key
from gateway.exchange.audit.prove_log import prove_consistency, prove_inclusion
from gateway.exchange.hub import Hub
from gateway.store import access_log
from gateway.store.access_log import Entry
from gateway.store.engine import transaction
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side, timed
from tests.support.engines import database_url, postgres_server, template_database
from tests.support.told_story import a_hub

__all__ = ["database_url", "postgres_server", "template_database"]

LINES = int(os.environ.get("BENCH_LINES", "1000000"))
ROUNDS, WRITES, PROOFS = 5, 400, 300
# The verifier as a program of its own, which ends with the most memory that it had (Linux), in kB.
MEASURED = """
import pathlib, runpy, sys
code = 0
try:
    runpy.run_path("gateway/transparency/verify_log.py", run_name="__main__")
except SystemExit as end:
    code = end.code
status = pathlib.Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
sys.exit(code)
"""
# As many lines as there would be, of the usual length, without writing each by itself.
FILL = """
insert into access_log (at, act, actor, partner, role, purpose, child, resources, classes, outcome,
                        rules, consents, rules_version)
select now() - (:n - one) * interval '1 millisecond', 'read', 'clb-voorbeeldstreek',
       'clb-voorbeeldstreek', 'system', 'care', gen_random_uuid(),
       array[gen_random_uuid()::text || '/1', gen_random_uuid()::text || '/2'],
       array['functional', 'diagnosis'], 'permit', array['J1'], array[gen_random_uuid()], '2026-11'
  from generate_series(1, :n) one
"""
# The same table without what the tree needs of a line.
PLAIN = f"""
create table plain_log as select {access_log._NAMES} from access_log with no data;
alter table plain_log add column id bigint generated always as identity primary key;
create index on plain_log (child, id);
create index on plain_log (partner, id)
"""


@dataclass(frozen=True)
class Grown:
    """A hub whose log has very many lines in the tree, and how long that took."""

    hub: Hub
    lines_a_second: float
    export: Path


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    made = a_hub(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def grown(hub: Hub, tmp_path: Path) -> Grown:
    with transaction(hub.engine) as tx:
        tx.execute(text(FILL), {"n": LINES})
    seconds = timed(lambda: drain(hub))
    file = tmp_path / "export.log"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(log_rows(hub))
    return Grown(hub, LINES / seconds, file)


def drain(hub: Hub) -> None:
    while integrate(hub, at=clock.now()).more:
        pass


def an_entry() -> Entry:
    return Entry(
        at=clock.now(),
        act="read",
        actor="clb-voorbeeldstreek",
        partner="clb-voorbeeldstreek",
        role="system",
        purpose="care",
        child=uuid4(),
        resources=(f"{uuid4()}/1", f"{uuid4()}/2"),
        classes=("functional", "diagnosis"),
        rules=("J1",),
        consents=(uuid4(),),
        outcome="permit",
        rules_version="2026-11",
    )


def test_a_line_of_the_log_beside_a_plain_insert(hub: Hub, book: Book) -> None:
    with transaction(hub.engine) as tx:
        for statement in PLAIN.split(";"):
            tx.execute(text(statement))
    url = hub.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    plain = str(access_log._INSERT).replace("access_log", "plain_log").replace(":lines", "%s")
    before = load_now()
    with psycopg.connect(url, prepare_threshold=2) as connection:

        def bare(statement: str) -> float:
            def write() -> None:
                for _ in range(WRITES):
                    connection.execute(statement.encode(), [access_log._json([an_entry()])])
                    connection.commit()

            return WRITES / timed(write)

        logged = plain.replace("plain_log", "access_log")
        names = (lambda: bare(logged), lambda: bare(plain))
        with_tree, without = side_by_side(names, rounds=ROUNDS)
    book.add(
        Figure(
            name="lines of the log written, one in each transaction",
            unit="/s",
            rounds=with_tree,
            load=(before, load_now()),
            yardsticks=(Yardstick(name="INSERT without what the tree needs", rounds=without),),
        )
    )


def test_integrating_verifying_and_proving(grown: Grown, book: Book) -> None:
    before = load_now()
    book.add(
        Figure(
            name=f"lines brought into the tree, of {LINES}",
            unit="/s",
            rounds=[grown.lines_a_second],
            load=(before, load_now()),
        )
    )
    verified(grown, book)
    proven(grown, book)


def verified(grown: Grown, book: Book) -> None:
    before = load_now()
    run = [sys.executable, "-c", MEASURED, str(grown.export), "--key"]
    run.append(str(log_key(grown.hub).verifier))
    said: list[str] = []

    def verify() -> None:
        done = subprocess.run(run, check=True, capture_output=True, text=True)
        said.append(done.stdout.splitlines()[-1])

    seconds = timed(verify)
    megabytes = int(said[0]) / 1000
    size = grown.export.stat().st_size / 1e6
    book.add(
        Figure(
            name=f"an export of {LINES} lines verified",
            unit="s",
            rounds=[seconds],
            load=(before, load_now()),
            more={"megabytes of memory at most": megabytes, "megabytes read": size},
        )
    )


def proven(grown: Grown, book: Book) -> None:
    dice = Random(4)
    for name, prove in (
        ("inclusion", lambda: prove_inclusion(grown.hub, dice.randrange(LINES), LINES)),
        ("consistency", lambda: prove_consistency(grown.hub, dice.randrange(1, LINES), LINES)),
    ):
        before = load_now()
        rounds = [1000 * timed(prove) for _ in range(PROOFS)]
        book.add(
            Figure(
                name=f"a proof of {name} in a tree of {LINES}",
                unit="ms",
                rounds=rounds,
                load=(before, load_now()),
                more={"99 % are faster than": quantiles(rounds, n=100)[98]},
            )
        )
