"""What the theorems share: how many situations each is tried on, and what they say of them.

`DEELREGIE_THEOREMS` multiplies the number; `make nightly` tries fifty times as many.
"""

import os
from dataclasses import replace
from typing import Final

from hypothesis import settings

from consent.decide import decide
from consent.model import Consent, Decision
from tests.support.situations import Situation, reach, situations

_TIMES: Final = float(os.environ.get("DEELREGIE_THEOREMS", "1"))

# Inside a team joint secrecy needs no grant, so that a grant there can only explain a refusal.
OUTSIDE_TEAMS = situations(in_teams=False)
# Nobody invokes a legal route, and nobody asks to read a file: consent alone decides.
ON_CONSENT_ALONE = situations(in_teams=False, on_routes=False)
WITHOUT_CONSENT = {"J1", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"}
# The duty, the danger, the report and the conference do not ask what the family decided. What
# does ask: L1 beyond the compulsory part, L6, and L8 where a child keeps its confidant out.
WHATEVER_THE_FAMILY_SAID = {"L2", "L3", "L4", "L5", "L7"}


def tried_on(number: int) -> settings:
    """Try a theorem on so many situations, on a usual day."""
    return settings(max_examples=max(1, round(number * _TIMES)), deadline=None)


def with_consents(situation: Situation, *decisions: Consent) -> Situation:
    """The same situation, in which these decisions were made and no others."""
    return replace(situation, facts=replace(situation.facts, consents=decisions))


def everybody(situation: Situation) -> list[str]:
    """The child, everybody in the file and everybody a segment is about."""
    about = {name for one in situation.facts.record.segments for name in one.about}
    return sorted({"child", *situation.facts.people, *about})


def granted_by_everybody(situation: Situation) -> list[Consent]:
    """Everybody lets everything in the record go: what stays then, stays for another reason."""
    classes = frozenset(one.data_class for one in situation.facts.record.segments)
    return [
        Consent(id=f"all-{name}", by=name, effect="grant", classes=classes)
        for name in everybody(situation)
    ]


def answer(situation: Situation) -> Decision:
    return decide(situation.request, situation.facts, at=situation.at)


def never_wider(before: Situation, after: Situation) -> bool:
    was = reach(before)
    return all(how_far <= was[name] for name, how_far in reach(after).items())
