"""Theorems about who decides: nobody for another person, and the capable child for itself."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from consent.authority import capacity_of
from consent.model import Actor, Consent, ToActor
from consent.moments import BRUSSELS
from tests.support.situations import (
    AT,
    Situation,
    a_record,
    a_segment,
    ask,
    facts,
    goes,
    grant,
    situations,
)
from tests.support.theorems import (
    WITHOUT_CONSENT,
    answer,
    granted_by_everybody,
    tried_on,
    with_consents,
)

theorem = tried_on(200)


@theorem
@given(situations())
def test_one_right_holders_grant_never_releases_another_persons_segment(
    situation: Situation,
) -> None:
    """Whatever goes on consent, everybody else it is about has a running grant of their own."""
    about = {segment.id: segment for segment in situation.facts.record.segments}
    known = {*situation.facts.people, "child"}
    for name, part in answer(situation).segments.items():
        if part.effect in {"permit", "extract"} and part.rule not in WITHOUT_CONSENT:
            others = about[name].about - {"child"}
            assert others <= known
            assert others <= givers_of(situation, part.consents)


@theorem
@given(situations())
def test_what_all_the_others_grant_releases_nothing_about_somebody_who_granted_nothing(
    situation: Situation,
) -> None:
    for somebody in (*situation.facts.people, "stranger"):
        also_about = _also_about(somebody, situation)
        others = [one for one in granted_by_everybody(also_about) if one.by != somebody]
        for said in (others, [*others, *situation.facts.consents]):
            mine = [one for one in said if one.by != somebody or one.effect != "grant"]
            for part in answer(with_consents(also_about, *mine)).segments.values():
                assert part.effect in {"withhold", "hold"} or part.rule in WITHOUT_CONSENT


def _also_about(somebody: str, situation: Situation) -> Situation:
    record = situation.facts.record
    segments = tuple(replace(one, about=one.about | {somebody}) for one in record.segments)
    return replace(
        situation, facts=replace(situation.facts, record=replace(record, segments=segments))
    )


def givers_of(situation: Situation, ids: tuple[str, ...]) -> set[str]:
    """Who gave the named consents; ids may repeat in a drawn list."""
    return {consent.by for consent in situation.facts.consents if consent.id in ids}


@theorem
@given(situations())
def test_nothing_about_a_child_of_unknown_age_goes_on_consent(situation: Situation) -> None:
    child = replace(situation.facts.child, born=None)
    unknown = replace(situation, facts=replace(situation.facts, child=child))
    about = {segment.id: segment.about for segment in situation.facts.record.segments}
    for name, part in answer(unknown).segments.items():
        on_consent = part.rule not in WITHOUT_CONSENT
        assert "child" not in about[name] or part.effect != "permit" or not on_consent
        # Neither silence, nor days to object, nor a right to read count while age is unknown.
        assert part.rule not in {"L6", "L8"} or "child" not in about[name]


@theorem
@given(situations())
def test_the_capable_child_decides_or_just_after_twelve_its_parents_still_do(
    situation: Situation,
) -> None:
    capacity = capacity_of(situation.facts.child, AT.date())
    assume(capacity.capable)
    for name, part in answer(situation).segments.items():
        about = next(one.about for one in situation.facts.record.segments if one.id == name)
        if (
            "child" in about
            and part.effect in {"permit", "extract"}
            and part.rule not in WITHOUT_CONSENT
        ):
            own = "child" in givers_of(situation, part.consents)
            assert own or "reconfirm" in part.obligations
            assert own or capacity.turned_twelve


SAID = st.builds(
    grant,
    st.sampled_from(["mother", "mother", "father", "father", "aunt"]),
    st.sampled_from(["diagnosis", "diagnosis", "medical"]),
    id=st.uuids().map(str),
    effect=st.sampled_from(["grant", "grant", "refuse"]),
    to=st.sampled_from([None, frozenset({"vaph-1"}), frozenset({"vaph-1"}), frozenset({"caw-9"})]),
    since=st.dates(date(2026, 2, 20), date(2026, 3, 3)),
    until=st.dates(date(2026, 2, 27), date(2026, 3, 20)),
    withdrawn=st.sampled_from([None, None, AT - timedelta(days=5), AT + timedelta(days=1)]),
)


def begin_of(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=BRUSSELS)


def agrees(said: list[Any], by: str, data_class: str) -> bool | None:
    """Whether a parent agrees, differs, or said nothing: the rules once more, naively."""
    mine = [c for c in said if c.by == by and data_class in c.classes and c.to != {"caw-9"}]
    gone = [c for c in mine if c.withdrawn and c.withdrawn <= AT]
    runs = [c for c in mine if c not in gone and c.since <= AT.date() <= c.until]
    yes = [(begin_of(c.since), bool(c.to)) for c in runs if c.effect == "grant"]
    no = [(begin_of(c.since), bool(c.to)) for c in runs if c.effect == "refuse"]
    no += [(c.withdrawn, bool(c.to)) for c in gone if c.effect == "grant"]
    if any(not any(y > n and named >= only for y, named in yes) for n, only in no):
        return False
    return True if yes else None


@tried_on(500)
@given(st.lists(SAID, max_size=6), st.sampled_from(["diagnosis", "medical"]))
def test_for_two_parents_it_agrees_with_the_rules_written_down_once_more(
    said: list[Consent], data_class: str
) -> None:
    known = facts(
        *said,
        record=a_record(a_segment(data_class)),
        actors={"bo": Actor(service="vaph-1", role="medical")},
    )
    parents = [agrees(said, by, data_class) for by in ("mother", "father")]
    one_is_enough = data_class == "diagnosis" and set(parents) == {True, None}
    expected = parents == [True, True] or one_is_enough
    assert bool(goes(Situation(request=ask(ToActor("bo")), facts=known))) == expected
