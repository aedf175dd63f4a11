"""The thirty days after the twelfth birthday: which grants of parents carry on, and whose."""

from datetime import date, datetime
from typing import Any

import pytest

from consent.lifecycle import Recorded, state_of
from consent.model import Actor, Consent, Person, SegmentDecision, Service, ToActor, ToPerson
from consent.rules import RULES, Tier
from tests.support.situations import (
    PARENTS,
    SERVICES,
    a_child,
    a_record,
    a_segment,
    ask,
    facts,
    granted_by_both,
    rule_for,
    the_segment,
)

BORN = date(2014, 3, 2)
FIVE_DAYS_TWELVE = datetime.fromisoformat("2026-03-07T10:00:00+01:00")


def just_twelve(*consents: Consent, **child: Any) -> SegmentDecision:
    known = facts(*consents, child=a_child(**{"born": BORN, **child}))
    return the_segment(known, at=FIVE_DAYS_TWELVE)


def test_a_grant_from_of_old_carries_on_and_asks_the_child() -> None:
    part = just_twelve(*granted_by_both(since=None))
    assert part.rule == "K1"
    assert "reconfirm" in part.obligations


@pytest.mark.parametrize("since", [date(2026, 3, 2), date(2026, 3, 3)])
def test_what_parents_granted_since_the_birthday_carries_nothing(since: date) -> None:
    ended = granted_by_both(until=date(2026, 3, 1))
    renewed = granted_by_both(id="again", since=since)
    assert just_twelve(*ended, *renewed).rule == "T6"


def test_the_thirty_days_are_for_who_is_presumed_capable_and_not_for_who_was_assessed() -> None:
    assert just_twelve(*granted_by_both(), capacity="capable").rule == "T6"
    assert just_twelve(*granted_by_both(), capacity="presumed").rule == "K1"


@pytest.mark.parametrize(
    ("data_class", "kind", "role"),
    [("sexual_health", "health", "medical"), ("concern", "vk", "care")],
)
def test_grants_about_intimate_health_and_concern_end_on_the_birthday(
    data_class: str, kind: str, role: str
) -> None:
    known = facts(
        *granted_by_both(data_class),
        child=a_child(born=BORN),
        record=a_record(a_segment(data_class, id="dx")),
        services={**SERVICES, "vaph-1": Service(kind=kind)},
        actors={"an": Actor(service="vaph-1", role=role)},
    )
    eve = datetime.fromisoformat("2026-03-01T23:59:59+01:00")
    assert rule_for(known, ask(ToActor("an")), eve) == "K1"
    assert rule_for(known, ask(ToActor("an")), FIVE_DAYS_TWELVE) == "T6"


def test_while_nobody_knows_the_age_what_is_kept_for_educational_reasons_stays_kept() -> None:
    kept = facts(child=a_child(born=None), record=a_record(a_segment("agogic_exception", id="dx")))
    assert rule_for(kept, ask(ToPerson("child"), purpose="subject_access")) == "R7"


def test_parents_who_both_disagree_are_held_like_one_who_does() -> None:
    for names in (("mother", "father"), ("mother",), ("father",)):
        people = PARENTS | {
            name: Person(relation="parent", authority="exercised", disagrees=True) for name in names
        }
        assert rule_for(facts(*granted_by_both(), people=people)) == "R5"


def test_a_child_under_every_protection_at_once_is_still_decided_about() -> None:
    flags = frozenset({"anonymous_help", "secret_address", "deceased"})
    assert rule_for(facts(*granted_by_both(), child=a_child(flags=flags))) == "T6"
    unknown = a_child(flags=flags | {"shielded"})
    assert rule_for(facts(*granted_by_both(), child=unknown)) == "G0"


def test_facts_nobody_can_read_are_stopped_at_the_gate() -> None:
    assert (RULES["G0"].tier, RULES["G0"].effect) == (Tier.GATE, "withhold")


@pytest.mark.parametrize(
    ("ended", "state"),
    [
        ("2026-03-07T09:59:59+01:00", "expired"),
        ("2026-03-07T10:00:00+01:00", "expired"),
        ("2026-03-07T10:00:01+01:00", "active"),
        ("2026-03-07T23:00:00", "expired"),
    ],
)
def test_a_decision_that_ended_by_itself_has_expired(ended: str, state: str) -> None:
    recorded = Recorded(giver="self", ended_at=datetime.fromisoformat(ended))
    assert state_of(recorded, a_child(born=BORN), at=FIVE_DAYS_TWELVE) == state
