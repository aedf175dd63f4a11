"""The clock is read at the edges, once per use case; the rest is told what time it is."""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from tests.architecture.project import Module, module, modules

ALLOWED = "gateway/clock.py"
EVERYWHERE = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}
# The shell may measure how long something takes; the pure packages may not know time at all.
PURE = {"time.time", "time.time_ns", "time.monotonic", "time.localtime", "time.gmtime"}
LAST_WORDS = {name.rpartition(".")[2] for name in EVERYWHERE | PURE}


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for, so that an alias hides nothing."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.asname or one.name: one.name for one in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return names


def clock_reads(code: Module) -> Iterator[str]:
    """Yield each place that reads the clock where it may not."""
    names = imported_names(code.tree)
    forbidden = EVERYWHERE if code.package == "gateway" else EVERYWHERE | PURE
    aliases = {alias for alias, meant in names.items() if meant in forbidden}
    for node in ast.walk(code.tree):
        if _may_read(node, aliases):
            head, dot, tail = ast.unparse(node).partition(".")
            meant = names.get(head, head) + dot + tail
            if meant in forbidden and isinstance(node.ctx, ast.Load):
                yield f"{code.path}:{node.lineno} reads the clock ({meant})"


def _may_read(node: ast.AST, aliases: set[str]) -> TypeGuard[ast.Attribute | ast.Name]:
    """Tell by its last word whether a name is worth writing out, which is slow."""
    if isinstance(node, ast.Name):
        return node.id in aliases
    return isinstance(node, ast.Attribute) and node.attr in LAST_WORDS


def test_clock_is_read_in_one_place() -> None:
    found = [read for code in modules() if code.path != ALLOWED for read in clock_reads(code)]
    assert found == [], f"take `at` as an argument, or gateway.clock.now() at an edge: {found}"


def test_a_read_of_the_clock_would_be_found() -> None:
    for bad in (
        "import datetime\nx = datetime.datetime.now()\n",
        "from datetime import datetime as d\nx = d.utcnow()\n",
        "from datetime import date\nf = date.today\n",
        "from time import time\nx = time()\n",
    ):
        assert list(clock_reads(module(bad))), bad


def test_the_shell_may_measure_how_long_something_takes() -> None:
    code = "import time\nx = time.monotonic()\n"
    assert not list(clock_reads(module(code, "gateway/streams/relay.py")))
    assert list(clock_reads(module(code, "consent/decide.py")))
