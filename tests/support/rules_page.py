"""Writes docs/rules.md from the table and the register: `python -m tests.support.rules_page`.

A test compares the page with what this writes, so that it never says something else.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from consent.rules import TABLE, Rule, Tier
from schemas import read_data

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
REGISTER: dict[str, Any] = json.loads(read_data("legal", "bases.v1.json"))

_HEADINGS = {
    Tier.GATE: "T0 gates: may this flow exist at all?",
    Tier.BAR: "T1 bars: what no consent of another person lifts",
    Tier.ROUTE: "T2 legal routes: what the law itself carries, the exact segments only",
    Tier.RESTRICTION: "T3 restrictions: somebody said no, or something is unsettled",
    Tier.CONSENT: "T4 consent: those who decide let it go",
    Tier.TEAM: "T5 team: shared inside one team",
    Tier.DEFAULT: "T6 default: what no rule lets go, stays",
}
_NOTES = {
    Tier.ROUTE: (
        "L9 is tested before the bars. L3 is tested after H1, H6 and who reported, and before the"
        " other bars. L1 beyond the compulsory part is tested after T3, to which it yields."
    ),
}
_ROUTES = frozenset(rule.id for rule in TABLE if rule.tier is Tier.ROUTE)
_HEAD = """# The rules, one by one

Written from `consent/rules.py` and `schemas/legal/bases.v1.json`; do not edit by hand, run
`python -m tests.support.rules_page`. How the rules work together is in [consent.md](consent.md).
This is not legal advice.

Within a tier the rules stand in the order in which they are tested; the first that applies decides.
*Silent* looks like "nothing to share". *Unverified* is a citation that no source states as it
stands here, or a choice of the product: a lawyer has to confirm it. The marks in brackets and the
short names of laws are explained at the end; a day after a citation says how long it holds.

On a day on which none of the citations of its source holds, a rule that permits or gives an extract
does not exist; a rule that withholds or holds stays. K2, K2b and K4 need the source of K1 as well.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *(_tier(tier) for tier in Tier), _legend()])


def _legend() -> str:
    lines = ["## Laws and marks", "", "| Short | Stands for |", "|---|---|"]
    lines += [f"| {short} | {title} |" for short, title in REGISTER["laws"].items()]
    lines += [f"| [{mark}] | {meaning} |" for mark, meaning in REGISTER["marks"].items()]
    return "\n".join([*lines, ""])


def _tier(tier: Tier) -> str:
    ids = dict.fromkeys(rule.id for rule in TABLE if rule.tier is tier)
    lines = [f"## {_HEADINGS[tier]}", ""]
    if tier in _NOTES:
        lines += [_NOTES[tier], ""]
    lines += ["| Rule | Effect | Obligations | Why | Legal source |", "|---|---|---|---|---|"]
    lines += [_row([rule for rule in TABLE if rule.id == name]) for name in ids]
    return "\n".join([*lines, ""])


def _row(limbs: list[Rule]) -> str:
    rule = limbs[0]
    why = f"{rule.reason.nl}<br>*{rule.reason.en}*"
    cells = (f"**{rule.id}**", _effect(limbs), _obligations(limbs), why, _source(rule.basis))
    return f"| {' | '.join(cells)} |"


def _effect(limbs: list[Rule]) -> str:
    rule, events = limbs[0], [limb.waits_for for limb in limbs if limb.waits_for]
    parts = [f"{rule.effect}, silent" if rule.silent else str(rule.effect)]
    if events:
        parts.append(f"waits for {', '.join(f'`{event}`' for event in events)}")
    if rule.gives_way_to >= _ROUTES:
        parts.append("not where a rule of T2 decides")
    elif rule.gives_way_to:
        parts.append(f"not for what {', '.join(sorted(rule.gives_way_to))} carries")
    return "<br>".join(parts)


def _obligations(limbs: list[Rule]) -> str:
    always = frozenset[str].intersection(*(limb.obligations for limb in limbs))
    sometimes = frozenset[str]().union(*(limb.obligations for limb in limbs)) - always
    named = [f"`{name}`" for name in sorted(always)]
    return ", ".join([*named, *(f"sometimes `{name}`" for name in sorted(sometimes))])


def _source(basis: str) -> str:
    entry = REGISTER["bases"][basis]
    return f"{entry['title']['nl']}: " + "; ".join(_citations(entry["citations"]))


def _citations(citations: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield each citation in short, once."""
    shown = dict.fromkeys(_citation(one) for one in citations)
    yield from shown


def _citation(one: dict[str, Any]) -> str:
    article = f" art. {one['article']}" if one["article"] else ""
    days = "".join(f" {word} {one[word]}" for word in ("from", "until") if one[word])
    unverified = "" if one["verified"] else ", *unverified*"
    return f"{one['law']}{article}{days} [{' '.join(one['marks'])}]{unverified}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
