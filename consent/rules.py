"""The rules of sharing, one table, in the order they are tested; the first that applies decides.

`when` asks about the whole request, `invoked` about the legal route it invokes, `applies` about one
segment; a row needs all it has. A rule with several limbs has several rows. A gate or bar that
`gives_way_to` a legal route stands aside where that route decides the segment; L9 is answered
before the bars, so that its marker is kept.
"""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from consent import bars, consenting, gates, restrictions, routes, transfer
from consent.model import Effect
from consent.rule import Rule, Tier

__all__ = ["RULES", "SILENT", "TABLE", "UNREADABLE", "Rule", "Tier", "still_valid"]


def _these(*names: str) -> frozenset[str]:
    return frozenset(names)


_EVERY_ROUTE: Final = _these("L1", "L2", "L3", "L4", "L5", "L6", "L6b", "L7", "L8", "L9")

# The facts could not be read at all; reported by `decide` itself and never by a row.
UNREADABLE: Final = Rule("G0", Tier.GATE, Effect.WITHHOLD, "default-deny")

# A table reads best with one row in few lines.
# fmt: off
TABLE: Final[tuple[Rule, ...]] = (
    # T0: may this flow exist at all?
    Rule("G1", Tier.GATE, Effect.WITHHOLD, "secure-identification",
         when=gates.parties_unfit),
    Rule("G2", Tier.GATE, Effect.WITHHOLD, "data-protocol",
         when=gates.without_protocol, obligations=_these("alert_dpo"),
         gives_way_to=_these("L3", "L7")),
    Rule("G3", Tier.GATE, Effect.WITHHOLD, "purpose-limitation",
         when=gates.purpose_not_allowed),
    Rule("G4", Tier.GATE, Effect.WITHHOLD, "care-relation",
         when=gates.without_care_relation, silent=True, gives_way_to=_EVERY_ROUTE),
    Rule("G6", Tier.GATE, Effect.WITHHOLD, "data-minimisation",
         when=gates.may_be_mixed, applies=gates.cannot_be_told_apart,
         obligations=_these("extract_at_source")),
    Rule("G7", Tier.GATE, Effect.WITHHOLD, "data-minimisation",
         when=gates.identifiable_research, obligations=_these("offer_aggregate")),
    Rule("G5", Tier.GATE, Effect.WITHHOLD, "need-to-know",
         applies=gates.outside_profile, gives_way_to=_these("L1", "L2", "L3", "L7")),
    Rule("L9", Tier.ROUTE, Effect.WITHHOLD, "right-to-warn-prosecutor",
         invoked=routes.prosecutor_to_be_warned, obligations=_these("marker_only")),
    # T1: no consent of another person lifts these.
    Rule("H1", Tier.BAR, Effect.WITHHOLD, "secret-address",
         when=bars.place_may_show, applies=bars.reveals_secret_place, obligations=_these("seal")),
    Rule("H2", Tier.BAR, Effect.WITHHOLD, "judicial-data",
         when=bars.outside_court, applies=bars.piece_of_court, gives_way_to=_these("L3")),
    Rule("H3", Tier.BAR, Effect.WITHHOLD, "youth-help-judiciary-bar",
         when=bars.to_judiciary, applies=bars.without_judicial_agreement,
         obligations=_these("refer_to_human"), gives_way_to=_these("L3")),
    # What was told in confidence gives way to L3; who reported never does. H4 tells them apart.
    Rule("H4", Tier.BAR, Effect.WITHHOLD, "confidence-of-third-parties",
         applies=bars.told_in_confidence),
    Rule("H7", Tier.BAR, Effect.WITHHOLD, "minors-own-health-care",
         when=bars.to_who_raises_the_child, applies=bars.intimate_health,
         obligations=_these("filter_log"), silent=True, gives_way_to=_these("L3")),
    Rule("H5", Tier.BAR, Effect.WITHHOLD, "data-of-other-people",
         when=bars.others_may_show, applies=bars.about_somebody_else, gives_way_to=_these("L3")),
    Rule("H6", Tier.BAR, Effect.WITHHOLD, "national-number-authorisation",
         when=bars.names_may_show, applies=bars.identifies, obligations=_these("pseudonym")),
    # T2: the law carries it without consent; the exact segments only.
    Rule("L1", Tier.ROUTE, Effect.PERMIT, "clb-transfer",
         invoked=transfer.due, applies=transfer.compulsory_in_spite_of_objection,
         obligations=_these("minimum", "inform_family", "copy_of_objection")),
    Rule("L1", Tier.ROUTE, Effect.PERMIT, "clb-transfer",
         invoked=transfer.due, applies=transfer.compulsory,
         obligations=_these("minimum", "inform_family")),
    Rule("L2", Tier.ROUTE, Effect.PERMIT, "legal-duty-or-order",
         invoked=routes.ordered_by_law, applies=routes.named_in_order,
         obligations=_these("minimum", "legal_validation")),
    Rule("L3", Tier.ROUTE, Effect.PERMIT, "necessity",
         invoked=routes.danger_invoked,
         obligations=_these("minimum", "break_glass", "review_72h", "notify_family")),
    Rule("L4", Tier.ROUTE, Effect.PERMIT, "report-of-concern",
         invoked=routes.concern_reported, obligations=_these("minimum", "notify_family")),
    Rule("L5", Tier.ROUTE, Effect.PERMIT, "case-conference",
         invoked=routes.sits_in_conference, obligations=_these("minimum", "session_only")),
    Rule("L6", Tier.ROUTE, Effect.PERMIT, "shared-secrecy-youth-help",
         invoked=routes.nobody_answered, applies=routes.nobody_objects,
         obligations=_these("minimum", "break_glass", "review_72h", "retry_consent")),
    Rule("L6b", Tier.ROUTE, Effect.WITHHOLD, "shared-secrecy-youth-help",
         invoked=routes.in_shared_secrecy, applies=routes.family_said_no),
    Rule("L7", Tier.ROUTE, Effect.PERMIT, "vital-emergency",
         invoked=routes.emergency_doctor_pulls, applies=routes.needed_in_emergency,
         obligations=_these("minimum", "break_glass", "review_72h", "notify_family", "ttl_24h")),
    Rule("L8", Tier.ROUTE, Effect.PERMIT, "right-of-access",
         invoked=routes.person_asks_file, applies=routes.may_read,
         obligations=_these("guided_view")),
    # T3: somebody said no, or something is unsettled.
    Rule("R1", Tier.RESTRICTION, Effect.WITHHOLD, "right-to-refuse",
         when=restrictions.somebody_said_no, applies=restrictions.refused_by_subject,
         obligations=_these("confirm_to_family"), silent=True),
    Rule("R2", Tier.RESTRICTION, Effect.WITHHOLD, "right-to-exclude",
         when=restrictions.somebody_said_no, applies=restrictions.recipient_excluded,
         obligations=_these("confirm_to_family"), silent=True),
    Rule("R3", Tier.RESTRICTION, Effect.WITHHOLD, "clb-transfer-objection",
         invoked=transfer.invoked, applies=transfer.objected_to_transfer,
         obligations=_these("copy_of_objection")),
    Rule("R7", Tier.RESTRICTION, Effect.WITHHOLD, "author-may-stay-silent",
         when=restrictions.author_may_keep, applies=restrictions.kept_by_author,
         obligations=_these("reason_at_source")),
    Rule("R4", Tier.RESTRICTION, Effect.HOLD, "clb-transfer-objection",
         invoked=transfer.not_yet_due, obligations=_these("re_decide"), waits_for="transfer_due"),
    Rule("R4", Tier.RESTRICTION, Effect.HOLD, "clb-transfer-objection",
         invoked=transfer.days_to_object_left, obligations=_these("re_decide"),
         waits_for="objection_period_over"),
    Rule("R4", Tier.RESTRICTION, Effect.HOLD, "clb-transfer-objection",
         invoked=transfer.parents_beside_pupil, applies=transfer.parents_objected,
         obligations=_these("re_decide"), waits_for="objection_settled"),
    Rule("R5", Tier.RESTRICTION, Effect.HOLD, "joint-parental-authority",
         when=restrictions.disagreement_possible, applies=restrictions.carers_disagree,
         obligations=_these("re_decide", "offer_mediation"), waits_for="agreement"),
    Rule("R6", Tier.RESTRICTION, Effect.HOLD, "gdpr-objection",
         when=restrictions.somebody_objected, applies=restrictions.gdpr_objection_pending,
         obligations=_these("re_decide"), waits_for="objection_answered"),
    Rule("R8", Tier.RESTRICTION, Effect.HOLD, "minors-capacity",
         when=restrictions.capacity_unsettled, applies=restrictions.about_the_child,
         obligations=_these("re_decide"), waits_for="capacity_settled"),
    # The rest of a transfer is allowed, not ordered: it yields to every restriction above.
    Rule("L1", Tier.ROUTE, Effect.PERMIT, "clb-transfer",
         invoked=transfer.free_to_go, obligations=_these("minimum", "inform_family")),
    # T4: those who decide let it go.
    Rule("K5", Tier.CONSENT, Effect.WITHHOLD, "scope-of-consent",
         when=consenting.professional_asks, applies=consenting.names_somebody_else),
    Rule("K6", Tier.CONSENT, Effect.WITHHOLD, "scope-of-consent",
         when=consenting.team_matters, applies=consenting.not_on_care_team),
    Rule("K7", Tier.CONSENT, Effect.WITHHOLD, "informed-consent",
         when=consenting.consent_counts, applies=consenting.text_changed,
         obligations=_these("ask_again")),
    Rule("K2", Tier.CONSENT, Effect.EXTRACT, "release-of-secrecy",
         when=consenting.asker_unbound, applies=consenting.granted,
         obligations=_these("extract", "no_onward")),
    Rule("K2b", Tier.CONSENT, Effect.PERMIT, "release-of-secrecy",
         when=consenting.for_entitlement, applies=consenting.granted,
         obligations=_these("minimum", "no_onward")),
    Rule("K1", Tier.CONSENT, Effect.PERMIT, "release-of-secrecy",
         when=consenting.consent_counts, applies=consenting.granted_by_all,
         obligations=_these("minimum", "no_onward")),
    Rule("K4", Tier.CONSENT, Effect.PERMIT, "good-faith-one-parent",
         when=consenting.consent_counts, applies=consenting.granted_by_one_parent,
         obligations=_these("minimum", "no_onward", "tell_other_parent")),
    Rule("K3", Tier.CONSENT, Effect.WITHHOLD, "scope-of-consent",
         when=consenting.something_granted, applies=consenting.granted_other_classes, silent=True),
    # T5 and T6: one team; and what no rule lets go, stays.
    Rule("J1", Tier.TEAM, Effect.PERMIT, "joint-secrecy",
         when=consenting.in_team, obligations=_these("minimum")),
    Rule("T6", Tier.DEFAULT, Effect.WITHHOLD, "default-deny",
         silent=True),
)
# fmt: on

RULES: Final = MappingProxyType({rule.id: rule for rule in (UNREADABLE, *reversed(TABLE))})
SILENT: Final = frozenset({rule.id for rule in TABLE if rule.silent})
# What is left of the table when nobody invokes a legal route or asks a file: the usual case.
WITHOUT_ROUTES: Final = tuple(rule for rule in TABLE if not rule.on_route)
BEYOND_NEED_PROFILE: Final = RULES["G5"].gives_way_to


def still_valid(rules: Iterable[Rule], lapsed: frozenset[str]) -> list[Rule]:
    """Leave out the rows that let something go on a basis that lapsed; all others stay.

    One parent who speaks for both (K4) releases a secret as both would: without a basis for that,
    what K2 narrows to an extract would else go whole.
    """
    release = RULES["K1"].basis
    return [
        rule
        for rule in rules
        if not rule.lets_go
        or lapsed.isdisjoint({rule.basis, release if rule.tier is Tier.CONSENT else rule.basis})
    ]
