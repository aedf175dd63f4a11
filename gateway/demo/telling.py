"""How the demo tells its story and checks it: no claim is printed that did not hold."""

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from textwrap import wrap
from typing import Final, TypeVar

from rich.console import Console

from gateway.embedded.steps import Advance, ScreenSteps

# A file or a pipe has no width of its own; prose is wrapped there as on a usual screen.
PLAIN_WIDTH: Final = 96
WIDEST: Final = 96
INDENT: Final = 4
PATIENCE_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.1

T = TypeVar("T")


class DemoFailure(Exception):
    """Something did not happen as it was told; says what was expected and what came instead."""

    def __init__(self, claim: str, *, wanted: object, got: object) -> None:
        super().__init__(f"{claim}\n  expected: {wanted}\n  got:      {got}")


class Teller:
    """Tells the story on a screen or into a file, and counts what it checked."""

    def __init__(self, console: Console | None = None) -> None:
        width = None if sys.stdout.isatty() else PLAIN_WIDTH
        self._console = console or Console(width=width, emoji=False, highlight=False)
        self._mark = "✓" if self._console.encoding.startswith("utf") else "ok"
        self._engines = ScreenSteps(self._console)
        self.checked = 0

    def step(self, number: int, title: str) -> None:
        """Print the heading of a step."""
        self._console.print(f"\n{number:2}. {title}", style="bold", markup=False)

    def tell(self, text: str) -> None:
        """Print a paragraph, wrapped to the screen; addresses and commands in it stay whole."""
        width = min(self._console.width, WIDEST) - INDENT
        for line in wrap(text, width, break_long_words=False, break_on_hyphens=False):
            self._line(line)

    def say(self, text: str) -> None:
        """Print what an engine does now (the engines call this)."""
        self._line(f". {text}", style="dim")

    def typed(self, command: str) -> None:
        """Print a command as somebody would type it, never broken."""
        self._line(f"$ {command}", style="cyan")

    def shows(self, lines: Iterable[str]) -> None:
        """Print what a program or a page shows, line by line, never cut."""
        for line in lines:
            self._line(f"| {line}", style="dim")

    def check(self, claim: str, *, got: object, wanted: object = True) -> None:
        """Print the claim if it holds; raise `DemoFailure` if it does not."""
        if got != wanted:
            raise DemoFailure(claim, wanted=wanted, got=got)
        self.checked += 1
        self._line(f"{self._mark} {claim}", style="green")

    def end(self, text: str) -> None:
        """Print the last line, with how much was checked on the way."""
        self._console.print(f"\n{text}; {self.checked} checks.", style="bold green", markup=False)

    def failed(self, text: str) -> None:
        """Print what went wrong."""
        self._console.print(f"\n{text}", style="bold red", markup=False, soft_wrap=True)

    def download(self, text: str, total: int) -> AbstractContextManager[Advance]:
        """Show a bar while an engine is downloaded (the engines call this)."""
        return self._engines.download(text, total)

    def _line(self, text: str, *, style: str = "") -> None:
        line = f"{'':{INDENT}}{text}"
        self._console.print(line, style=style, markup=False, soft_wrap=True)


def wait_for(claim: str, find: Callable[[], T | None], *, seconds: float = PATIENCE_SECONDS) -> T:
    """Return what is found as soon as there is something; the deadline only bounds a failure."""
    deadline = time.monotonic() + seconds
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise DemoFailure(claim, wanted=f"within {seconds:.0f} seconds", got="it did not come")
        time.sleep(PAUSE_SECONDS)
    return found
