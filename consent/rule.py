"""What one row of the table of rules says."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from consent.granting import Case
from consent.model import Effect, SegmentDecision
from consent.outline import Outline
from consent.reasons import REASONS, Reason
from consent.situation import Situation

_NOTHING: frozenset[str] = frozenset()


class Tier(StrEnum):
    """The tiers, in the order in which they speak."""

    GATE = "T0"
    BAR = "T1"
    ROUTE = "T2"
    RESTRICTION = "T3"
    CONSENT = "T4"
    TEAM = "T5"
    DEFAULT = "T6"


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what it decides, when, and on which legal basis.

    A rule with several limbs has several rows under one id, with one effect and one basis.
    `when` asks about the request as a whole, `invoked` about the legal route that it invokes,
    `applies` about one segment.
    """

    id: str
    tier: Tier
    effect: Effect
    basis: str
    """A key of the register of legal bases; article numbers live there, with their dates."""
    _: KW_ONLY
    when: Callable[[Outline], bool] = _always
    invoked: Callable[[Situation], bool] = _always
    """A row that asks this speaks only where a legal route is invoked."""
    applies: Callable[[Case], bool] = _always
    obligations: frozenset[str] = _NOTHING
    silent: bool = False
    gives_way_to: frozenset[str] = _NOTHING
    """The legal routes for which this gate or bar stands aside."""
    waits_for: str = ""
    """The event after which a hold is decided again."""

    on_route: bool = field(init=False)
    """Whether the row speaks only where a legal route is invoked."""
    lets_go: bool = field(init=False)
    """Whether anything goes by this rule."""
    plain: SegmentDecision = field(init=False)
    """The answer of this rule where nothing of the segment adds to it."""

    def __post_init__(self) -> None:
        # Worked out once for each row, not once for each segment.
        object.__setattr__(self, "lets_go", self.effect in {Effect.PERMIT, Effect.EXTRACT})
        object.__setattr__(self, "on_route", self.invoked is not _always)
        plain = SegmentDecision(
            self.effect, self.id, self.obligations, basis=self.basis, waits_for=self.waits_for
        )
        object.__setattr__(self, "plain", plain)

    @property
    def reason(self) -> Reason:
        """The plain words for a family, a source or an auditor."""
        return REASONS[self.id]
