"""Where one person stands: refusals against the same person's grants, in time and in scope."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import pytest

from consent.model import Actor, CareRelation, Consent, Moment, Service, ToActor
from tests.support.situations import (
    AT,
    FOURTEEN,
    SERVICES,
    a_child,
    ask,
    facts,
    grant,
    refusal,
    rule_for,
    the_segment,
)

MINOR = a_child(born=FOURTEEN)
NO = refusal("child", since=date(2026, 2, 1))
YES = grant("child", since=date(2026, 2, 2), from_services=frozenset({"clb-1"}))


def says(*decisions: Consent) -> str:
    return rule_for(facts(*decisions, child=MINOR))


def test_a_newer_and_more_specific_grant_lifts_a_refusal() -> None:
    assert says(NO, YES) == "K1"


def test_a_refusal_wins_at_equal_time() -> None:
    assert says(NO, replace(YES, since=NO.since)) == "R1"
    midnight = datetime.fromisoformat("2026-02-01T00:00:00+01:00")
    assert says(NO, replace(YES, since=midnight)) == "R1"
    assert says(NO, replace(YES, since=midnight + timedelta(microseconds=1))) == "K1"


def test_a_later_general_refusal_ends_an_earlier_specific_grant() -> None:
    assert says(replace(NO, since=date(2026, 2, 3)), YES) == "R1"


@pytest.mark.parametrize(
    "named",
    [
        {"classes": frozenset({"diagnosis"})},
        {"purpose": "care"},
        {"from_services": frozenset({"clb-1"})},
        {"to": frozenset({"vaph-1"})},
    ],
)
def test_a_later_general_grant_does_not_lift_a_refusal_that_named_more(named: Any) -> None:
    vague: Any = dict.fromkeys(named)
    general = replace(YES, **vague)
    assert says(NO, general) == "K1"
    assert says(replace(NO, **named), general) == "R1"


def test_a_grant_to_a_service_does_not_lift_a_refusal_of_one_person() -> None:
    no = replace(NO, to_person="an")
    known = facts(no, YES, child=MINOR, actors={"an": Actor(service="vaph-1", role="care")})
    assert rule_for(known, ask(ToActor("an"))) == "R1"
    named = replace(YES, to=None, to_person="an")
    assert rule_for(replace(known, consents=(no, named)), ask(ToActor("an"))) == "K1"


def test_one_persons_grant_lifts_no_refusal_of_another() -> None:
    assert rule_for(facts(refusal("father"), grant("mother", since=date(2026, 2, 20)))) == "R5"


def test_a_grant_after_a_withdrawal_carries_again() -> None:
    withdrawn = replace(YES, withdrawn=AT - timedelta(days=2))
    again = replace(YES, id="again", since=AT - timedelta(days=1))
    assert says(withdrawn) == "R1"
    assert says(withdrawn, again) == "K1"
    assert says(withdrawn, replace(again, since=AT - timedelta(days=3))) == "R1"


def test_a_withdrawal_dated_in_the_future_has_not_been_made() -> None:
    assert says(replace(YES, withdrawn=AT + timedelta(seconds=1))) == "K1"


def test_a_withdrawn_refusal_is_gone() -> None:
    assert says(replace(NO, since=date(2026, 2, 3), withdrawn=AT), YES) == "K1"


def test_a_withdrawal_ends_only_its_own_scope() -> None:
    other = replace(YES, id="other", classes=frozenset({"medical"}), withdrawn=AT)
    assert says(YES, other) == "K1"


@pytest.mark.parametrize(
    ("since", "until", "rule"),
    [
        (None, None, "K1"),
        (date(2026, 3, 2), None, "K1"),
        (date(2026, 3, 3), None, "T6"),
        (date(2026, 3, 2), date(2026, 3, 2), "K1"),
        (AT, None, "K1"),
        (AT.astimezone(UTC), date(2026, 3, 2), "K1"),
        (AT.astimezone(UTC) + timedelta(microseconds=1), date(2026, 3, 2), "T6"),
        (AT.astimezone(UTC) - timedelta(days=9), date(2026, 3, 1), "T6"),
        (AT + timedelta(microseconds=1), None, "T6"),
        (None, date(2026, 3, 2), "K1"),
        (None, date(2026, 3, 1), "T6"),
        (None, AT, "K1"),
        (None, AT - timedelta(microseconds=1), "T6"),
        (None, AT.replace(tzinfo=None), "T6"),
        (AT.replace(tzinfo=None), None, "T6"),
    ],
)
def test_a_grant_runs_from_its_beginning_to_its_end(
    since: Moment | None, until: Moment | None, rule: str
) -> None:
    assert says(replace(YES, since=since, until=until)) == rule


def test_days_are_counted_in_brussels_whatever_the_zone_of_the_clock() -> None:
    ends = facts(replace(YES, until=date(2026, 3, 1)), child=MINOR)
    before, after = "2026-03-01T22:59:59+00:00", "2026-03-01T23:00:00+00:00"
    assert rule_for(ends, at=datetime.fromisoformat(before)) == "K1"
    assert rule_for(ends, at=datetime.fromisoformat(after)) == "T6"


def test_a_refusal_with_an_unreadable_moment_counts() -> None:
    naive = datetime(2027, 1, 1)
    assert says(YES, replace(NO, since=naive)) == "R1"
    assert says(YES, replace(NO, since=date(2026, 2, 3), until=naive.replace(year=2020))) == "R1"
    assert (
        says(YES, replace(NO, since=date(2026, 2, 3), withdrawn=naive.replace(year=2020))) == "R1"
    )
    assert says(replace(YES, withdrawn=naive)) == "R1"


def test_no_grant_is_newer_than_a_refusal_with_an_unreadable_moment() -> None:
    long_ago = datetime(2020, 1, 1)
    assert says(replace(NO, since=long_ago), YES) == "R1"
    assert says(replace(YES, id="gone", withdrawn=long_ago), YES) == "R1"


class Nowhere(tzinfo):
    """A zone that does not say how far it is from anywhere."""

    def utcoffset(self, _moment: datetime | None) -> timedelta | None:
        return None

    def dst(self, _moment: datetime | None) -> timedelta | None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return "nowhere"


def test_an_instant_in_a_zone_that_is_nowhere_is_no_instant() -> None:
    assert rule_for(facts(YES, child=MINOR), at=AT.replace(tzinfo=Nowhere())) == "G0"
    assert says(replace(YES, until=AT.replace(tzinfo=Nowhere()))) == "T6"


def test_an_unknown_kind_of_decision_counts_as_a_refusal() -> None:
    assert says(YES, replace(NO, since=date(2026, 2, 3), effect="maybe")) == "R1"


def test_a_refusal_follows_a_service_into_its_merger() -> None:
    services = SERVICES | {
        "old": Service(kind="vaph_facility", status="merged", merged_into="vaph-1")
    }
    no = replace(NO, since=date(2026, 2, 3), to=frozenset({"old"}))
    assert rule_for(facts(YES, no, child=MINOR, services=services)) == "R1"


def test_a_decision_for_another_purpose_or_source_hides_none_that_follows() -> None:
    for other in ({"purpose": "referral"}, {"from_services": frozenset({"caw-1"})}):
        assert says(replace(YES, id="other", **other), YES) == "K1"
        assert says(replace(NO, id="other", **other), YES, replace(NO, since=AT)) == "R1"


def test_a_refusal_of_another_class_is_no_grant_of_this_one() -> None:
    assert says(replace(NO, classes=frozenset({"medical"}))) == "T6"


def test_a_changed_grant_lifts_a_refusal_that_an_older_unchanged_one_does_not() -> None:
    old = replace(YES, id="old", since=date(2026, 1, 15))
    assert says(NO, old, replace(YES, text_changed=True)) == "K7"
    assert says(old, replace(YES, text_changed=True)) == "K1"


def test_what_was_said_nobody_knows_when_is_older_than_all_else() -> None:
    assert says(NO, replace(YES, since=None)) == "R1"
    assert says(replace(NO, since=None), YES) == "K1"


def test_a_grant_that_lifted_a_refusal_is_what_the_answer_rests_on() -> None:
    assert the_segment(facts(NO, YES, child=MINOR)).consents == ("grant-child",)


def test_a_grant_that_a_refusal_ended_stays_ended_when_a_newer_one_lifts_the_refusal() -> None:
    ended = replace(YES, id="ended", since=date(2026, 1, 1))
    assert the_segment(facts(ended, NO, YES, child=MINOR)).consents == ("grant-child",)
    named = replace(ended, to=None, to_person="an")
    team = (CareRelation(service="vaph-1", actors=frozenset({"bo"})),)
    known = facts(
        named,
        NO,
        YES,
        child=MINOR,
        actors={"an": Actor(service="vaph-1", role="care")},
        relations=team,
    )
    assert rule_for(known, ask(ToActor("an"))) == "K6"


def test_where_it_takes_several_grants_to_lift_all_refusals_each_that_lifts_one_counts() -> None:
    other = replace(NO, id="other", from_services=frozenset({"clb-1"}), to=frozenset({"vaph-1"}))
    general = replace(YES, id="general", to=None)
    assert says(NO, other, general) == "R1"
    known = facts(NO, other, general, YES, child=MINOR)
    assert the_segment(known).consents == ("grant-child",)


def test_two_newer_grants_lift_two_refusals_that_neither_lifts_alone() -> None:
    old = grant("mother", id="old")
    no = (
        refusal("mother", id="no-1", classes=frozenset({"diagnosis"})),
        refusal("mother", id="no-2", purpose="care"),
    )
    newer: dict[str, Any] = {"since": date(2026, 2, 1)}
    yes = (
        grant("mother", id="yes-1", purpose=None, **newer),
        replace(grant("mother", id="yes-2", **newer), classes=None),
    )
    father = grant("father")
    part = the_segment(facts(old, *no, *yes, father))
    assert (part.rule, part.consents) == ("K1", ("grant-father", "yes-1", "yes-2"))
    for one in yes:
        assert rule_for(facts(old, *no, one, father)) != "K1"
