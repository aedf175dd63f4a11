"""Which grants a decision names that lifted a bar: those that were needed for it, and no other."""

from dataclasses import replace
from typing import Any

import pytest

from consent.model import Consent, Facts, Ground, Person, Service, ToPerson, ToService
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
    the_segment,
)

AUNT = {**PARENTS, "aunt": Person(relation="kin")}
COURT = ask(ToService("court"), purpose="justice")


def order(*classes: str) -> Ground:
    return Ground(kind="court_order", validated=True, classes=frozenset(classes))


def about(*names: str, data_class: str = "third_party", **known: Any) -> Any:
    return a_record(a_segment(data_class, id="dx", about=frozenset(names), **known))


def known_to_court(*consents: Consent, **known: Any) -> Facts:
    services = {**SERVICES, "court": Service(kind="judiciary")}
    usual: dict[str, Any] = {"child": a_child(born=FOURTEEN), "relations": (), "people": AUNT}
    return facts(*consents, services=services, **usual | known)


def to_court(*givers: str, **changed: Any) -> list[Consent]:
    """Grants of these people for the court; the mother's as changed."""
    usual: dict[str, Any] = {"purpose": "justice", "to": frozenset({"court"})}
    agreed = [grant(name, "third_party", "diagnosis", **usual) for name in givers]
    return [replace(one, **changed) if one.by == "mother" else one for one in agreed]


def test_what_is_only_about_the_mother_rests_on_her_grant_alone() -> None:
    granted = (*granted_by_both("parent_data"), grant("child", "parent_data"))
    part = the_segment(facts(*granted, record=about("mother", data_class="parent_data")))
    assert (part.rule, part.consents) == ("K1", ("grant-mother",))


def test_an_order_for_the_court_rests_on_everybody_it_tells_about_as_well() -> None:
    agreed = to_court("child", "mother", "father", "aunt")
    known = known_to_court(*agreed, record=about("child", "aunt"))
    part = the_segment(known, replace(COURT, ground=order("third_party")))
    assert part.rule == "L2"
    assert part.consents == ("grant-aunt", "grant-child", "grant-father", "grant-mother")


def test_an_order_for_a_parent_rests_on_no_grant_of_the_child_it_did_not_need() -> None:
    everywhere: dict[str, Any] = {"to": None}
    granted = [grant(name, "third_party", **everywhere) for name in ("child", "aunt", "mother")]
    known = facts(
        *granted, people=AUNT, child=a_child(born=FOURTEEN), record=about("child", "aunt")
    )
    part = the_segment(known, ask(ToPerson("mother"), ground=order("third_party")))
    assert (part.rule, part.consents) == ("L2", ("grant-aunt",))


def test_an_order_for_a_service_rests_on_no_grant_of_intimate_health() -> None:
    known = facts(
        grant("child", "sexual_health"),
        child=a_child(born=FOURTEEN),
        record=about("child", data_class="sexual_health"),
    )
    part = the_segment(known, ask(ground=order("sexual_health")))
    assert (part.rule, part.consents) == ("L2", ())


def test_who_told_something_that_is_no_confidence_lifts_nothing() -> None:
    granted = [grant(name, "third_party") for name in ("aunt", "mother")]
    known = facts(*granted, people=AUNT, record=about("child", "aunt", given_by="mother"))
    part = the_segment(known, ask(ground=order("third_party")))
    assert (part.rule, part.consents) == ("L2", ("grant-aunt",))


def test_who_reads_the_own_confidence_needs_no_own_grant() -> None:
    told = about("child", data_class="confidential", given_by="mother")
    known = facts(grant("mother", "confidential", to=None), record=told)
    part = the_segment(known, ask(ToPerson("mother"), ground=order("confidential")))
    assert (part.rule, part.consents) == ("L2", ())


def test_a_text_changed_for_one_who_does_not_decide_is_asked_again_before_a_court() -> None:
    agreed = to_court("child", "mother", "father", text_changed=True)
    part = the_segment(known_to_court(*agreed), COURT)
    assert (part.effect, part.rule) == ("withhold", "K7")


def test_a_text_changed_for_one_who_decides_is_asked_again_beside_a_lifter() -> None:
    granted = [grant(name, "third_party") for name in ("mother", "father", "aunt")]
    asked_again = [replace(one, text_changed=one.by == "mother") for one in granted]
    part = the_segment(facts(*asked_again, people=AUNT, record=about("child", "aunt")))
    assert (part.effect, part.rule) == ("withhold", "K7")
    kept = the_segment(facts(*granted, people=AUNT, record=about("child", "aunt")))
    assert kept.rule == "K1"


@pytest.mark.parametrize("beside", ["parent_data", "third_party"])
def test_a_child_that_reads_its_file_reads_context_beside_data_of_others(beside: str) -> None:
    record = a_record(
        a_segment("context", id="dx", about=frozenset({"child", "mother"})),
        a_segment(beside, about=frozenset({"mother"})),
    )
    known = facts(child=a_child(born=FOURTEEN), record=record)
    reading = ask(ToPerson("child"), purpose="subject_access")
    assert the_segment(known, reading).rule == "L8"
    assert the_segment(known, reading, name=beside).rule == "H5"


def test_context_about_others_is_no_data_of_others_to_a_service() -> None:
    record = a_record(
        a_segment("context", id="dx", about=frozenset({"child", "aunt"})),
        a_segment("third_party", about=frozenset({"aunt"})),
    )
    known = facts(people=AUNT, record=record)
    assert the_segment(known).rule == "T6"
    assert the_segment(known, name="third_party").rule == "H5"


def test_compulsory_goes_by_law_only_where_a_transfer_is_invoked() -> None:
    told_no = Consent(id="objection", by="mother", effect="object")
    compulsory = a_segment("diagnosis", id="dx", compulsory=True)
    part = the_segment(facts(told_no, record=a_record(compulsory)))
    assert (part.effect, part.rule) == ("withhold", "T6")


@pytest.mark.parametrize(
    "granted",
    [granted_by_both(text_changed=True, purpose=None), (grant("mother", purpose=None),)],
)
@pytest.mark.parametrize("where", [{"kind": "onward"}, {"flags": {"deceased"}}])
def test_a_grant_has_no_say_where_consent_does_not_count(
    granted: tuple[Consent, ...], where: dict[str, Any]
) -> None:
    child = a_child(flags=frozenset(where.get("flags", ())))
    part = the_segment(facts(*granted, child=child), ask(kind=where.get("kind", "routed")))
    assert (part.effect, part.rule, part.consents) == ("withhold", "T6", ())


def test_each_part_of_a_record_is_asked_again_for_the_texts_it_rests_on() -> None:
    agreed = to_court("child", "mother", "father", text_changed=True)
    record = a_record(a_segment("diagnosis", id="dx"), a_segment("functional"))
    answer = decided(known_to_court(*agreed, record=record), COURT)
    assert answer.segments["dx"].rule == "K7"
    assert answer.segments["functional"].rule == "H3"


def test_a_parent_who_reads_by_the_grant_of_the_child_also_rests_on_who_else_it_tells_about() -> (
    None
):
    granted = [grant(name, "context", to=None, purpose=None) for name in ("child", "aunt")]
    known = facts(
        *granted,
        people=AUNT,
        child=a_child(born=FOURTEEN),
        record=about("child", "aunt", data_class="context"),
    )
    part = the_segment(known, ask(ToPerson("mother"), purpose="subject_access"))
    assert (part.rule, part.consents) == ("L8", ("grant-aunt", "grant-child"))
