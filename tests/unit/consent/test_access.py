"""L8: who reads a file about themselves or about a child, and what stays out."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from consent.model import Consent, Facts, Person, ToPerson
from consent.moments import BRUSSELS
from tests.support.situations import (
    AT,
    FOURTEEN,
    PARENTS,
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

MINOR = a_child(born=FOURTEEN)
ADULT = a_child(born=date(2000, 1, 1))
FAMILY = PARENTS | {
    "guide": Person(relation="confidant"),
    "aunt": Person(relation="kin"),
    "foster": Person(relation="foster_parent", authority="delegated"),
    "guardian": Person(relation="guardian"),
}
DECEASED = frozenset({"deceased"})


def a_file(*consents: Consent, data_class: str = "development", **known: Any) -> Facts:
    about = {name: known.pop(name) for name in ("about", "given_by", "reporter") if name in known}
    record = a_record(a_segment(data_class, id="dx", **about))
    return facts(*consents, **{"people": FAMILY, "record": record} | known)


def reads(person: str, known: Facts, at: datetime = AT) -> str:
    return rule_for(known, ask(ToPerson(person), purpose="subject_access"), at=at)


def opens(to: str = "mother", *classes: str, **known: Any) -> Consent:
    usual: dict[str, Any] = {"purpose": "subject_access", "to_person": to}
    return grant("child", *(classes or ("development",)), **usual | known)


def test_own_data_are_read_with_somebody_beside() -> None:
    own = a_file(about=frozenset({"aunt"}), data_class="parent_data")
    part = the_segment(own, ask(ToPerson("aunt"), purpose="subject_access"))
    assert (part.rule, part.effect) == ("L8", "permit")
    assert part.obligations == {"guided_view"}
    assert reads("mother", own) == "H5"


def test_what_is_also_about_somebody_else_is_not_ones_own() -> None:
    shared = a_file(about=frozenset({"aunt", "mother"}))
    assert reads("aunt", shared) == "T6"


def test_a_capable_child_reads_its_file_and_a_small_child_does_not() -> None:
    assert reads("child", a_file(child=MINOR)) == "L8"
    assert reads("child", a_file(child=ADULT)) == "L8"
    assert reads("child", a_file()) == "T6"
    assert reads("child", a_file(child=a_child(capacity="capable"))) == "L8"
    assert reads("child", a_file(child=a_child(born=None))) == "T6"


def test_a_minor_reads_context_but_not_what_is_kept_for_educational_reasons() -> None:
    assert reads("child", a_file(data_class="context", child=MINOR)) == "L8"
    assert reads("child", a_file(data_class="agogic_exception", child=MINOR)) == "R7"
    assert reads("child", a_file(data_class="agogic_exception", child=ADULT)) == "L8"


def test_a_holder_of_authority_reads_in_the_place_of_a_small_child() -> None:
    assert reads("mother", a_file()) == "L8"
    assert reads("mother", a_file(data_class="agogic_exception")) == "L8"
    assert reads("mother", a_file(child=MINOR)) == "T6"
    for name in ("foster", "aunt", "guardian", "guide"):
        assert reads(name, a_file()) == "T6"
    for authority in ("held", "deprived", "none"):
        people = FAMILY | {"mother": Person(relation="parent", authority=authority)}
        assert reads("mother", a_file(people=people)) == "T6"


def test_beside_somebody_of_unknown_authority_nobody_reads_for_the_child() -> None:
    people = FAMILY | {"father": Person(relation="parent", authority="mystery")}
    assert reads("mother", a_file(people=people)) == "T6"


def test_while_capacity_is_unsettled_the_parents_wait() -> None:
    unsettled = a_child(capacity_contested=True)
    assert reads("mother", a_file(child=unsettled)) == "R8"


def test_one_parent_reads_although_the_other_refuses() -> None:
    assert reads("mother", a_file(refusal("father"))) == "L8"


def test_parents_do_not_read_context_about_others_or_a_young_persons_health() -> None:
    others = a_file(data_class="context", about=frozenset({"child", "aunt"}))
    assert reads("mother", others) == "H5"
    intimate = a_file(opens(), data_class="sexual_health", child=MINOR)
    assert reads("mother", intimate) == "H7"
    assert reads("mother", a_file(data_class="sexual_health")) == "L8"


def test_on_the_eighteenth_birthday_a_parent_stops_reading_at_midnight() -> None:
    child = a_child(born=date(2008, 3, 2), capacity="incapable")
    midnight = datetime(2026, 3, 2, tzinfo=BRUSSELS)
    known = a_file(child=child)
    assert reads("mother", known, at=midnight - timedelta(seconds=1)) == "L8"
    assert reads("mother", known, at=midnight) == "T6"
    own = a_file(child=child, data_class="parent_data", about=frozenset({"mother"}))
    assert reads("mother", own, at=midnight) == "L8"


def test_a_capable_child_can_open_its_file_to_a_parent_and_the_answer_names_the_grant() -> None:
    for child in (MINOR, ADULT):
        part = the_segment(
            a_file(opens(), child=child), ask(ToPerson("mother"), purpose="subject_access")
        )
        assert (part.rule, part.consents) == ("L8", ("grant-child",))
    assert reads("father", a_file(opens(), child=MINOR)) == "T6"
    assert reads("mother", a_file(opens(withdrawn=AT), child=MINOR)) == "R1"
    assert reads("guardian", a_file(opens("guardian"), child=MINOR)) == "T6"
    assert reads("mother", a_file(opens())) == "L8"


def test_a_right_of_ones_own_rests_on_no_grant() -> None:
    own = a_file(opens(), about=frozenset({"mother"}), child=MINOR)
    for known in (a_file(opens()), own):
        part = the_segment(known, ask(ToPerson("mother"), purpose="subject_access"))
        assert (part.rule, part.consents) == ("L8", ())


@pytest.mark.parametrize("child", [MINOR, ADULT], ids=["minor", "adult"])
def test_what_is_kept_for_educational_reasons_is_not_read_by_the_childs_grant(child: Any) -> None:
    kept = a_file(opens("mother", "agogic_exception"), data_class="agogic_exception", child=child)
    assert reads("mother", kept) == "R7"


def test_what_is_kept_for_educational_reasons_is_kept_from_the_child_and_its_parents_only() -> None:
    for name in ("aunt", "guardian"):
        kept = a_file(opens(name, "agogic_exception"), data_class="agogic_exception", child=MINOR)
        assert reads(name, kept) == "T6"


def test_a_parent_who_reads_nothing_does_not_hear_that_something_is_kept() -> None:
    yes, nobody_knows = opens("mother", "agogic_exception"), a_child(born=None)
    kept = a_file(yes, data_class="agogic_exception", child=nobody_knows)
    assert reads("mother", kept) == "T6"
    of_brother = a_file(
        opens("mother", "agogic_exception"),
        data_class="agogic_exception",
        child=MINOR,
        about=frozenset({"brother"}),
    )
    assert reads("mother", of_brother) == "T6"


@pytest.mark.parametrize("data_class", ["development", "agogic_exception", "context"])
def test_the_confidant_of_a_capable_minor_reads_what_is_kept_back_too(data_class: str) -> None:
    assert reads("guide", a_file(data_class=data_class, child=MINOR)) == "L8"
    assert reads("guide", a_file(data_class=data_class, child=ADULT)) == "T6"


@pytest.mark.parametrize(
    ("no", "rule"),
    [
        (refusal("child"), "R1"),
        (refusal("child", effect="exclude", to_person="guide"), "R1"),
        (opens("guide", withdrawn=AT), "R1"),
    ],
    ids=["refused", "excluded", "withdrawn"],
)
def test_the_minor_may_keep_its_confidant_out(no: Consent, rule: str) -> None:
    assert reads("guide", a_file(no, child=MINOR)) == rule


def test_of_a_deceased_child_everybody_reads_their_own_data_only() -> None:
    for born in (FOURTEEN, date(2017, 2, 1)):
        gone = a_child(born=born, flags=DECEASED)
        for name in ("child", "mother", "guide"):
            assert reads(name, a_file(opens(), child=gone)) == "T6"
        own = a_file(child=gone, data_class="parent_data", about=frozenset({"mother"}))
        assert reads("mother", own) == "L8"


def test_a_bar_stands_before_the_right_to_read() -> None:
    told = a_file(data_class="confidential", given_by="aunt", child=MINOR)
    assert reads("child", told) == "H4"
    assert reads("child", a_file(reporter=True, child=MINOR)) == "H4"
    assert reads("child", a_file(data_class="judicial", child=MINOR)) == "H2"


def test_reading_needs_no_care_relation_and_no_need_profile() -> None:
    assert reads("child", a_file(data_class="therapy_notes", child=MINOR, relations=())) == "L8"


def test_only_persons_read_and_only_by_a_known_kind_of_request() -> None:
    request = ask(ToPerson("child"), purpose="subject_access", kind="sideways")
    assert rule_for(a_file(child=MINOR), request) == "T6"
    assert rule_for(a_file(child=MINOR), ask(purpose="subject_access")) == "G3"


def test_what_the_right_does_not_open_is_asked_at_the_source() -> None:
    record = a_record(
        a_segment("development"), a_segment("parent_data", about=frozenset({"mother"}))
    )
    request = ask(ToPerson("mother"), purpose="subject_access")
    decision = decided(a_file(child=MINOR, record=record), request)
    assert decision.outcome == "redact"
    assert decision.obligations == {"guided_view", "refer_to_source", "strip_traces"}


def test_nobody_is_the_child_but_the_child() -> None:
    listed = FAMILY | {"child": Person(relation="other")}
    assert reads("child", a_file(child=MINOR, people=listed)) == "L8"
