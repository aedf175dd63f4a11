"""The rules of sharing, one table, in the order they are tested; the first that applies decides.

`when` asks about the whole request, `applies` about one segment; a row needs both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from consent import bars, consenting, gates, restrictions
from consent.granting import Case
from consent.model import Effect
from consent.reasons import REASONS, Reason
from consent.situation import Situation


class Tier(StrEnum):
    """The tiers in order; the legal routes (T2) have no rule in the table yet."""

    GATE = "T0"
    BAR = "T1"
    ROUTE = "T2"
    RESTRICTION = "T3"
    CONSENT = "T4"
    TEAM = "T5"
    DEFAULT = "T6"


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row: what it decides, when, and on which legal basis."""

    id: str
    tier: Tier
    effect: Effect
    basis: str
    """A key of the register of legal bases; article numbers live there, with their dates."""
    when: Callable[[Situation], bool] = _always
    applies: Callable[[Case], bool] = _always
    obligations: frozenset[str] = frozenset()
    silent: bool = False

    lets_go: bool = field(init=False)
    """Whether anything goes by this rule."""

    def __post_init__(self) -> None:
        # Worked out once for each row, not once for each segment.
        object.__setattr__(self, "lets_go", self.effect in {Effect.PERMIT, Effect.EXTRACT})

    @property
    def reason(self) -> Reason:
        """The plain words for a family, a source or an auditor."""
        return REASONS[self.id]


def _must(*obligations: str) -> frozenset[str]:
    return frozenset(obligations)


# The facts could not be read at all; reported by `decide` itself and never by a row.
UNREADABLE: Final = Rule(
    id="G0",
    tier=Tier.GATE,
    effect=Effect.WITHHOLD,
    basis="default-deny",
)

TABLE: Final[tuple[Rule, ...]] = (
    Rule(
        id="G1",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        when=gates.parties_unfit,
        basis="secure-identification",
    ),
    Rule(
        id="G2",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        when=gates.without_protocol,
        obligations=_must("alert_dpo"),
        basis="data-protocol",
    ),
    Rule(
        id="G3",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        when=gates.purpose_not_allowed,
        basis="purpose-limitation",
    ),
    Rule(
        id="G4",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        when=gates.without_care_relation,
        silent=True,
        basis="care-relation",
    ),
    Rule(
        id="G6",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        when=gates.may_be_mixed,
        applies=gates.cannot_be_told_apart,
        obligations=_must("extract_at_source"),
        basis="data-minimisation",
    ),
    Rule(
        id="G7",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        when=gates.identifiable_research,
        obligations=_must("offer_aggregate"),
        basis="data-minimisation",
    ),
    Rule(
        id="G5",
        tier=Tier.GATE,
        effect=Effect.WITHHOLD,
        applies=gates.outside_profile,
        basis="need-to-know",
    ),
    Rule(
        id="H1",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        when=bars.place_may_show,
        applies=bars.reveals_secret_place,
        obligations=_must("seal"),
        basis="secret-address",
    ),
    Rule(
        id="H2",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        when=bars.outside_court,
        applies=bars.piece_of_court,
        basis="judicial-data",
    ),
    Rule(
        id="H3",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        when=bars.to_judiciary,
        applies=bars.without_judicial_agreement,
        obligations=_must("refer_to_human"),
        basis="youth-help-judiciary-bar",
    ),
    Rule(
        id="H4",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        applies=bars.told_in_confidence,
        basis="confidence-of-third-parties",
    ),
    Rule(
        id="H7",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        when=bars.to_who_raises_the_child,
        applies=bars.intimate_health,
        obligations=_must("filter_log"),
        silent=True,
        basis="minors-own-health-care",
    ),
    Rule(
        id="H5",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        when=bars.others_may_show,
        applies=bars.about_somebody_else,
        basis="data-of-other-people",
    ),
    Rule(
        id="H6",
        tier=Tier.BAR,
        effect=Effect.WITHHOLD,
        when=bars.names_may_show,
        applies=bars.identifies,
        obligations=_must("pseudonym"),
        basis="national-number-authorisation",
    ),
    Rule(
        id="R1",
        tier=Tier.RESTRICTION,
        effect=Effect.WITHHOLD,
        when=restrictions.somebody_said_no,
        applies=restrictions.refused_by_subject,
        obligations=_must("confirm_to_family"),
        silent=True,
        basis="right-to-refuse",
    ),
    Rule(
        id="R2",
        tier=Tier.RESTRICTION,
        effect=Effect.WITHHOLD,
        when=restrictions.somebody_said_no,
        applies=restrictions.recipient_excluded,
        obligations=_must("confirm_to_family"),
        silent=True,
        basis="right-to-exclude",
    ),
    Rule(
        id="R7",
        tier=Tier.RESTRICTION,
        effect=Effect.WITHHOLD,
        when=restrictions.author_may_keep,
        applies=restrictions.kept_by_author,
        obligations=_must("reason_at_source"),
        basis="author-may-stay-silent",
    ),
    Rule(
        id="R5",
        tier=Tier.RESTRICTION,
        effect=Effect.HOLD,
        when=restrictions.disagreement_possible,
        applies=restrictions.carers_disagree,
        obligations=_must("re_decide", "offer_mediation"),
        basis="joint-parental-authority",
    ),
    Rule(
        id="R6",
        tier=Tier.RESTRICTION,
        effect=Effect.HOLD,
        when=restrictions.somebody_objected,
        applies=restrictions.gdpr_objection_pending,
        obligations=_must("re_decide"),
        basis="gdpr-objection",
    ),
    Rule(
        id="R8",
        tier=Tier.RESTRICTION,
        effect=Effect.HOLD,
        when=restrictions.capacity_unsettled,
        applies=restrictions.about_the_child,
        obligations=_must("re_decide"),
        basis="minors-capacity",
    ),
    Rule(
        id="K5",
        tier=Tier.CONSENT,
        effect=Effect.WITHHOLD,
        when=consenting.professional_asks,
        applies=consenting.names_somebody_else,
        basis="scope-of-consent",
    ),
    Rule(
        id="K6",
        tier=Tier.CONSENT,
        effect=Effect.WITHHOLD,
        when=consenting.team_matters,
        applies=consenting.not_on_care_team,
        basis="scope-of-consent",
    ),
    Rule(
        id="K7",
        tier=Tier.CONSENT,
        effect=Effect.WITHHOLD,
        when=consenting.consent_counts,
        applies=consenting.text_changed,
        obligations=_must("ask_again"),
        basis="informed-consent",
    ),
    Rule(
        id="K2",
        tier=Tier.CONSENT,
        effect=Effect.EXTRACT,
        when=consenting.asker_unbound,
        applies=consenting.granted,
        obligations=_must("extract", "no_onward"),
        basis="release-of-secrecy",
    ),
    Rule(
        id="K2b",
        tier=Tier.CONSENT,
        effect=Effect.PERMIT,
        when=consenting.for_entitlement,
        applies=consenting.granted,
        obligations=_must("minimum", "no_onward"),
        basis="release-of-secrecy",
    ),
    Rule(
        id="K1",
        tier=Tier.CONSENT,
        effect=Effect.PERMIT,
        when=consenting.consent_counts,
        applies=consenting.granted_by_all,
        obligations=_must("minimum", "no_onward"),
        basis="release-of-secrecy",
    ),
    Rule(
        id="K4",
        tier=Tier.CONSENT,
        effect=Effect.PERMIT,
        when=consenting.consent_counts,
        applies=consenting.granted_by_one_parent,
        obligations=_must("minimum", "no_onward", "tell_other_parent"),
        basis="good-faith-one-parent",
    ),
    Rule(
        id="K3",
        tier=Tier.CONSENT,
        effect=Effect.WITHHOLD,
        when=consenting.something_granted,
        applies=consenting.granted_other_classes,
        silent=True,
        basis="scope-of-consent",
    ),
    Rule(
        id="J1",
        tier=Tier.TEAM,
        effect=Effect.PERMIT,
        when=consenting.in_team,
        obligations=_must("minimum"),
        basis="joint-secrecy",
    ),
    Rule(id="T6", tier=Tier.DEFAULT, effect=Effect.WITHHOLD, silent=True, basis="default-deny"),
)

RULES: Final = MappingProxyType({rule.id: rule for rule in (UNREADABLE, *TABLE)})
SILENT: Final = frozenset({rule.id for rule in TABLE if rule.silent})
