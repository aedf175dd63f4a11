"""A decision also rests on the grants that lifted a bar: they are named, and their text counts."""

from dataclasses import replace
from typing import Any

from consent.model import (
    Actor,
    Consent,
    Facts,
    Ground,
    SegmentDecision,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from tests.support.situations import (
    FOURTEEN,
    SERVICES,
    a_child,
    a_record,
    a_segment,
    ask,
    facts,
    grant,
    granted_by_both,
    the_segment,
)

COURT = ask(ToService("court"), purpose="justice")
ORDER = Ground(
    kind="court_order", validated=True, classes=frozenset({"confidential", "third_party"})
)
TO_COURT: dict[str, Any] = {"purpose": "justice", "to": frozenset({"court"})}


def before_court(*consents: Consent) -> Facts:
    """A capable child of fourteen and two parents, and a court that asks."""
    services = {**SERVICES, "court": Service(kind="judiciary")}
    return facts(*consents, services=services, child=a_child(born=FOURTEEN), relations=())


def everybody(**changed: Any) -> list[Consent]:
    """The agreement of the child and both parents, one of them as changed."""
    agreed = [grant(name, **TO_COURT) for name in ("child", "mother", "father")]
    return [replace(one, **changed) if one.by == "mother" else one for one in agreed]


def about(*names: str, data_class: str = "third_party", **known: Any) -> Any:
    return a_record(a_segment(data_class, id="dx", about=frozenset(names), **known))


def to_vaph(known: Facts, ground: Ground | None = None) -> SegmentDecision:
    return the_segment(known, ask(ground=ground))


def test_the_court_is_answered_on_the_agreement_of_the_parents_too() -> None:
    part = the_segment(before_court(*everybody()), COURT)
    assert part.effect == "extract"
    assert part.consents == ("grant-child", "grant-father", "grant-mother")


def test_a_changed_text_of_a_parent_before_the_court_is_asked_again() -> None:
    part = the_segment(before_court(*everybody(text_changed=True)), COURT)
    assert (part.effect, part.rule) == ("withhold", "K7")
    assert part.obligations == {"ask_again"}
    assert part.consents == ("grant-child", "grant-father", "grant-mother")


def test_an_unchanged_text_beside_the_changed_one_is_enough() -> None:
    again = grant("mother", id="again", **TO_COURT)
    part = the_segment(before_court(*everybody(text_changed=True), again), COURT)
    assert (part.rule, part.consents) == ("K2", ("again", "grant-child", "grant-father"))


def test_an_order_that_names_a_confidence_rests_on_the_grant_of_its_giver() -> None:
    told = about("child", data_class="confidential", given_by="mother")
    part = to_vaph(facts(grant("mother", "confidential"), record=told), ORDER)
    assert (part.rule, part.consents) == ("L2", ("grant-mother",))


def test_an_order_that_names_data_of_others_rests_on_their_grants() -> None:
    known = facts(*granted_by_both("third_party"), record=about("child", "mother", "father"))
    part = to_vaph(known, ORDER)
    assert (part.rule, part.consents) == ("L2", ("grant-father", "grant-mother"))


def test_a_team_that_reads_a_confidence_rests_on_the_grant_of_its_giver() -> None:
    told = about("child", data_class="confidential", given_by="mother")
    care = replace(facts().relations[0], service="clb-1", team="team-1", actors=frozenset({"cleo"}))
    known = facts(
        grant("mother", "confidential", to=None),
        record=told,
        relations=(care,),
        actors={"cleo": Actor(service="clb-1", role="care")},
    )
    part = the_segment(known, ask(ToActor("cleo"), ground=Ground(kind="team", team="team-1")))
    assert (part.rule, part.consents) == ("J1", ("grant-mother",))


def test_an_order_for_a_parent_rests_on_the_grant_of_the_capable_child() -> None:
    health = about("child", data_class="sexual_health")
    child = grant("child", "sexual_health", to=None)
    order = replace(ORDER, classes=frozenset({"sexual_health"}))
    known = facts(child, record=health, child=a_child(born=FOURTEEN))
    part = the_segment(known, ask(ToPerson("mother"), ground=order))
    assert (part.rule, part.consents) == ("L2", ("grant-child",))


def test_danger_rests_on_no_grant() -> None:
    told = about("child", data_class="confidential", given_by="mother")
    danger = Ground(kind="necessity", invoked_by="cleo", record="complete")
    actors = {"cleo": Actor(service="clb-1", role="care")}
    part = to_vaph(facts(grant("mother", "confidential"), record=told, actors=actors), danger)
    assert (part.rule, part.consents) == ("L3", ())


def test_basic_data_that_an_order_names_rest_on_no_grant() -> None:
    order = Ground(kind="court_order", validated=True, classes=frozenset({"logistics"}))
    known = replace(before_court(*everybody()), record=a_record(a_segment("logistics", id="dx")))
    part = the_segment(known, replace(COURT, ground=order))
    assert (part.rule, part.consents) == ("L2", ())
