"""What the two people who decide about an erasure see: every request, and what one would destroy.

Nothing here changes anything; asking, confirming and refusing are in `erase_child`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from gateway.clock import brussels_date
from gateway.exchange.calendar.age_dates import birth_date
from gateway.exchange.erasure.erase_child import VALID, Decider, in_the_way, refusal_of, words_of
from gateway.exchange.erasure.reduce_originals import traces_of
from gateway.exchange.erasure.retention import kept_until
from gateway.exchange.families.answer_notice import KEPT_FOR, OUTCOMES
from gateway.exchange.hub import Hub
from gateway.store import (
    children,
    erasing,
    erasure_counts,
    erasures,
    notice_answers,
    originals,
    partners,
    retained,
)
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.vault import AUDITORS

MOST_SHOWN: Final = 100
State: TypeAlias = Literal["waiting", "over", "rejected", "confirmed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureLine:
    """One request; the child is the auditors' pseudonym."""

    id: UUID
    child: str
    ground: str
    asked_by: str
    asked_at: datetime
    until: datetime
    """When nobody can confirm it any more."""
    decided_by: str | None
    decided_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What one source said, and how long the register asks to keep it."""

    source: str
    period: str | None
    """The entry of the register that keeps it longest; None when none is known."""
    over: bool | None
    """Whether it is over, or None when that cannot be told.

    No day and no year: many a period ends on a birthday, and auditors know none of a pseudonym.
    """
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What confirming would do now: numbers and codes, never content."""

    goes: Mapping[str, int]
    originals: int
    """Files that speak, or may speak, of the child: the most that are opened and sealed again."""
    services: int
    """How many are told to remove what they received."""
    stays: Mapping[str, int]
    duties: tuple[Duty, ...]
    in_the_way: str | None
    """Why nobody can confirm it at this moment, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyAnswer:
    """What a service that was told of an erasure says that it did with its copy."""

    service: str
    outcome: str | None
    """`erased`, `kept_by_law` or `nothing_held`; None while it did not answer."""
    kept_for: str | None
    """Of what is kept: the code of the ground that the service names."""
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureFile:
    """One request with its words, as one of the two sees it."""

    line: ErasureLine
    reason: str
    """Empty once the child's key is gone."""
    refusal: str
    consequences: Consequences | None
    """Only of what waits."""
    not_you: str | None
    """Why this person cannot be who confirms it, or None."""
    answers: tuple[CopyAnswer, ...] = ()
    """Of who was told, once the child is erased."""


def every_erasure(hub: Hub, *, at: datetime) -> tuple[ErasureLine, ...]:
    """Return what waits, and then the newest of what was decided or is over, newest first."""
    with transaction(hub.engine) as tx:
        rows = erasures.newest(tx, valid=VALID, at=at, limit=MOST_SHOWN)
        return tuple(_line(hub, row, at) for row in rows)


def find_erasure(hub: Hub, wanted: UUID, by: Decider, *, at: datetime) -> ErasureFile | None:
    """Return one request, or None when there is none under this id."""
    with transaction(hub.engine) as tx:
        row = erasures.find(tx, wanted)
        if row is None:
            return None
        line = _line(hub, row, at)
        waits = line.state == "waiting"
        reason, refusal = words_of(tx, hub, row)
        return ErasureFile(
            line=line,
            reason=reason,
            refusal=refusal,
            consequences=_consequences(tx, hub, row, brussels_date(at)) if waits else None,
            not_you=refusal_of(row, by) if waits else None,
            answers=_answers(tx, row) if line.state == "confirmed" else (),
        )


def _answers(tx: Transaction, row: AnyRow) -> tuple[CopyAnswer, ...]:
    return tuple(
        CopyAnswer(
            service=one.name,
            outcome=OUTCOMES[one.done] if one.done else None,
            kept_for=f"{KEPT_FOR}{one.basis}" if one.basis else None,
            at=one.answered_at,
        )
        for one in notice_answers.told_at(tx, row.child, row.decided_at)
    )


def _line(hub: Hub, row: AnyRow, at: datetime) -> ErasureLine:
    over: State = "waiting" if row.asked_at > at - VALID else "over"
    return ErasureLine(
        id=row.id,
        child=hub.vault.pairwise(AUDITORS, row.child),
        ground=row.ground,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        until=row.asked_at + VALID,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        state=row.decision or over,
    )


def _consequences(tx: Transaction, hub: Hub, row: AnyRow, today: date) -> Consequences:
    child, names = row.child, traces_of(tx, hub, row.child).names
    told = {partners.successor(tx, one.partner) for one in erasing.received(tx, child)}
    return Consequences(
        goes=erasure_counts.goes(tx, child),
        originals=len(originals.with_child(tx, child, names)),
        services=len(told),
        stays=erasure_counts.stays(tx, child),
        duties=_duties(tx, hub, child, today),
        in_the_way=in_the_way(tx, child, asked_at=row.asked_at),
    )


def _duties(tx: Transaction, hub: Hub, child: UUID, today: date) -> tuple[Duty, ...]:
    facts = children.facts_of(tx, hub.vault, child)
    held = retained.statements_of(tx, child)
    found = kept_until(held, birth_date(facts.born) if facts else None)
    counted = Counter[tuple[str, str | None, bool | None]]()
    for one in held:
        period, day = found[one.id]
        counted[one.source or "", period, day <= today if day else None] += 1
    rows = sorted(counted.items(), key=lambda row: tuple(map(str, row[0])))
    return tuple(
        Duty(source=source, period=period, over=over, count=count)
        for (source, period, over), count in rows
    )
