"""A YAML text as a tree in which every key and value knows its line.

Values stay the text that was written: what a word means is up to the key it belongs to. Anchors,
merges, tags and repeated keys are refused, because a reader could take them for something else.
"""

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from gateway.scenarios.error import ScenarioError

MOST_BYTES = 1_000_000
_PLAIN = "tag:yaml.org,2002:"
_KINDS = frozenset(
    ["str", "bool", "null", "int", "float", "timestamp", "map", "seq", "value", "merge"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One word or text; `kind` is how YAML reads it when nobody quotes it: str, bool, null."""

    line: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    line: int
    values: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values; `key_lines` tells where each key stands."""

    line: int
    values: dict[str, "Tree"] = field(default_factory=dict[str, "Tree"])
    key_lines: dict[str, int] = field(default_factory=dict[str, int])


Tree = Scalar | Items | Mapping


def read_tree(path: Path) -> Tree:
    """Read one file; a ScenarioError names its line when it is no plain YAML in UTF-8."""
    text = _text_of(path)
    reader = _Reader(path.name)
    try:
        root = yaml.compose(text, _WithoutAnchors)
        if root is not None:
            return reader.tree(root, "")
    except yaml.MarkedYAMLError as problem:
        raise reader.error(_line_of(problem), "", _words_of(problem), _MEND_YAML) from problem
    except yaml.reader.ReaderError as problem:
        line = text[: int(problem.position)].count("\n") + 1
        wrong = "this holds a character that may not stand in YAML"
        raise reader.error(line, "", wrong, "Take the character out") from problem
    except (ValueError, OverflowError) as problem:
        wrong = "this holds a number or character that YAML cannot mean"
        raise reader.error(
            1, "", wrong, "Look for an escape or a directive, take it out"
        ) from problem
    except RecursionError as problem:
        wrong = "this is nested too deep"
        raise reader.error(1, "", wrong, "Write it flatter, as in the examples") from problem
    raise reader.error(1, "", "the file is empty", "Write a scenario in it, or take it away")


_MEND_YAML = "Mend the line; the indent or a `:`, quote or bracket is often the cause"


def _text_of(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        wrong, remedy = "the file cannot be opened", "See that it exists and may be read"
        raise _whole(path, None, wrong, remedy) from problem
    if len(raw) > MOST_BYTES:
        raise _whole(path, None, "the file is too large", "One scenario is one short file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        wrong, remedy = "this is not UTF-8", "Save the file as UTF-8"
        raise _whole(path, line, wrong, remedy) from problem


def _whole(path: Path, line: int | None, problem: str, remedy: str) -> ScenarioError:
    return ScenarioError(file=path.name, line=line, key="", problem=problem, remedy=remedy)


def _line_of(problem: yaml.MarkedYAMLError) -> int:
    mark = problem.problem_mark or problem.context_mark
    return 1 if mark is None else int(mark.line) + 1


def _words_of(problem: yaml.MarkedYAMLError) -> str:
    return f"this is not YAML: {problem.problem or problem.context or 'it cannot be read'}"


class _WithoutAnchors(yaml.SafeLoader):
    """An alias could repeat or contain itself, and no scenario needs one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            wrong = "anchors and aliases (`&`, `*`) are not used here; write it out"
            raise yaml.MarkedYAMLError(problem=wrong, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str

    def error(self, line: int, key: str, problem: str, remedy: str) -> ScenarioError:
        return ScenarioError(file=self.file, line=line, key=key, problem=problem, remedy=remedy)

    def tree(self, node: yaml.Node, place: str) -> Tree:
        line = node.start_mark.line + 1
        kind = node.tag.removeprefix(_PLAIN)
        if kind not in _KINDS:
            raise self.error(line, place, f"unknown tag `{node.tag}`", "Write it without a tag")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            values = (self.tree(one, f"{place}[{at}]") for at, one in enumerate(node.value))
            return Items(line=line, values=tuple(values))
        return Scalar(line=line, text=node.value, kind=kind)

    def _mapping(self, node: yaml.MappingNode, place: str) -> Mapping:
        found = Mapping(line=node.start_mark.line + 1)
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise self.error(line, place, "a key must be one word", "Write `key: value`")
            key = key_node.value
            path = f"{place}.{key}" if place else key
            if key in found.values:
                before = found.key_lines[key]
                wrong = f"key `{key}` stands twice, the first time on line {before}"
                raise self.error(line, path, wrong, "Take one of them away")
            found.values[key] = self.tree(value, path)
            found.key_lines[key] = line
        return found
