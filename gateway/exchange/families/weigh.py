"""Weighs a family's question about stored parts: what the engine says, and what would change it.

Nothing is handed over here: the answers are words about a decision. They are taken through the one
door that asks the engine about stored data, `gateway.exchange.disclose`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from consent.changes import Change, openings
from consent.model import Consent, Decision, Facts, Request, SegmentDecision
from gateway.exchange.disclose import IfGiven, changes_of, decide_for_family, decide_only
from gateway.exchange.facts import facts_for
from gateway.exchange.hub import Hub
from gateway.store.facts import StoredFacts
from gateway.store.resources import StoredResource

# With more to settle than this nobody is helped by a list, and the search would take long.
_MOST_OPENINGS: Final = 24
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the engine says about parts of one source, on which facts."""

    request: Request
    facts: Facts
    decision: Decision
    parts: tuple[StoredResource, ...]
    at: datetime

    def by_own(self, part: UUID, person: str) -> SegmentDecision:
        """Return what would be decided about this part if only this person had decided anything."""
        own = tuple(one for one in self.facts.consents if one.by == person)
        alone = decide_only(self.request, replace(self.facts, consents=own), at=self.at)
        return alone.segments[str(part)]

    def changed_by(self, part: UUID) -> tuple[tuple[Change, ...], ...]:
        """Return what would let this part go, the smallest sets; or what alone would stop it."""
        kept = tuple(one for one in self.facts.record.segments if one.id == str(part))
        only = replace(self.facts, record=replace(self.facts.record, segments=kept))
        if len(openings(self.request, only)) > _MOST_OPENINGS:
            return ()
        return changes_of(self.request, only, str(part), at=self.at)


def weigh(
    hub: Hub,
    stored: StoredFacts,
    request: Request,
    parts: Iterable[StoredResource],
    *,
    at: datetime,
    given: Iterable[IfGiven] = (),
) -> Iterator[Weighed]:
    """Weigh parts per source, as if these grants were given too."""
    imagined = tuple(given)
    by_source: dict[str, list[StoredResource]] = defaultdict(list)
    for part in parts:
        by_source[part.partner].append(part)
    for source, its in by_source.items():
        _, known = facts_for(stored, hub.vault, stored.child, source, its, at=at)
        known = _replaced(known, imagined, request, at)
        facts, decision = decide_for_family(imagined, request, known, at=at)
        yield Weighed(request=request, facts=facts, decision=decision, parts=tuple(its), at=at)


def _replaced(known: Facts, given: tuple[IfGiven, ...], request: Request, at: datetime) -> Facts:
    """A grant takes the place of earlier ones; what it leaves out of those stops."""
    if not given:
        return known
    ended = tuple(
        replace(one, withdrawn=at - _MOMENT) if _is_replaced(one, given, request) else one
        for one in known.consents
    )
    return replace(known, consents=ended)


def _is_replaced(one: Consent, given: tuple[IfGiven, ...], request: Request) -> bool:
    running = one.effect == "grant" and one.withdrawn is None
    return running and any(
        one.by == new.by and one.to == new.to and one.purpose == request.purpose for new in given
    )
