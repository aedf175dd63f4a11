"""The file that follows a pupil to another guidance centre: L1, R3 and R4."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from consent.model import Actor, Consent, Facts, Ground, Person, Request, Service, ToService
from consent.moments import BRUSSELS
from tests.support.situations import (
    AT,
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
    refusal,
    rule_for,
    the_segment,
)

CENTRES = SERVICES | {"clb-2": Service(kind="clb")}
FILE = a_record(
    a_segment("medical", id="vaccinations", compulsory=True),
    a_segment("development", id="guidance"),
)
# Told on 19 February: 1 March is the tenth day, and on 2 March the days have passed.
TOLD = Ground(kind="clb_transfer", notified_on=date(2026, 2, 19))
TENTH_DAY = datetime(2026, 3, 1, 23, 59, 59, tzinfo=BRUSSELS)


def pupil(*consents: Consent, **known: Any) -> Facts:
    usual: dict[str, Any] = {"services": CENTRES, "relations": (), "record": FILE}
    return facts(*consents, **usual | known)


def to_clb(ground: Ground = TOLD, **known: Any) -> Request:
    usual: dict[str, Any] = {"purpose": "transfer", "ground": ground}
    return ask(ToService("clb-2"), **usual | known)


def rules(known: Facts, request: Request | None = None, at: datetime = AT) -> list[str]:
    """The rules for the compulsory part and for the rest."""
    parts = decided(known, request or to_clb(), at).segments
    return [parts["vaccinations"].rule, parts["guidance"].rule]


def objects(by: str, **known: Any) -> Consent:
    usual: dict[str, Any] = {"effect": "object", "purpose": "transfer", "since": date(2026, 2, 20)}
    return refusal(by, **usual | known)


def test_a_file_follows_the_pupil_after_ten_days_without_consent() -> None:
    decision = decided(pupil(), to_clb())
    assert decision.outcome == "permit"
    assert decision.obligations == {"minimum", "inform_family"}
    assert rules(pupil()) == ["L1", "L1"]


def test_the_tenth_day_still_counts_and_the_eleventh_begins_at_midnight() -> None:
    assert rules(pupil(), at=TENTH_DAY) == ["L1", "R4"]
    assert rules(pupil(), at=TENTH_DAY + timedelta(seconds=1)) == ["L1", "L1"]


@pytest.mark.parametrize("hour", [0, 23])
def test_the_days_count_from_the_day_of_the_notification_whatever_the_hour(hour: int) -> None:
    told = replace(TOLD, notified_on=datetime(2026, 2, 19, hour, 30, tzinfo=BRUSSELS))
    assert rules(pupil(), to_clb(told), at=TENTH_DAY) == ["L1", "R4"]
    assert rules(pupil(), to_clb(told)) == ["L1", "L1"]


@pytest.mark.parametrize("told", [None, datetime(2026, 2, 1, 9), date(2026, 3, 3)])
def test_without_a_notification_that_can_be_read_the_days_have_not_begun(told: Any) -> None:
    assert rules(pupil(), to_clb(replace(TOLD, notified_on=told))) == ["L1", "R4"]


def test_who_waives_the_days_need_not_wait() -> None:
    waived = replace(TOLD, notified_on=None, waived=True)
    assert rules(pupil(), to_clb(waived)) == ["L1", "L1"]


def test_nothing_goes_before_the_day_it_is_due() -> None:
    waiting = replace(TOLD, due_from=AT.date() + timedelta(days=1), waived=True)
    decision = decided(pupil(), to_clb(waiting))
    assert decision.outcome == "hold"
    assert {part.waits_for for part in decision.segments.values()} == {"transfer_due"}
    assert rules(pupil(), to_clb(replace(waiting, due_from=AT.date()))) == ["L1", "L1"]
    unread = replace(waiting, due_from=datetime(2026, 1, 1))
    assert rules(pupil(), to_clb(unread)) == ["R4", "R4"]


@pytest.mark.parametrize("purpose", ["transfer", None, "care"])
def test_an_objection_keeps_all_but_the_compulsory_part(purpose: str | None) -> None:
    minor = a_child(born=FOURTEEN)
    no = objects("child", purpose=purpose, to=frozenset({"elsewhere"}))
    decision = decided(pupil(no, child=minor), to_clb())
    assert rules(pupil(no, child=minor)) == ["L1", "R3"]
    assert decision.segments["vaccinations"].obligations >= {"copy_of_objection"}
    assert decision.segments["guidance"].obligations == {"copy_of_objection"}


def test_an_objection_holds_for_its_classes_while_it_runs() -> None:
    for lapsed in (
        {"classes": frozenset({"context"})},
        {"withdrawn": AT},
        {"until": date(2026, 3, 1)},
        {"since": date(2026, 3, 3)},
    ):
        assert rules(pupil(objects("mother", **lapsed))) == ["L1", "L1"]
        compulsory = the_segment(pupil(objects("mother", **lapsed)), to_clb(), name="vaccinations")
        assert "copy_of_objection" not in compulsory.obligations
    assert rules(pupil(objects("mother"))) == ["L1", "R3"]
    named = objects("mother", classes=frozenset({"development"}))
    assert rules(pupil(named)) == ["L1", "R3"]


def test_the_parents_of_a_pupil_who_decides_alone_leave_it_unsettled() -> None:
    minor = a_child(born=FOURTEEN)
    known = pupil(objects("mother"), child=minor)
    part = the_segment(known, to_clb(), name="guidance")
    assert (part.rule, part.effect, part.waits_for) == ("R4", "hold", "objection_settled")
    waived = to_clb(replace(TOLD, waived=True))
    assert rules(known, waived) == ["L1", "R4"]
    without = PARENTS | {"mother": Person(relation="parent", authority="held")}
    assert rules(pupil(objects("mother"), child=minor, people=without)) == ["L1", "L1"]
    grown = a_child(born=date(2008, 3, 2))
    assert rules(pupil(objects("mother"), child=grown)) == ["L1", "L1"]


def test_the_days_are_waited_for_before_anything_else_that_holds() -> None:
    part = the_segment(pupil(refusal("mother")), to_clb(), at=TENTH_DAY, name="guidance")
    assert (part.rule, part.waits_for) == ("R4", "objection_period_over")


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        ({"consents": refusal("child"), "child": a_child(born=FOURTEEN)}, "R1"),
        ({"consents": refusal("mother", effect="exclude")}, "R2"),
        ({"record": replace(FILE, source_veto=True)}, "R7"),
        ({"consents": refusal("mother")}, "R5"),
        ({"consents": refusal("mother", effect="object_gdpr")}, "R6"),
        ({"child": a_child(capacity_contested=True)}, "R8"),
    ],
    ids=["R1", "R2", "R7", "R5", "R6", "R8"],
)
def test_the_rest_of_the_file_yields_to_every_restriction_and_the_compulsory_part_to_none(
    known: dict[str, Any], rule: str
) -> None:
    said = [known.pop("consents")] if "consents" in known else []
    assert rules(pupil(*said, **known)) == ["L1", rule]


def test_a_transfer_needs_no_care_relation_and_no_need_profile() -> None:
    notes = a_record(a_segment("therapy_notes", id="notes"))
    assert rule_for(pupil(record=notes), to_clb(), name="notes") == "L1"


def test_what_is_of_other_people_does_not_follow() -> None:
    history = a_record(a_segment("parent_data", id="history", about=frozenset({"mother"})))
    assert rule_for(pupil(record=history), to_clb(), name="history") == "H5"


def test_a_transfer_goes_from_centre_to_centre_only() -> None:
    actors = {"an": Actor(service="vaph-1", role="care")}
    known = pupil(actors=actors)
    assert rules(known, ask(purpose="care", ground=TOLD)) == ["G4", "G4"]
    cares = facts().relations
    notes = a_record(a_segment("therapy_notes", id="notes"))
    elsewhere = pupil(record=notes, relations=cares)
    assert rule_for(elsewhere, ask(ground=TOLD), name="notes") == "G5"
    from_caw = CENTRES | {"clb-1": Service(kind="caw")}
    assert rules(pupil(services=from_caw), to_clb()) == ["G4", "G4"]


def test_the_rest_waits_while_nobody_knows_who_decides() -> None:
    odd = PARENTS | {"father": Person(relation="parent", authority="mystery")}
    assert rules(pupil(people=odd)) == ["L1", "T6"]
    assert rules(pupil(child=a_child(born=None))) == ["L1", "T6"]
    minor = a_child(born=FOURTEEN)
    assert rules(pupil(objects("father"), people=odd, child=minor)) == ["L1", "R4"]


def test_a_grant_does_not_shorten_the_days() -> None:
    yes = [grant(by, "development", purpose="transfer", to=None) for by in PARENTS]
    assert rules(pupil(*yes), at=TENTH_DAY) == ["L1", "R4"]


def test_a_centre_transfers_nothing_to_itself() -> None:
    """L1 is for a change of centre: inside one, the ordinary rules decide."""
    assert "L1" not in rules(pupil(), replace(to_clb(), to=ToService("clb-1")))
