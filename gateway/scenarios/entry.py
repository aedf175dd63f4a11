"""Strict reading of one value or one set of keys; every complaint names file, line and key."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn, TypeVar

from consent.model import Moment
from gateway.scenarios.error import ScenarioError, use_one_of
from gateway.scenarios.yaml_tree import Items, Mapping, Scalar, Tree

T = TypeVar("T")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A value in its place, e.g. `consents[0].classes`, and the file it stands in."""

    file: str
    place: str
    tree: Tree

    def fail(
        self, problem: str, remedy: str, *, line: int | None = None, key: str = ""
    ) -> NoReturn:
        """Refuse the file for what stands here, or at a key of it."""
        place = ".".join(part for part in (self.place, key) if part)
        raise ScenarioError(
            file=self.file, line=line or self.tree.line, key=place, problem=problem, remedy=remedy
        )

    @property
    def empty(self) -> bool:
        """Whether a key has nothing behind it."""
        return isinstance(self.tree, Scalar) and self.tree.kind == "null"

    @property
    def text(self) -> str:
        """One word or text, as it was written."""
        if not isinstance(self.tree, Scalar) or self.empty:
            self.fail(f"`{self.place}` must be one word or text", "Write one, or leave the key out")
        return self.tree.text

    def word(self, words: Collection[str]) -> str:
        """One of the words this key knows."""
        text = self.text
        if text not in words:
            key = self.place.rpartition(".")[2]
            self.fail(f"unknown word `{text}` for `{key}`", use_one_of(text, words))
        return text

    def name(self, names: Collection[str], where: str) -> str:
        """A name that stands elsewhere in this file."""
        text = self.text
        if text not in names:
            self.fail(
                f"`{text}` does not stand under {where}",
                f"Add it there, or correct the name. {use_one_of(text, names)}",
            )
        return text

    @property
    def truth(self) -> bool:
        """True or false."""
        plain = isinstance(self.tree, Scalar) and self.tree.kind == "bool"
        known = _TRUTH.get(self.text.lower()) if plain else None
        if known is None:
            self.fail(f"`{self.place}` is a yes or no", "Write true or false, without quotes")
        return known

    @property
    def day(self) -> date:
        """A day, as 2026-03-01."""
        if not _DAY.fullmatch(self.text):
            self.fail(f"`{self.text}` is not a date", "Write year-month-day, as 2026-03-01")
        try:
            return date.fromisoformat(self.text)
        except ValueError:
            self.fail(f"impossible date `{self.text}`", "Write a day that is in the calendar")

    @property
    def instant(self) -> datetime:
        """An instant with its time zone."""
        if not _INSTANT.fullmatch(self.text):
            self.fail(f"`{self.text}` is not an instant", 'Write it as "2026-03-01T10:00:00+01:00"')
        try:
            found = datetime.fromisoformat(self.text)
        except ValueError:
            self.fail(f"impossible date or time `{self.text}`", "Write one that exists")
        if found.tzinfo is None:
            self.fail(f"`{self.place}` needs a time zone", "Add +01:00 (winter) or +02:00 (summer)")
        return found

    @property
    def moment(self) -> Moment:
        """A day or an instant."""
        return self.day if _DAY.fullmatch(self.text) else self.instant

    @property
    def items(self) -> tuple["Entry", ...]:
        """A list; an empty key is an empty list."""
        if self.empty:
            return ()
        if not isinstance(self.tree, Items):
            self.fail(f"`{self.place}` must be a list", "Write it as [one, two]")
        return tuple(
            Entry(file=self.file, place=f"{self.place}[{at}]", tree=tree)
            for at, tree in enumerate(self.tree.values)
        )

    @property
    def named(self) -> dict[str, "Entry"]:
        """Names chosen by the writer, each with what is told of it."""
        if self.empty:
            return {}
        if not isinstance(self.tree, Mapping):
            self.fail(f"`{self.place}` must hold keys and values", "Write it as name: {key: value}")
        return {
            key: Entry(
                file=self.file, place=f"{self.place}.{key}" if self.place else key, tree=tree
            )
            for key, tree in self.tree.values.items()
        }

    def keys(self, required: str, optional: str = "") -> "Keys":
        """The keys the format knows here, and no others."""
        title = self.place or "scenario"
        if not isinstance(self.tree, Mapping):
            self.fail(f"`{title}` must hold keys and values", "Write it as {key: value}")
        known = [*required.split(), *optional.split()]
        for key, line in self.tree.key_lines.items():
            if key not in known:
                problem = f"unknown key `{key}` in `{title}`"
                self.fail(problem, use_one_of(key, known), line=line, key=key)
        for key in required.split():
            if key not in self.tree.values:
                self.fail(f"key `{key}` is missing in `{title}`", f"Add `{key}: …`", key=key)
        return Keys(self, self.named)


@dataclass(frozen=True, slots=True)
class Keys:
    """The values of known keys; what was left out takes its default."""

    entry: Entry
    values: dict[str, Entry]

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def __getitem__(self, key: str) -> Entry:
        return self.values[key]

    def read(self, key: str, read: Callable[[Entry], T], default: T) -> T:
        """Read a key that may be left out."""
        return read(self.values[key]) if key in self.values else default

    def word(self, key: str, words: Collection[str], default: str) -> str:
        """One of the words the key knows."""
        return self.read(key, lambda entry: entry.word(words), default)

    def truth(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        return self.read(key, lambda entry: entry.truth, default)

    def moment(self, key: str) -> Moment | None:
        """A day or an instant, None when left out."""
        return self.read(key, lambda entry: entry.moment, None)

    def listed(self, key: str, read: Callable[[Entry], T]) -> tuple[T, ...]:
        """A list, each read the same way."""
        return self.read(key, lambda entry: tuple(read(one) for one in entry.items), ())


def any_or(entry: Entry, read: Callable[[Entry], str]) -> frozenset[str] | None:
    """One word, a list, or `any` (None)."""
    if not isinstance(entry.tree, Scalar):
        words: Iterable[str] = (read(one) for one in entry.items)
        return frozenset(words)
    return None if entry.text == "any" else frozenset([read(entry)])
