"""A legal basis must be valid on the day of the decision (rules of sharing, section 6, 7)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from consent.model import (
    Actor,
    CareRelation,
    Consent,
    Effect,
    Facts,
    Ground,
    Person,
    Request,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from consent.rules import RULES, TABLE, still_valid
from consent.vocabulary import BASIS_OF_GROUND, GROUNDS
from schemas import lapsed_bases, legal_bases
from tests.support.situations import (
    FOURTEEN,
    PARENTS,
    SERVICES,
    a_child,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    grant,
    granted_by_both,
    rule_for,
    the_segment,
)

RELEASE = "release-of-secrecy"
EVERYWHERE = SERVICES | {
    "clb-2": Service(kind="clb"),
    "vk-1": Service(kind="vk"),
    "court": Service(kind="judiciary"),
    "creche": Service(kind="childcare"),
    "hospital": Service(kind="health"),
    "admin": Service(kind="vaph_admin"),
}
STAFF = {
    "lee": Actor(service="clb-1", role="care"),
    "an": Actor(service="vaph-1", role="care"),
    "doctor": Actor(service="hospital", role="medical"),
}
DANGER = Ground(kind="necessity", invoked_by="lee", record="complete")
ORDER = Ground(kind="court_order", validated=True, classes=frozenset({"diagnosis", "logistics"}))
MOVES = Ground(kind="clb_transfer", notified_on=date(2026, 2, 1))
TEAM = Ground(kind="team", team="team-1")


def known(*consents: Consent, data_class: str = "diagnosis", **more: Any) -> Facts:
    """One segment at the CLB, and services and staff to tell; only VAPH cares for the child."""
    about = {name: more.pop(name) for name in ("about", "given_by") if name in more}
    usual: dict[str, Any] = {
        "services": EVERYWHERE,
        "actors": STAFF,
        "record": a_record(a_segment(data_class, id="dx", **about)),
    }
    return facts(*consents, **usual | more)


def lapsed(told: Facts, *bases: str) -> Facts:
    return replace(told, lapsed_bases=frozenset(bases))


def spoken(kind: str) -> Ground:
    attempts = (date(2026, 2, 20),)
    return Ground(kind=kind, invoked_by="lee", record="complete", attempts=attempts)


CONFERENCE = Ground(kind="case_conference", valid=True, participants=frozenset({"an"}))
PULLED = ask(
    ToActor("doctor"), kind="pull", ground=Ground(kind="vital_emergency", record="complete")
)
ROUTES: dict[str, Request] = {
    "L1": ask(ToService("clb-2"), purpose="transfer", ground=MOVES),
    "L2": ask(ground=ORDER),
    "L3": ask(ground=DANGER),
    "L4": ask(ToService("vk-1"), purpose="safety", ground=spoken("concern_report")),
    "L5": ask(ToActor("an"), purpose="safety", ground=CONFERENCE),
    "L6": ask(ground=spoken("unanswered")),
    "L7": PULLED,
    "L8": ask(ToPerson("mother"), purpose="subject_access"),
}


@pytest.mark.parametrize("rule", ROUTES)
def test_a_route_whose_basis_lapsed_carries_nothing(rule: str) -> None:
    told = known()
    assert rule_for(told, ROUTES[rule]) == rule
    part = the_segment(lapsed(told, RULES[rule].basis), ROUTES[rule])
    assert part.effect is Effect.WITHHOLD
    assert part.rule in {"T6", "G4"}


@pytest.mark.parametrize("rule", ROUTES)
def test_a_route_does_not_mind_that_all_other_bases_lapsed(rule: str) -> None:
    others = {one.basis for one in RULES.values()} - {RULES[rule].basis}
    assert rule_for(lapsed(known(), *others), ROUTES[rule]) == rule


def test_what_a_lapsed_route_would_have_carried_may_still_go_by_consent() -> None:
    told = known(*granted_by_both())
    assert rule_for(told, ask(ground=DANGER)) == "L3"
    assert rule_for(lapsed(told, "necessity"), ask(ground=DANGER)) == "K1"


def test_without_a_basis_for_releasing_a_secret_no_grant_carries_anything() -> None:
    told = known(*granted_by_both())
    assert rule_for(told) == "K1"
    assert rule_for(lapsed(told, RELEASE)) == "T6"


def test_without_the_good_faith_of_one_parent_both_must_grant() -> None:
    told = known(grant("mother"))
    assert rule_for(told) == "K4"
    assert rule_for(lapsed(told, "good-faith-one-parent")) == "T6"
    assert rule_for(lapsed(known(*granted_by_both()), "good-faith-one-parent")) == "K1"


@pytest.mark.parametrize(
    ("to", "purpose", "rule"), [("creche", "care", "K2"), ("admin", "entitlement", "K2b")]
)
def test_what_went_as_an_extract_never_goes_whole_because_its_basis_lapsed(
    to: str, purpose: str, rule: str
) -> None:
    """One parent's good faith still has its basis; the release that it speaks for has none."""
    said = grant("mother", "functional", to=frozenset({to}), purpose=purpose)
    care = (CareRelation(service=to),)
    told = known(said, data_class="functional", relations=care)
    asked = ask(ToService(to), purpose=purpose)
    assert rule_for(told, asked) == rule
    assert rule_for(lapsed(told, RELEASE), asked) == "T6"


def test_a_team_whose_secrecy_has_no_basis_is_no_team() -> None:
    care = (CareRelation(service="vaph-1", team="team-1", actors=frozenset({"an"})),)
    record = a_record(a_segment("diagnosis", id="dx"), source="vaph-1")
    told = known(relations=care, record=record)
    asked = ask(ToActor("an"), ground=TEAM)
    assert rule_for(told, asked) == "J1"
    assert rule_for(lapsed(told, "joint-secrecy"), asked) == "T6"
    # Parents who disagree do not stop a team; without one they do.
    quarrel = {"father": replace(PARENTS["father"], disagrees=True)}
    at_odds = replace(told, people=PARENTS | quarrel)
    assert rule_for(at_odds, asked) == "J1"
    assert rule_for(lapsed(at_odds, "joint-secrecy"), asked) == "R5"


def test_danger_without_a_basis_lifts_no_bar() -> None:
    told = known(data_class="confidential", given_by="father")
    assert rule_for(told, ask(ground=DANGER)) == "L3"
    assert rule_for(lapsed(told, "necessity"), ask(ground=DANGER)) == "H4"
    of_mother = known(data_class="parent_data", about=frozenset({"mother"}))
    assert rule_for(lapsed(of_mother, "necessity"), ask(ground=DANGER)) == "H5"


def test_an_order_without_a_basis_opens_nothing_to_a_court() -> None:
    asked = ask(ToService("court"), purpose="justice", ground=ORDER)
    told = known(data_class="logistics")
    assert rule_for(told, asked) == "L2"
    assert rule_for(lapsed(told, "legal-duty-or-order"), asked) == "H3"


def test_a_transfer_without_a_basis_is_a_flow_like_any_other() -> None:
    asked = ask(ToService("clb-2"), purpose="transfer", ground=MOVES)
    granted = granted_by_both("medical", to=frozenset({"clb-2"}), purpose="transfer")
    told = known(*granted, data_class="medical")
    assert rule_for(told, asked) == "L1"
    gone = lapsed(told, "clb-transfer")
    assert rule_for(gone, asked) == "G4"
    cares = replace(gone, relations=(CareRelation(service="clb-2"),))
    assert rule_for(cares, asked) == "G5"


def test_an_objection_to_a_transfer_stands_whatever_lapsed() -> None:
    care = (CareRelation(service="clb-2"),)
    objects = grant("mother", id="no", effect="object", to=None, purpose="transfer")
    granted = granted_by_both(to=frozenset({"clb-2"}), purpose="transfer")
    told = lapsed(
        known(*granted, objects, relations=care), "clb-transfer", "clb-transfer-objection"
    )
    assert rule_for(told, ROUTES["L1"]) == "R3"


def test_gates_bars_and_restrictions_outlive_their_basis() -> None:
    everything = [one.basis for one in RULES.values()]
    stay = [row for row in TABLE if row.effect in {Effect.WITHHOLD, Effect.HOLD}]
    assert still_valid(TABLE, frozenset(everything)) == stay
    for told, asked in ((known(data_class="placement"), ask()), (known(), ask(purpose="other"))):
        assert rule_for(lapsed(told, *everything), asked) == rule_for(told, asked)


def test_a_warning_to_the_prosecutor_keeps_its_marker() -> None:
    asked = ask(ToService("court"), purpose="safety", ground=Ground(kind="article_458bis"))
    told = lapsed(known(), "right-to-warn-prosecutor")
    assert decided(told, asked).obligations == {"marker_only"}


def test_a_refusal_after_no_answer_stands_whatever_lapsed() -> None:
    said_no = Ground(kind="unanswered", invoked_by="lee", record="complete", answer="refused")
    told = lapsed(known(*granted_by_both()), "shared-secrecy-youth-help")
    assert rule_for(told, ask(ground=said_no)) == "L6b"


def test_a_key_that_no_rule_rests_on_changes_nothing() -> None:
    told = known(*granted_by_both())
    assert the_segment(lapsed(told, "nonsense")) == the_segment(told)


def test_the_childs_own_yes_needs_a_basis_as_well() -> None:
    child = a_child(born=FOURTEEN)
    people = PARENTS | {"guide": Person(relation="confidant")}
    told = known(grant("child"), child=child, people=people)
    assert rule_for(told) == "K1"
    assert rule_for(lapsed(told, RELEASE)) == "T6"


def test_each_ground_names_the_basis_of_the_rule_that_goes_by_it() -> None:
    invoking = {one.ground.kind: RULES[rule].basis for rule, one in ROUTES.items() if one.ground}
    invoking |= {"statutory": RULES["L2"].basis, "team": RULES["J1"].basis}
    assert dict(BASIS_OF_GROUND) == invoking
    # The prosecutor is warned in person: nothing goes, so nothing can lapse.
    assert GROUNDS - BASIS_OF_GROUND.keys() == {"article_458bis"}


def test_a_basis_lapses_on_the_day_after_the_last_citation_and_before_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = {"from": None, "until": "2024-05-16"}
    new = {"from": "2024-05-20", "until": None}
    register = {
        "replaced": {"citations": [old, new]},
        "open": {"citations": [old, {**new, "from": None}]},
    }
    monkeypatch.setattr("schemas.legal_bases", lambda: register)
    lapsed_bases.cache_clear()
    try:
        found = [lapsed_bases(date(2024, 5, day)) for day in (16, 17, 19, 20)]
    finally:
        lapsed_bases.cache_clear()
    assert found == [frozenset(), {"replaced"}, {"replaced"}, frozenset()]


def test_nothing_in_the_register_lapsed_on_the_days_that_scenarios_are_told_of() -> None:
    assert legal_bases().keys() == {one.basis for one in RULES.values()}
    for day in (date(2024, 5, 16), date(2024, 5, 17), date(2026, 3, 2), date(2026, 4, 9)):
        assert lapsed_bases(day) == frozenset()
