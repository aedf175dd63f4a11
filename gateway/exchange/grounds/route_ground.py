"""The legal route behind a row of the outbox or a message, as the engine's ground for deciding.

Read again each time something goes: a route that was ended, or whose time is over, has no ground.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from consent.model import Ground, SegmentDecision
from gateway.exchange.grounds.route_record import Json
from gateway.exchange.hub import Hub
from gateway.fhir.capability import READ_TYPES
from gateway.store import children, routes
from gateway.store.engine import Transaction
from gateway.store.resources import StoredResource

SPEAKER: Final = "holder"
"""Who invokes it, in the engine's facts: somebody of the source; the name is in the record."""
HOLD_OF_TRANSFER: Final = "R4"
# Nobody speaks of a guess, or of a document that mixes people, as if it were known.
_NOT_SPOKEN: Final = frozenset({"hypothesis", "unsplittable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRoute:
    """A route on which something may still go."""

    id: UUID
    source: str
    purpose: str
    ground: Ground

    def carries(self, parts: Iterable[StoredResource]) -> list[StoredResource]:
        """Return what the holder that invoked it may speak of: its own statements only."""
        return [part for part in parts if may_be_spoken(part, self.source)]


def running(tx: Transaction, hub: Hub, route: UUID, *, at: datetime) -> RunningRoute | None:
    """Return the route with its ground; None when nothing may go on it any more.

    The caller holds the child's lock.
    """
    row = routes.find(tx, route)
    if row is None or not row.complete or not routes.runs(row, at=at):
        return None
    key = children.key_of(tx, hub.vault, row.child)
    if key is None:
        return None
    written = orjson.loads(routes.content_of(key, row))["record"]
    return RunningRoute(
        id=row.id, source=row.source, purpose=row.purpose, ground=ground_of(row.ground, written)
    )


def waits(decision: SegmentDecision) -> bool:
    """Whether a resource waits for the days to object: the only hold that time alone ends."""
    return decision.effect == "hold" and decision.rule == HOLD_OF_TRANSFER


def ground_of(kind: str, written: Json) -> Ground:
    """Return the ground behind a complete record."""
    return Ground(
        kind=kind,
        invoked_by=SPEAKER,
        record="complete",
        attempts=tuple(date.fromisoformat(one["date"]) for one in written.get("attempts", ())),
        answer=written.get("outcome", "none"),
        notified_on=_day(written.get("notified_on")),
        due_from=_day(written.get("due_from")),
        waived=written.get("waived") is True,
    )


def may_be_spoken(part: StoredResource, source: str) -> bool:
    """Whether a resource is this source's own statement, in a form that can leave the hub."""
    if part.partner != source or _NOT_SPOKEN & part.flags:
        return False
    # Who is warned must know whom it is about: a name and a birth date go, never a number.
    return part.type in READ_TYPES or (part.type, part.data_class) == ("Patient", "identity")


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
