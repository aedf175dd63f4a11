"""Every single change of `consent/` that the operators of mutmut can make, and three of our own.

mutmut 3 itself leaves out what is no plain function: tables, enumerations, properties, decorated
functions. The rules of sharing are a table, so here its operators are applied to all of it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

# Installed by `make mutation` beside the environment, so that nobody else needs them.
import libcst as cst  # type: ignore[import-not-found]
from mutmut import configuration  # type: ignore[import-not-found]
from mutmut.mutation import file_mutation, mutators  # type: ignore[import-not-found]

from tests.mutation.results import Key

Operator = tuple[Any, Callable[[Any], Iterable[Any]]]
_OTHER: Final = {
    "PERMIT": "WITHHOLD",
    "WITHHOLD": "PERMIT",
    "HOLD": "WITHHOLD",
    "EXTRACT": "PERMIT",
    "GATE": "BAR",
    "BAR": "GATE",
    "ROUTE": "BAR",
    "RESTRICTION": "CONSENT",
    "CONSENT": "RESTRICTION",
    "TEAM": "CONSENT",
    "DEFAULT": "TEAM",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file with one change; `place` is the function or name it lies in."""

    path: str
    place: str
    was: str
    becomes: str
    source: str

    @property
    def key(self) -> Key:
        """What tells it from others, whatever line it stands on."""
        return self.path, self.place, self.was, self.becomes


def another_member(node: Any) -> Iterator[Any]:
    """Give an effect or a tier in the place of another."""
    if isinstance(node.value, cst.Name) and node.value.value in {"Effect", "Tier", "Outcome"}:
        yield node.with_changes(attr=cst.Name(_OTHER.get(node.attr.value, "DENY")))


def without_a_row(node: Any) -> Iterator[Any]:
    """Leave out a row of a table, and let two neighbours change places."""
    rows = list(node.elements)
    if len(rows) < 2 or not all(isinstance(row.value, cst.Call) for row in rows):
        return
    for place in range(len(rows)):
        yield node.with_changes(elements=[*rows[:place], *rows[place + 1 :]])
    for place in range(len(rows) - 1):
        values = [row.value for row in rows]
        values[place : place + 2] = reversed(values[place : place + 2])
        moved = [row.with_changes(value=one) for row, one in zip(rows, values, strict=True)]
        yield node.with_changes(elements=moved)


def otherwise(node: Any) -> Iterator[Any]:
    """Turn a condition round that no operator of mutmut changes."""
    if isinstance(node.test, cst.Name | cst.Attribute | cst.Call):
        bracketed = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), bracketed))


def another_text(node: Any) -> Iterator[Any]:
    """Take one of mutmut's three changes of a text: all three only say that it is another."""
    yield from list(mutators.operator_string(node))[:1]


def _operators() -> list[Operator]:
    kept = [one for one in mutators.mutation_operators if one[1] is not mutators.operator_string]
    own: list[Operator] = [
        (cst.BaseString, another_text),
        (cst.Attribute, another_member),
        (cst.Tuple, without_a_row),
        (cst.If, otherwise),
        (cst.CompIf, otherwise),
    ]
    return [*kept, *own]


def _skips(_visitor: Any, node: Any) -> bool:
    """Skip what says nothing at run time, and what would only break the import."""
    called = node.func.value if isinstance(node, cst.Call) and _is_name(node.func) else ""
    return called in {"len", "isinstance", "TypeVar"} or isinstance(
        node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom
    )


def _is_name(node: Any) -> bool:
    return isinstance(node, cst.Name)


def mutants_of(path: Path) -> list[Mutant]:
    """Make every mutant of a file, in the order of its text; those that change nothing left out."""
    configuration._config = SimpleNamespace(do_not_mutate_patterns=[])
    file_mutation.MutationVisitor._skip_node_and_children = _skips
    file_mutation.mutation_operators = _operators()
    code = path.read_text("utf-8")
    module, changes, *_ = file_mutation.create_mutations(str(path), code)
    text = _Text(path.as_posix(), module)
    found = (text.with_change(change) for change in changes)
    return _told_apart({one.source: one for one in found if one.source != code}.values())


def _told_apart(mutants: Iterable[Mutant]) -> list[Mutant]:
    """Number those that a key does not tell apart: the same change on a line that stands twice."""
    met: Counter[Key] = Counter()
    told = []
    for one in mutants:
        met[one.key] += 1
        again = met[one.key]
        told.append(replace(one, place=f"{one.place} #{again}") if again > 1 else one)
    return told


class _Text:
    """The text of a file by its statements, so that a change needs only one written anew."""

    def __init__(self, path: str, module: Any) -> None:
        self._path = path
        self._module = module
        self._parts = [module.code_for_node(one) for one in module.body]
        self._head = "".join(module.code_for_node(one) for one in module.header)
        self._foot = "".join(module.code_for_node(one) for one in module.footer)
        self._home = {id(node): place for place, one in enumerate(module.body) for node in _in(one)}

    def with_change(self, change: Any) -> Mutant:
        """Make the mutant of one change."""
        place = self._home[id(change.original_node)]
        whole = self._module.body[place]
        made = file_mutation.deep_replace(whole, change.original_node, change.mutated_node)
        before, part = self._parts[place], self._module.code_for_node(made)
        old, new = before.splitlines(), part.splitlines()
        first = _alike(old, new)
        last = _alike(old[first:][::-1], new[first:][::-1])
        return Mutant(
            path=self._path,
            place=_place(old, first),
            was=_joined(old[first : len(old) - last]),
            becomes=_joined(new[first : len(new) - last]),
            source="".join(
                [self._head, *self._parts[:place], part, *self._parts[place + 1 :], self._foot]
            ),
        )


def _in(node: Any) -> Iterator[Any]:
    yield node
    for child in node.children:
        yield from _in(child)


def _alike(one: list[str], other: list[str]) -> int:
    """Count the lines that are the same from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _place(lines: list[str], number: int) -> str:
    """Name the class and function, or the table, that a line lies in."""
    names: list[str] = []
    limit = 1_000
    for line in reversed(lines[: number + 1]):
        indent = len(line) - len(line.lstrip())
        word = line.split("(")[0].split(":")[0].split("=")[0].strip()
        if line.strip() and indent < limit and word.startswith(("def ", "class ")):
            names.append(word.split()[1])
            limit = indent
        elif line.strip() and indent == 0 and not line.startswith(")"):
            names.extend([word] if not names and word.isidentifier() else [])
            break
    return ".".join(reversed(names))
