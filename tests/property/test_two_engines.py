"""The engine in `consent/` and the Cedar policies, written apart, give one answer.

DEELREGIE_SITUATIONS says how many random situations are compared (20 000 unless set; a million at
night). A failure prints the smallest situation in which they still differ, with both answers.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consent import decide as first_module
from consent.model import Decision
from consent.rules import RULES, TABLE
from tests.second_engine.comparing import ask_second, differs, report
from tests.second_engine.engine import decide as second_engine
from tests.second_engine.engine import rows_that_decide
from tests.second_engine.random_situations import Situation, situation
from tests.second_engine.rulebook import RIDER, Row, Rulebook, policy_text, rulebook
from tests.second_engine.small_scope import READERS, small_scope
from tests.support.scenarios import load_folder

SITUATIONS = int(os.environ.get("DEELREGIE_SITUATIONS", "20000"))
SHARES = 4
PER_PLACE = 50
PLACES = max(1, SITUATIONS // SHARES // PER_PLACE)
SECONDS = max(600, SITUATIONS // 50)
FIXED = range(4000)


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("share", range(SHARES))
def test_both_engines_give_the_same_answer_to_every_random_situation(share: int) -> None:
    compared: set[int] = set()

    # Hypothesis draws the places to look; fifty situations at each place cost it little.
    @settings(max_examples=PLACES, deadline=None, database=None, phases=[Phase.generate])
    @given(st.integers(0, 2**40))
    def compare(place: int) -> None:
        for number in range(PER_PLACE):
            seed = (place * PER_PLACE + number) * SHARES + share
            told = situation(seed)
            assert not differs(told), f"situation({seed}). {report(told)}"
            compared.add(seed)

    compare()
    assert len(compared) == PLACES * PER_PLACE


@pytest.mark.parametrize("reader", READERS)
def test_both_engines_agree_on_everything_in_a_small_scope(reader: str) -> None:
    for told in small_scope(reader):
        assert not differs(told), report(told)


def test_both_engines_agree_on_every_scenario_and_with_its_author() -> None:
    for scenario in load_folder():
        told = Situation(scenario.request, scenario.facts, scenario.at)
        assert not differs(told), report(told)
        decision, expected = ask_second(told), scenario.expect
        assert decision.outcome == expected.outcome, scenario.name
        assert expected.obligations <= decision.obligations, scenario.name
        assert expected.silent in {None, decision.silent}, scenario.name
        found = {name: (part.effect, part.rule) for name, part in decision.segments.items()}
        assert expected.segments.items() <= {n: e for n, (e, _) in found.items()}.items()
        assert expected.rules.items() <= {n: r for n, (_, r) in found.items()}.items()


@cache
def second_answers() -> list[tuple[Situation, Decision]]:
    """The same situations in every run, with the second engine's answers."""
    return [(told, ask_second(told)) for told in map(situation, FIXED)]


@pytest.mark.timeout(600)
def test_the_comparison_reaches_every_rule_and_every_limb_of_it() -> None:
    reached = {row for seed in FIXED for row in rows_deciding(situation(seed))}
    assert {row.id for row in reached} == RULES.keys() - {"G0"}
    missed = {row for row in rulebook().rows if row.tier != RIDER} - reached
    assert [(row.id, row.limb) for row in missed] == []


def rows_deciding(told: Situation) -> list[Row]:
    return rows_that_decide(told.request, told.facts, at=told.at)


@pytest.mark.timeout(600)
def test_a_rule_lost_from_the_first_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    unnoticed = []
    for rule in RULES.keys() - {"G0", "T6"}:
        kept = tuple(row for row in TABLE if row.id != rule)
        monkeypatch.setattr(first_module, "TABLE", kept)
        plain = tuple(row for row in kept if not row.on_route)
        monkeypatch.setattr(first_module, "WITHOUT_ROUTES", plain)
        if not any(differs(told, second=saying(answer)) for told, answer in decided_by(rule)):
            unnoticed.append(rule)
    assert unnoticed == []


def decided_by(rule: str) -> Iterator[tuple[Situation, Decision]]:
    """The situations that show whether a rule is there, as the second engine answered them."""
    for told, answer in second_answers():
        if any(part.rule == rule for part in answer.segments.values()):
            yield told, answer


def saying(answer: Decision) -> Callable[[Situation], Decision]:
    """What was answered before; a smaller situation of the same seed is asked anew."""
    return lambda told: answer if told.facts.record.segments else ask_second(told)


WRONG_POLICIES = {
    "a class too many for one parent": (
        '"diagnosis"].contains(resource.class)',
        '"diagnosis", "medical"].contains(resource.class)',
    ),
    "a bar that lets a parent's data go": (
        '["parent_data", "third_party"].contains',
        '["third_party"].contains',
    ),
    "a transfer that yields to no restriction": ('@unless("T3")', ""),
    "necessity that does not stand above the court's pieces": (
        '@id("H2") @tier("T1") @effect("withhold") @unless("L3")',
        '@id("H2") @tier("T1") @effect("withhold")',
    ),
    "a quarrel that stops a team": ('@unless("J1")\n@waits_for("agreement")', ""),
    "everybody bound by secrecy": ("!principal.bound &&", "false &&"),
    "no reconfirmation after the twelfth birthday": ('@adds("reconfirm")', '@adds("")'),
    "a team that needs no legal basis": ('@basis("joint-secrecy")', ""),
    "danger that stands above bars without a legal basis": ('@basis("necessity")', ""),
    "one parent who speaks for both where nobody can release": (
        '@basis("good-faith-one-parent release-of-secrecy")',
        '@basis("good-faith-one-parent")',
    ),
    "a silent refusal that shows": ('@silent("yes") @stands_aside_for', "@stands_aside_for"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mistake", WRONG_POLICIES)
def test_a_mistake_in_a_policy_is_found(mistake: str) -> None:
    right, wrong = WRONG_POLICIES[mistake]
    assert right in policy_text()
    mistaken = Rulebook(policy_text().replace(right, wrong))

    def ask_mistaken(told: Situation) -> Decision:
        return second_engine(told.request, told.facts, at=told.at, rules=mistaken)

    found = (differs(situation(seed), second=ask_mistaken) for seed in FIXED)
    assert any(found), "nobody noticed"
