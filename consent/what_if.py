"""Who can see this record, and who could if somebody granted more; decided, never guessed.

Each service is asked about as a delivery to that service. A professional who opens it there is
decided again, and sees the same or less.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from consent.decide import decide
from consent.model import Consent, Decision, Facts, Request, ToService


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A grant that somebody thinks of giving; classes None means any that need no naming."""

    by: str
    classes: frozenset[str] | None
    to: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one service may see now, and what it might see after."""

    before: Decision
    after: Decision


def who_can_see(request: Request, facts: Facts, *, at: datetime) -> Mapping[str, Decision]:
    """Decide for every service but the source what it may see, for the purpose of the request."""
    return {
        name: decide(delivery_to(name, request), facts, at=at)
        for name in facts.services
        if name != facts.record.source
    }


def preview(
    given: Iterable[Given], request: Request, facts: Facts, *, at: datetime
) -> Mapping[str, Preview]:
    """Decide for every service what it may see before and after these grants."""
    before = who_can_see(request, facts, at=at)
    after = who_can_see(request, facts_if_granted(given, request, facts, at=at), at=at)
    return {name: Preview(before=before[name], after=after[name]) for name in before}


def delivery_to(service: str, request: Request) -> Request:
    """Give the same question for another recipient, the whole record asked for.

    A legal route is for the recipient it was invoked for, so nobody else inherits it.
    """
    to = ToService(service)
    ground = request.ground if request.to == to else None
    return replace(request, to=to, classes=None, ground=ground)


def facts_if_granted(
    given: Iterable[Given], request: Request, facts: Facts, *, at: datetime
) -> Facts:
    """Give the facts with these grants added, for the purpose and the source of the request."""
    added = tuple(
        Consent(
            id=f"what-if-{number}",
            by=one.by,
            effect="grant",
            classes=one.classes,
            purpose=request.purpose,
            from_services=frozenset({facts.record.source}),
            to=one.to,
            since=at,
        )
        for number, one in enumerate(given)
    )
    return replace(facts, consents=(*facts.consents, *added))
