"""How the engines tell what they are doing: on a screen with rich, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

Advance: TypeAlias = Callable[[int], None]


class Steps(Protocol):
    """Somebody who is told of each step."""

    def say(self, text: str) -> None:
        """Take one line about what happens now."""
        ...

    def download(self, text: str, total: int) -> AbstractContextManager[Advance]:
        """Show a bar of `total` bytes; the function given back advances it."""
        ...


class SilentSteps:
    """Tells nobody; for tests and programs that print their own story."""

    def say(self, text: str) -> None:
        """Keep silent."""

    @contextmanager
    def download(self, text: str, total: int) -> Iterator[Advance]:
        """Count in silence."""
        del text, total
        yield lambda _done: None


class ScreenSteps:
    """Tells a person at a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        """Print the step."""
        self._console.print(f"[dim]·[/dim] {text}", highlight=False)

    @contextmanager
    def download(self, text: str, total: int) -> Iterator[Advance]:
        """Show a progress bar while something is downloaded."""
        columns = (TextColumn("  {task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, TransferSpeedColumn(), console=self._console) as bar:
            task = bar.add_task(text, total=total)
            yield lambda done: bar.advance(task, done)
