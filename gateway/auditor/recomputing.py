"""Carries out `deelregie recompute`: asks the hub's database, and tells what came of it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import typer

from consent.edition import EDITION
from gateway import clock
from gateway.exchange.audit.recompute import WRONG, Recomputed, Result, Wanted, recompute
from gateway.opening import opened

DIFFERENT, UNUSABLE, OTHER_RULES = 1, 2, 3
OPERATOR: Final = "operator"
# Of many lines only those that somebody should look at are shown.
QUIET: Final = frozenset({Result.EQUAL, Result.UNDECIDED, Result.ERASED})
WORDS: Final = {
    Result.EQUAL: "equal",
    Result.DIFFERS: "different",
    Result.MISSING: "without the facts it rests on",
    Result.ERASED: "about a child that was erased",
    Result.OTHER_RULES: "decided by other rules",
    Result.UNDECIDED: "nothing that the rules decided",
}


def run(wanted: Wanted, *, todays_rules: bool, as_json: bool) -> int:
    """Print what came of it; return the exit code."""
    with opened(UNUSABLE) as hub:
        at = clock.now()
        found = list(recompute(hub, wanted, by=OPERATOR, at=at, todays_rules=todays_rules))
    absent = sorted(set(wanted.lines) - {one.line for one in found})
    if absent:
        typer.echo(f"the log has no line {', '.join(map(str, absent))}", err=True)
        return UNUSABLE
    if as_json:
        typer.echo(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    else:
        for text in _as_text(found, every_line=bool(wanted.lines)):
            typer.echo(text)
    return _exit_code(found)


def _exit_code(found: Iterable[Recomputed]) -> int:
    results = {one.result for one in found}
    if results & WRONG:
        return DIFFERENT
    return OTHER_RULES if Result.OTHER_RULES in results else 0


def _summary(found: Iterable[Recomputed]) -> dict[Result, int]:
    results = [one.result for one in found]
    return {one: results.count(one) for one in Result}


def _as_json(found: Sequence[Recomputed]) -> dict[str, Any]:
    lines = [
        {
            "line": one.line,
            "at": _instant(one.at),
            "result": one.result,
            "differs": one.differs,
            "edition": one.edition,
            "release": one.release,
            "log": asdict(one.said),
            "again": asdict(one.again) if one.again else None,
        }
        for one in found
    ]
    return {"edition": EDITION, "summary": _summary(found), "lines": lines}


def _as_text(found: Sequence[Recomputed], *, every_line: bool) -> Iterator[str]:
    for one in found:
        if every_line or one.result not in QUIET:
            yield from _line(one)
    counts = [f"{count} {WORDS[result]}" for result, count in _summary(found).items() if count]
    yield f"lines: {', '.join(counts) or 'none'}"


def _line(one: Recomputed) -> Iterator[str]:
    yield f"{one.line:10}  {_instant(one.at)}  {one.said.act:12}  {WORDS[one.result]}{_rules(one)}"
    for name in one.differs:
        if one.again is None:
            yield f"{'':12}{name}: not what was written"
            continue
        logged, again = (_told(getattr(said, name)) for said in (one.said, one.again))
        yield f"{'':12}{name}: the log says {logged}; decided again: {again}"


def _rules(one: Recomputed) -> str:
    if one.result is not Result.OTHER_RULES:
        return ""
    first = f"the first release with it is {one.release}" if one.release else "not known here"
    return f", edition {one.edition}: {first}"


def _told(value: str | tuple[str, ...] | None) -> str:
    return (value if isinstance(value, str) else ", ".join(value or ())) or "nothing"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
