"""Who in a family decides about a child now, and is told what the hub does by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consent.authority import authority_over, capacity_of
from consent.model import Child
from gateway.clock import brussels_date
from gateway.exchange.facts import SELF, facts_for
from gateway.exchange.hub import Hub
from gateway.store import facts
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The people who may decide about one child."""

    child: Child
    own: frozenset[UUID]
    """The youngster's own person, when it is known."""
    holders: frozenset[UUID]
    """Who exercises parental authority, and foster parents to whom it was delegated."""
    capable: bool | None

    @property
    def right_holders(self) -> frozenset[UUID]:
        """Who decides today; nobody is known to when the age is not."""
        if self.capable is None:
            return frozenset()
        return self.own if self.capable else self.holders

    def parental(self, decisions: Iterable[ConsentRow]) -> tuple[ConsentRow, ...]:
        """Return the decisions that somebody took for the child."""
        return tuple(one for one in decisions if one.giver != SELF and one.person not in self.own)


def family_of(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> Family | None:
    """Return who decides about a child at an instant; None when it is unknown or erased."""
    stored = facts.load(tx, child, "")
    if stored is None:
        return None
    _, known = facts_for(stored, hub.vault, child, "", (), at=at)
    return Family(
        child=known.child,
        own=frozenset(UUID(str(row[0])) for row in stored.ties if row[1] == SELF),
        holders=frozenset(UUID(name) for name in authority_over(known.people).everyone),
        capable=capacity_of(known.child, brussels_date(at)).capable,
    )
