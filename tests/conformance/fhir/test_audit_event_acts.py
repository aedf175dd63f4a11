"""Every act that the hub can write in its log has a pattern: found in the code, not in a list."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gateway.fhir.audit_event_acts import ACT, FAMILY_ONLY, PATTERNS
from gateway.i18n import codes_of
from schemas import read_data
from tests.architecture.project import ROOT, Module, document, module, table_rows

ENTRY = "Entry"
DEEPEST = 8


class Unknown(Exception):
    """An act that this test cannot follow to its words."""


@cache
def shell() -> tuple[Module, ...]:
    """The files that write lines, or call what does."""
    found = {file: file.read_text("utf-8") for file in sorted((ROOT / "gateway").rglob("*.py"))}
    return tuple(
        module(text, file.relative_to(ROOT).as_posix())
        for file, text in found.items()
        if "access_log" in text or "gateway.exchange" in text
    )


def name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


@dataclass(frozen=True)
class Call:
    """A call, and the function and module that it stands in."""

    code: Module
    function: ast.FunctionDef | None
    node: ast.Call


@cache
def calls() -> dict[str, list[Call]]:
    """Every call of the shell, by the name of what is called."""
    found: dict[str, list[Call]] = {}
    for code in shell():
        waiting: list[tuple[ast.AST, ast.FunctionDef | None]] = [(code.tree, None)]
        while waiting:
            node, function = waiting.pop()
            if isinstance(node, ast.Call):
                found.setdefault(name_of(node.func), []).append(Call(code, function, node))
            inner = node if isinstance(node, ast.FunctionDef) else function
            waiting += [(one, inner) for one in ast.iter_child_nodes(node)]
    return found


def written(code: Module, function: ast.FunctionDef | None, act: ast.expr, deep: int) -> set[str]:
    """Return the words that an expression can stand for."""
    if deep > DEEPEST:
        raise Unknown(f"{code.path}:{act.lineno}")
    match act:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return written(code, function, one, deep) | written(code, function, other, deep)
        case ast.JoinedStr(values=parts):
            made = {""}
            for part in parts:
                more = part.value if isinstance(part, ast.FormattedValue) else part
                words = written(code, function, more, deep)
                made = {f"{before}{after}" for before in made for after in words}
            return made
        case ast.Call(func=ast.Attribute(value=ast.Name(id=table), attr="get"), args=[_, usual]):
            return set(values_of(code, table)) | written(code, function, usual, deep)
        case ast.Name(id=name):
            return named(code, function, name, act, deep)
    raise Unknown(f"{code.path}:{act.lineno}")


def named(
    code: Module, function: ast.FunctionDef | None, name: str, act: ast.expr, deep: int
) -> set[str]:
    """Follow a name to a parameter of its function, a local, or a constant of a module."""
    if function and name in parameters(function):
        return passed(code, function, name, deep)
    for within in (function, code.tree):
        if within and (values := assigned(within, name)):
            return {word for one in values for word in written(code, function, one, deep + 1)}
    for node in ast.walk(code.tree):
        if isinstance(node, ast.ImportFrom) and name in [one.name for one in node.names]:
            path = f"{(node.module or '').replace('.', '/')}.py"
            home = next(one for one in shell() if one.path == path)
            return named(home, None, name, act, deep + 1)
    raise Unknown(f"{code.path}:{act.lineno}")


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def assigned(within: ast.AST, name: str) -> list[ast.expr]:
    found: list[ast.expr] = []
    for node in ast.walk(within):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        for target in targets(node):
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=True)
                found += [value for one, value in pairs if name_of(one) == name]
            elif name_of(target) == name:
                found.append(node.value)
    return found


def targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def values_of(code: Module, table: str) -> Iterator[str]:
    """Yield the words in a table of the module."""
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and table in map(name_of, targets(node)):
            for one in ast.walk(node):
                if isinstance(one, ast.Dict):
                    yield from (ast.literal_eval(value) for value in one.values)


def passed(home: Module, function: ast.FunctionDef, name: str, deep: int) -> set[str]:
    """Return what every caller gives for a parameter."""
    order = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    found: set[str] = set()
    for call in calls().get(function.name, []):
        if function.name.startswith("_") and call.code is not home:
            continue
        given = [one.value for one in call.node.keywords if one.arg == name]
        if name in order:
            place = order.index(name)
            given += call.node.args[place : place + 1]
        for one in given:
            found |= written(call.code, call.function, one, deep + 1)
    if not found:
        raise Unknown(f"{home.path}:{function.lineno}")
    return found


def acts_in_the_code() -> set[str]:
    found: set[str] = set()
    for call in calls()[ENTRY]:
        for act in (one.value for one in call.node.keywords if one.arg == "act"):
            found |= written(call.code, call.function, act, 0)
    return found


def test_every_act_has_a_pattern_and_every_pattern_an_act() -> None:
    acts = acts_in_the_code()
    assert {"read", "search", "key_release", "consent_annulled", "partner_suspended"} <= acts
    assert sorted(acts - set(PATTERNS)) == [], "each needs a row in PATTERNS"
    assert set(PATTERNS) - acts == FAMILY_ONLY


def test_every_act_that_pages_name_has_a_pattern() -> None:
    assert set(codes_of("act")) - set(PATTERNS) == set()


def test_the_published_code_system_holds_exactly_these_words() -> None:
    published = json.loads(read_data("fhir", "CodeSystem-access-log-act.json"))
    assert published["url"] == ACT
    assert [one["code"] for one in published["concept"]] == list(PATTERNS)
    assert published["count"] == len(PATTERNS)


def test_the_document_says_how_each_act_reads() -> None:
    told = {}
    for row in table_rows(document("docs/access-log.md")):
        for act in re.findall("`([a-z_]+)`", row.get("acts", "")):
            told[act] = (row["pattern"], row["type and subtype"], row["action"], row["claims"])
    assert set(told) == set(PATTERNS)
    for act, (name, codes, actions, claims) in told.items():
        pattern = PATTERNS[act]
        assert (name, claims.strip("`")) == (pattern.name, pattern.profile or ""), act
        assert {one.code for one in (pattern.type, *pattern.subtypes)} <= set(
            re.findall("`([^`]+)`", codes)
        ), act
        assert pattern.action in actions.split(", "), act
