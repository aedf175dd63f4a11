"""What a measurement found: shown as a row of one table, kept as a line of JSON."""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from gateway import clock

RESULTS = Path(".cache/bench/results.jsonl")
WIDTH = 130
HEADINGS = ("figure", "value", "floor", "beside", "yardstick", "ratio", "load")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """A plainer program that was measured in the same run, round by round."""

    name: str
    rounds: Sequence[float]

    @property
    def value(self) -> float:
        return median(self.rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity with its yardsticks; `more` holds what explains it."""

    name: str
    unit: str
    rounds: Sequence[float]
    load: tuple[float, float]
    yardsticks: tuple[Yardstick, ...] = ()
    floor: str = ""
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def value(self) -> float:
        return median(self.rounds)


class Book:
    """All figures of one run."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    def add(self, figure: Figure) -> None:
        """Show a figure and keep it."""
        self.figures.append(figure)
        show(table([figure], explained=True))
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        with RESULTS.open("a") as results:
            results.write(json.dumps(_kept(figure)) + "\n")


def load_now() -> float:
    """Return how many processes of this machine wanted a processor in the last minute."""
    return round(os.getloadavg()[0], 1)


def side_by_side(programs: Sequence[Callable[[], float]], *, rounds: int) -> list[list[float]]:
    """Run the programs in turn, round after round: what disturbs one disturbs its neighbour too."""
    found: list[list[float]] = [[] for _ in programs]
    for _ in range(rounds):
        for kept, program in zip(found, programs, strict=True):
            kept.append(program())
    return found


def timed(call: Callable[[], object]) -> float:
    """Return how many seconds a call took."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def show(*things: object) -> None:
    """Print, and wide enough where the output is no terminal."""
    console = Console()
    Console(width=None if console.is_terminal else WIDTH).print("", *things, sep="\n")


def table(figures: Sequence[Figure], *, explained: bool = False) -> Table:
    """Return the figures as a table."""
    shown = Table(*HEADINGS, box=SIMPLE)
    for figure in figures:
        first = (figure.name, f"{_short(figure.value)} {figure.unit}", figure.floor)
        load = f"{figure.load[0]} to {figure.load[1]}"
        beside = figure.yardsticks or (None,)
        for number, yardstick in enumerate(beside):
            start, end = (("", "", ""), "") if number else (first, load)
            shown.add_row(*start, *_compared(figure, yardstick), end)
        if explained:
            for name, value in figure.more.items():
                shown.add_row(f"  {name}", _short(value))
    return shown


def _compared(figure: Figure, yardstick: Yardstick | None) -> tuple[str, str, str]:
    if yardstick is None:
        return "", "", ""
    ratio = figure.value / yardstick.value if yardstick.value else float("nan")
    return yardstick.name, f"{_short(yardstick.value)} {figure.unit}", f"{ratio:.2f}"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _kept(figure: Figure) -> dict[str, object]:
    beside = [
        asdict(one) | {"value": one.value, "ratio": figure.value / one.value}
        for one in figure.yardsticks
        if one.value
    ]
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    now = clock.now().isoformat(timespec="seconds")
    return {"at": now, **asdict(figure), "value": figure.value, "yardsticks": beside, **machine}
