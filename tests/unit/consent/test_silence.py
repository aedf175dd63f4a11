"""What a silent answer owes is the same whatever it hides, and the same as of an empty record."""

from typing import Any

import pytest

from consent.model import (
    Actor,
    Consent,
    Decision,
    Facts,
    Request,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from tests.support.situations import (
    DX,
    FOURTEEN,
    SERVICES,
    a_child,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    grant,
    granted_by_both,
    refusal,
)

VK = {**SERVICES, "vk": Service(kind="vk")}
# What the family or its log is owed; the recipient is told nothing of it.
INWARD = {"confirm_to_family", "filter_log"}
READING = ask(ToPerson("mother"), purpose="subject_access")
PULL = ask(ToActor("vera"), purpose="safety", kind="pull")


def known_to_vk(*consents: Consent, **known: Any) -> Facts:
    actors = {"vera": Actor(service="vk", role="care")}
    return facts(*consents, **{"services": VK, "actors": actors} | known)


def shown(decision: Decision) -> tuple[str, bool, frozenset[str]]:
    """What a recipient can see of a decision that lets nothing go."""
    return decision.outcome, decision.silent, decision.obligations - INWARD


HIDDEN = {
    "R1": known_to_vk(
        refusal("child", to=frozenset({"vk"})), child=a_child(born=FOURTEEN), relations=()
    ),
    "R2": known_to_vk(
        Consent(id="out", by="mother", effect="exclude", to=frozenset({"vk"})), relations=()
    ),
    "K3": known_to_vk(
        *granted_by_both("functional", to=frozenset({"vk"}), purpose=None), relations=()
    ),
    "T6": known_to_vk(relations=()),
}


@pytest.mark.parametrize("rule", HIDDEN)
def test_a_pull_in_danger_is_told_the_same_as_of_an_empty_record(rule: str) -> None:
    hidden = decided(HIDDEN[rule], PULL)
    assert {part.rule for part in hidden.segments.values()} == {rule}
    assert shown(hidden) == ("deny", True, frozenset({"blind_relay"}))
    assert shown(hidden) == shown(decided(known_to_vk(record=a_record(), relations=()), PULL))
    for part in hidden.segments.values():
        assert "blind_relay" in part.obligations


def test_reading_a_childs_hidden_file_is_told_the_same_as_of_an_empty_record() -> None:
    child = a_child(born=FOURTEEN)
    intimate = a_record(a_segment("sexual_health"))
    hidden = {
        "H7": facts(child=child, record=intimate),
        "R1": facts(refusal("child"), child=child),
        "T6": facts(child=child),
    }
    empty = decided(facts(child=child, record=a_record()), READING)
    assert shown(empty) == ("deny", True, frozenset({"refer_to_source"}))
    for rule, known in hidden.items():
        decision = decided(known, READING)
        assert {part.rule for part in decision.segments.values()} == {rule}
        assert shown(decision) == shown(empty)


def test_what_the_family_is_owed_stays_beside_it() -> None:
    assert decided(HIDDEN["R1"], PULL).segments["dx"].obligations == {
        "confirm_to_family",
        "blind_relay",
    }


def test_a_pull_for_none_of_the_classes_in_the_record_is_told_the_same() -> None:
    narrowed = ask(ToActor("vera"), purpose="safety", kind="pull", classes=frozenset({"concern"}))
    assert shown(decided(HIDDEN["T6"], narrowed)) == ("deny", True, frozenset({"blind_relay"}))


@pytest.mark.parametrize(
    "request_", [ask(), ask(ToService("vk"), purpose="safety"), ask(ToActor("vera"), kind="pull")]
)
def test_other_silent_answers_owe_the_recipient_nothing(request_: Request) -> None:
    for known in (known_to_vk(), known_to_vk(record=a_record()), known_to_vk(grant(), DX_ONLY)):
        assert not shown(decided(known, request_))[2] & {"blind_relay", "refer_to_source"}


DX_ONLY = refusal("father", classes=frozenset({DX.data_class}))
