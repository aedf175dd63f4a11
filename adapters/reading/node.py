"""A source document as a tree of named places; XML and JSON look the same from here."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_DEPTH = 100

_ODD_SPACE = re.compile(r"[^\S \r\n\t]")
_SPELLED_OUT = re.compile(r"[\w-]{1,64}")
_POSITIONS = re.compile(r"(?:\[[0-9]+\])+$")
_DIGITS = re.compile(r"[0-9]+")
_LOOKS_LIKE_A_NUMBER = re.compile(r"[0-9]{6}")


class Field(NamedTuple):
    """One leaf of a source: where it stands and what it says.

    A named tuple, since a large file has millions: it takes half the time to make.
    """

    path: str
    place: str
    name: str
    text: str


class Node(NamedTuple):
    """A place in a source document; `own` is its text when it has any of its own."""

    name: str
    path: str
    own: Field | None
    children: tuple["Node", ...] = ()

    @property
    def number(self) -> str:
        """Which one it is of those of its name, counted from one as people do; "1" if alone."""
        # A place in a JSON array counts from zero, an element among its siblings from one.
        found = _POSITIONS.search(self.path)
        first = 1 if self.path.startswith("$") else 0
        return ".".join(str(int(n) + first) for n in _DIGITS.findall(found[0])) if found else "1"

    def node(self, name: str) -> "Node | None":
        """The first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def nodes(self, name: str) -> Iterator["Node"]:
        """Every child of that name, in document order."""
        return (child for child in self.children if child.name == name)

    def at(self, *names: str) -> "Node | None":
        """Descend by name; None as soon as a step is missing."""
        here: Node | None = self
        for name in names:
            here = here.node(name) if here else None
        return here

    def field(self, *names: str) -> Field | None:
        """The leaf reached by descending by name."""
        found = self.at(*names)
        return found.own if found else None

    def fields(self, *names: str) -> tuple[Field, ...]:
        """Every leaf at or below the place reached by descending by name."""
        found = self.at(*names)
        return tuple(found.leaves()) if found else ()

    def leaves(self) -> Iterator[Field]:
        """Every leaf at or below this place, in document order."""
        waiting: list[Node] = [self]
        while waiting:
            here = waiting.pop()
            if here.own:
                yield here.own
            if here.children:
                waiting.extend(reversed(here.children))


def clean(text: str) -> str:
    """Trim, and turn spaces FHIR strings do not know into ordinary ones."""
    # The only space among printable characters is the ordinary one.
    return (text if text.isprintable() else _ODD_SPACE.sub(" ", text)).strip()


@lru_cache(maxsize=4096)
def shown(name: str, position: int) -> str:
    """A field name fit for an account; one that may itself be personal data becomes a number."""
    if _SPELLED_OUT.fullmatch(name) and not _LOOKS_LIKE_A_NUMBER.search(name):
        return name
    return f"field-{position}"
