"""Step 12: the log is checked without the hub, and a line that its owner changed is found."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import create_engine, text

from gateway.demo.partners import CLB
from gateway.demo.telling import wait_for
from gateway.demo.terminal import Terminal
from gateway.demo.world import TELLTALES, World
from gateway.store.engine import AnyRow, transaction

EXPORT: Final = "log.txt"
FOUND: Final = 1
FINDING: Final = re.compile(r"^(\w+) \(leaf (\d+) to (\d+)\)", re.MULTILINE)
REFUSED: Final = text("""
select l.id, f.index from access_log l join log_leaf f on f.entry = l.id
 where l.partner = :partner and l.act = 'key_release' and l.outcome = 'deny' order by l.id limit 1
""")
CHANGE: Final = text("update access_log set outcome = :outcome where id = :line")
# The log refuses every change; whoever owns the table can switch that off.
UNGUARDED: Final = text("alter table access_log disable trigger user")
GUARDED: Final = text("alter table access_log enable trigger user")


def check_log(world: World) -> None:
    """Verify an export with nothing but the public key; then change one line and find it."""
    teller = world.teller
    teller.tell(
        "Who looked stands in the log. Did somebody change the log? The auditor gets it as a file, "
        "and once the log's public key. She checks it on her own machine, without the hub."
    )
    key = world.operator.run("log", "public-key").strip()
    world.operator.show(teller, "log", "export", EXPORT)
    # Settings of nobody: no hub, no database, no key that opens or signs anything.
    outsider = Terminal(folder=world.folder, settings={})
    told = outsider.show(teller, "verify-log", EXPORT, "--key", key)
    teller.check("nothing was changed", got=told.splitlines()[-1], wanted="nothing was changed")
    export = (world.folder / EXPORT).read_text(encoding="utf-8")
    teller.check(
        "the file names nobody", got=[word for word in TELLTALES if word in export], wanted=[]
    )
    _find_the_change(world)


def _find_the_change(world: World) -> None:
    teller = world.teller
    with _one_line_changed(world) as leaf:
        teller.tell(
            "Now the owner of the database changes one line: that the CLB was refused a key. "
            "It says that the key was given."
        )
        told = world.operator.show(teller, "verify-log", code=FOUND)
    teller.check(
        f"it is found, and where: leaf {leaf}, and no other line",
        got=FINDING.findall(told),
        wanted=[("changed", f"{leaf}", f"{leaf}")],
    )


@contextmanager
def _one_line_changed(world: World) -> Iterator[int]:
    """Change a line of the log as its owner, and give its leaf; afterwards it is as it was."""
    engine = create_engine(world.where.database_url)

    def change(line: int, outcome: str) -> None:
        with transaction(engine) as tx:
            tx.execute(UNGUARDED)
            tx.execute(CHANGE, {"line": line, "outcome": outcome})
            tx.execute(GUARDED)

    def refused() -> AnyRow | None:
        with transaction(engine) as tx:
            return tx.execute(REFUSED, {"partner": CLB.id}).first()

    try:
        # A line is in the tree some seconds after it was written.
        line, leaf = wait_for("the CLB's refusal is in the tree", refused)
        change(line, "permit")
        try:
            yield int(leaf)
        finally:
            change(line, "deny")
    finally:
        engine.dispose()
