"""Where the first engine is known to differ from the text, until it is mended.

Every entry names a fault of `consent/` with the sentence of the rules it goes against. An entry
explains a difference only where it is that fault and nothing else; take it out with the fault.
"""

from collections.abc import Callable
from dataclasses import replace

from consent.model import CHILD, Consent, Decision, Segment, ToPerson
from tests.second_engine.ledger import Refusal, instant_of, is_refusal, lifts
from tests.second_engine.random_situations import Situation

Ask = Callable[[Situation], Decision]


def is_known(situation: Situation, first: Ask, second: Ask) -> bool:
    """Tell whether every segment that differs is explained by an entry below."""
    one, other = first(situation), second(situation)
    if one.segments.keys() != other.segments.keys():
        return False
    differing = [
        segment
        for segment in situation.facts.record.segments
        if segment.id in one.segments and one.segments[segment.id] != other.segments[segment.id]
    ]
    return bool(differing) and all(
        _kept_from_a_parent_who_does_not_read(situation, segment, one, other)
        or _rests_on_an_ended_grant(situation, segment, first, second)
        for segment in differing
    )


def _kept_from_a_parent_who_does_not_read(
    situation: Situation, segment: Segment, one: Decision, other: Decision
) -> bool:
    """R7 is about a parent "who reads by the child's grant": the capable child's, on its own data.

    Nothing goes either way; the first engine says R7 where no parent reads.
    """
    to, people = situation.request.to, situation.facts.people
    return (
        isinstance(to, ToPerson)
        and to.person != CHILD
        and to.person in people
        and people[to.person].relation == "parent"
        and segment.data_class == "agogic_exception"
        and (one.segments[segment.id].rule, other.segments[segment.id].effect)
        in {("R7", "withhold"), ("R7", "hold")}
    )


def _rests_on_an_ended_grant(
    situation: Situation, segment: Segment, first: Ask, second: Ask
) -> bool:
    """ "A later general refusal ends earlier specific grants" (section 3).

    Once a newer grant lifts the refusal, the first engine rests on the ended grants as well; with
    those left out of the file it agrees.
    """
    cited = first(situation).segments[segment.id].consents
    consents = situation.facts.consents
    kept = tuple(c for c in consents if c.id not in cited or not _is_ended(c, consents))
    without = replace(situation, facts=replace(situation.facts, consents=kept))
    answers = [ask(without).segments[segment.id] for ask in (first, second)]
    return answers == [second(situation).segments[segment.id]] * 2


def _is_ended(grant: Consent, consents: tuple[Consent, ...]) -> bool:
    refusals = (Refusal(c, instant_of(c), withdrawn=False) for c in consents if c.by == grant.by)
    return any(is_refusal(no.consent) and not lifts(grant, no) for no in refusals)
