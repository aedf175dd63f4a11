"""What would have to be otherwise for a segment to go, and what alone would stop it.

Nothing here knows a rule: every answer is found by deciding again on changed facts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from consent.changes import Asked, Change, closings, facts_after, openings
from consent.decide import decide
from consent.model import Effect, Facts, Request, SegmentDecision

_GOES = frozenset({Effect.PERMIT, Effect.EXTRACT})
# Three decisions of three people is as much as a family can read in one sentence.
_MOST_AT_ONCE = 3
_MOST_TRIES = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """All these changes together, and what would then happen to the segment by which rule."""

    changes: tuple[Change, ...]
    effect: Effect
    rule: str


def would_go_if(
    request: Request, facts: Facts, segment_id: str, *, at: datetime
) -> tuple[Alternative, ...]:
    """Give the smallest sets of changes after which something of a withheld segment goes.

    Empty when the segment goes already, was not asked for, or when nothing people can do or
    settle would let it go.
    """
    asked = _asked(request, facts, segment_id, at)
    if asked is None or _goes(_decided(asked, facts)):
        return ()
    possible = openings(request, facts)
    everything = _alternative(possible, facts, asked)
    hopeful = everything is not None and _goes(everything)
    for size in range(1, (_MOST_AT_ONCE if hopeful else 2) + 1):
        if found := tuple(_that_open(_sets(possible, size), facts, asked)):
            return found
    return (_reduced(possible, facts, asked),) if hopeful else ()


def would_stop_if(
    request: Request, facts: Facts, segment_id: str, *, at: datetime
) -> tuple[Alternative, ...]:
    """Give each single withdrawal or refusal after which nothing of the segment goes any more."""
    asked = _asked(request, facts, segment_id, at)
    if asked is None or not _goes(_decided(asked, facts)):
        return ()
    tried = (_alternative((change,), facts, asked) for change in closings(facts))
    return tuple(one for one in tried if one is not None and not _goes(one))


def _asked(request: Request, facts: Facts, segment_id: str, at: datetime) -> Asked | None:
    for segment in facts.record.segments:
        if segment.id == segment_id:
            asked = Asked(request=request, segment=segment, at=at)
            return None if _decided(asked, facts) is None else asked
    return None


def _decided(asked: Asked, facts: Facts) -> SegmentDecision | None:
    return decide(asked.request, facts, at=asked.at).segments.get(asked.segment.id)


def _goes(part: SegmentDecision | Alternative | None) -> bool:
    return part is not None and part.effect in _GOES


def _alternative(changes: tuple[Change, ...], facts: Facts, asked: Asked) -> Alternative | None:
    part = _decided(asked, facts_after(changes, facts, asked))
    if part is None:
        return None
    return Alternative(changes=changes, effect=part.effect, rule=part.rule)


def _sets(possible: tuple[Change, ...], size: int) -> Iterator[tuple[Change, ...]]:
    # A file with very many decisions falls back on one way that is enough; see `_reduced`.
    for count, changes in enumerate(combinations(possible, size)):
        if count == _MOST_TRIES:
            return
        yield changes


def _that_open(
    sets: Iterable[tuple[Change, ...]], facts: Facts, asked: Asked
) -> Iterator[Alternative]:
    for changes in sets:
        found = _alternative(changes, facts, asked)
        if found is not None and _goes(found):
            yield found


def _reduced(possible: tuple[Change, ...], facts: Facts, asked: Asked) -> Alternative:
    """Leave out of everything whatever can be left out; what remains is all needed."""
    kept = possible
    while fewer := _one_less(kept, facts, asked):
        kept = fewer
    return next(_that_open([kept], facts, asked))


def _one_less(kept: tuple[Change, ...], facts: Facts, asked: Asked) -> tuple[Change, ...]:
    """The same without one that is not needed; empty when all are."""
    for change in kept:
        fewer = tuple(one for one in kept if one != change)
        if _goes(_alternative(fewer, facts, asked)):
            return fewer
    return ()
