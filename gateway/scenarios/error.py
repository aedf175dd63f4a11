"""What is wrong in a scenario file, where, and how to mend it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches

MOST_WORDS = 40


@dataclass(kw_only=True, eq=False)
class ScenarioError(Exception):
    """A file that is not a scenario: `line` counts from 1, `key` is a path such as `child.born`.

    `line` is None for what concerns a whole file or folder, `key` is empty outside any key.
    """

    file: str
    line: int | None
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        key = f", key `{self.key}`" if self.key else ""
        return f"{place}{key}: {self.problem}. {self.remedy}."

    def as_json(self) -> dict[str, object]:
        """Give the parts by name, for a program."""
        return asdict(self)


def use_one_of(word: str, words: Iterable[str]) -> str:
    """Tell what may stand there, the likeliest first."""
    known = sorted(words)
    close = get_close_matches(word, known, n=1)
    meant = f"Did you mean `{close[0]}`? " if close else ""
    if not known:
        return "Nothing may stand here"
    more = ", …" if len(known) > MOST_WORDS else ""
    return f"{meant}Use one of: {', '.join(known[:MOST_WORDS])}{more}"
