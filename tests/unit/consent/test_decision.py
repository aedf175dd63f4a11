"""The answer as a whole: outcome, obligations, silence, and what cannot be read."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from consent.decide import decide
from consent.explain import LANGUAGES, explain, reason
from consent.model import (
    Actor,
    CareRelation,
    Decision,
    Facts,
    Ground,
    Person,
    Recipient,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from consent.rules import RULES, TABLE, Tier
from consent.vocabulary import DATA_CLASSES
from tests.support.situations import (
    AT,
    DX,
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
    refusal,
)

GRANTED = granted_by_both()
RECORD = a_record(a_segment("diagnosis"), a_segment("parent_data", about=frozenset({"mother"})))


def test_a_record_of_which_part_goes_is_redacted_without_traces() -> None:
    decision = decided(facts(*GRANTED, record=RECORD))
    assert decision.outcome == "redact"
    assert decision.obligations == {"minimum", "no_onward", "strip_traces"}
    assert not decision.silent


def test_a_record_goes_whole_only_if_every_segment_does() -> None:
    decision = decided(facts(*GRANTED))
    assert decision.outcome == "permit"
    assert "strip_traces" not in decision.obligations


def test_something_held_and_nothing_sent_is_a_hold() -> None:
    both = facts(*GRANTED, refusal("mother"), record=RECORD)
    assert {part.effect for part in decided(both).segments.values()} == {"hold", "withhold"}
    assert decided(both).outcome == "hold"


def test_a_refusal_is_silent_only_if_every_segment_fell_to_a_silent_rule() -> None:
    loud = a_record(a_segment("diagnosis"), a_segment("therapy_notes"))
    assert decided(facts()).silent
    assert not decided(facts(record=loud)).silent


def test_a_record_without_segments_looks_like_nothing_to_share() -> None:
    decision = decided(facts(record=a_record()))
    assert (decision.outcome, decision.silent) == ("deny", True)
    assert not decision.segments


def test_only_a_pull_is_narrowed_by_the_classes_it_asks_for() -> None:
    record = a_record(a_segment("diagnosis"), a_segment("functional"))
    known = facts(*granted_by_both("diagnosis", "functional"), record=record)
    asked = frozenset({"diagnosis"})
    pulled = decided(known, ask(kind="pull", classes=asked))
    assert set(pulled.segments) == {"diagnosis"}
    assert pulled.outcome == "permit"
    assert set(decided(known, ask(classes=asked)).segments) == {"diagnosis", "functional"}
    assert not decided(known, ask(kind="pull", classes=frozenset())).segments


def nothing_is_read(decision: Decision) -> bool:
    return decision.outcome == "deny" and {part.rule for part in decision.segments.values()} <= {
        "G0"
    }


def test_an_instant_without_a_zone_decides_nothing() -> None:
    naive = datetime(2026, 3, 2, 10)
    assert nothing_is_read(decided(facts(*GRANTED), at=naive))


def test_two_segments_under_one_name_are_not_told_apart() -> None:
    twice = a_record(a_segment("diagnosis", id="dx"), a_segment("medical", id="dx"))
    assert nothing_is_read(decided(facts(*GRANTED, record=twice)))


def test_a_flag_nobody_knows_may_be_a_protection() -> None:
    hidden = a_child(flags=frozenset({"secret_adress"}))
    assert nothing_is_read(decided(facts(*GRANTED, child=hidden)))


@pytest.mark.parametrize(
    "broken",
    [
        {"record": None},
        {"record": a_record(), "consents": None},
        {"record": a_record(None)},  # type: ignore[arg-type]
        {"people": None},
        {"services": 7},
        {"child": "noor"},
        {"relations": (None,)},
        {"consents": (None,)},
        {"consents": (replace(GRANTED[0], classes=5),)},  # type: ignore[arg-type]
        {"consents": (replace(GRANTED[0], since="2026"),)},  # type: ignore[arg-type]
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_facts_that_cannot_be_read_let_nothing_go(broken: dict[str, Any]) -> None:
    assert nothing_is_read(decided(replace(facts(*GRANTED), **broken)))


def test_the_end_of_time_is_no_error() -> None:
    for at in (datetime.max, datetime.min):
        assert decide(ask(), facts(*GRANTED), at=at.replace(tzinfo=UTC)).outcome == "deny"


def test_an_odd_question_about_sound_facts_is_denied() -> None:
    odd: Any = "everybody"
    assert nothing_is_read(decided(facts(*GRANTED), replace(ask(), to=odd)))
    assert decided(facts(*GRANTED), ask(ToService("vaph-1"), purpose=odd)).outcome == "deny"


def test_the_table_is_in_tier_order_but_for_two_routes_and_ends_by_denying() -> None:
    kept = [row for row in TABLE if row.id != "L9"]
    rest_of_a_transfer = max(number for number, row in enumerate(kept) if row.id == "L1")
    tiers = [row.tier for number, row in enumerate(kept) if number != rest_of_a_transfer]
    assert tiers == sorted(tiers)
    ids = [row.id for row in TABLE]
    # The marker of L9 is kept before a bar refuses; a permission to transfer yields to T3.
    assert ids.index("L9") == ids.index("H1") - 1
    assert len(ids) - 1 - ids[::-1].index("L1") == ids.index("R8") + 1
    last = TABLE[-1]
    assert (last.id, last.tier, last.effect) == ("T6", Tier.DEFAULT, "withhold")
    assert last.when(None) and last.applies(None)  # type: ignore[arg-type]  # noqa: PT018


def test_the_rules_are_tested_in_the_order_of_the_law() -> None:
    order = (
        "G1 G2 G3 G4 G6 G7 G5 L9 H1 H2 H3 H4 H7 H5 H6 L1 L2 L3 L4 L5 L6 L6b L7 L8"
        " R1 R2 R3 R7 R4 R5 R6 R8 K5 K6 K7 K2 K2b K1 K4 K3 J1 T6"
    )
    assert list(dict.fromkeys(row.id for row in TABLE)) == order.split()


def test_the_limbs_of_one_rule_agree_on_what_it_does() -> None:
    for row in TABLE:
        rule = RULES[row.id]
        assert (row.tier, row.effect, row.basis, row.silent) == (
            rule.tier,
            rule.effect,
            rule.basis,
            rule.silent,
        )


def test_the_six_silent_rules_are_the_ones_of_the_law() -> None:
    silent = {rule.id for rule in TABLE if rule.silent}
    assert silent == {"G4", "H7", "R1", "R2", "K3", "T6"}


def test_only_consent_team_and_the_law_itself_let_anything_go() -> None:
    letting = {rule.id for rule in TABLE if rule.effect in {"permit", "extract"}}
    assert letting == {
        "K1",
        "K2",
        "K2b",
        "K4",
        "J1",
        "L1",
        "L2",
        "L3",
        "L4",
        "L5",
        "L6",
        "L7",
        "L8",
    }


def test_every_hold_says_what_it_waits_for_and_nothing_else_waits() -> None:
    for rule in TABLE:
        assert bool(rule.waits_for) == (rule.effect == "hold")
        assert ("re_decide" in rule.obligations) == (rule.effect == "hold")


def test_the_answer_names_the_legal_basis_of_its_rule() -> None:
    for known in (facts(), facts(*GRANTED), facts(*GRANTED, refusal("mother"))):
        for part in decided(known).segments.values():
            assert part.basis == RULES[part.rule].basis


@pytest.mark.parametrize("kind", ["necessity", "vital_emergency"])
def test_danger_in_facts_that_cannot_be_read_goes_to_a_person(kind: str) -> None:
    unread = replace(facts(*GRANTED), people=None)  # type: ignore[arg-type]
    decision = decided(unread, ask(ground=Ground(kind=kind)))
    assert nothing_is_read(decision)
    assert decision.obligations == {"refer_to_human"}
    assert not decided(unread, ask(ground=Ground(kind="statutory"))).obligations
    assert not decided(unread).obligations


@pytest.mark.parametrize(
    ("unread", "at"),
    [
        (facts(*GRANTED), datetime(2026, 3, 2, 10)),
        (facts(*GRANTED, child=a_child(flags=frozenset({"mystery"}))), AT),
        (facts(*GRANTED, record=a_record(DX, DX)), AT),
        (replace(facts(*GRANTED), people=None), AT),  # type: ignore[arg-type]
    ],
    ids=["instant", "flag", "names", "people"],
)
def test_whatever_cannot_be_read_every_segment_stays_and_danger_goes_to_a_person(
    unread: Facts, at: datetime
) -> None:
    decision = decided(unread, ask(), at)
    part = decision.segments["dx"]
    assert (part.rule, part.effect, part.basis) == ("G0", "withhold", "default-deny")
    assert decision.outcome == "deny"
    assert not decision.obligations
    assert not decision.silent
    urgent = decided(unread, ask(ground=Ground(kind="necessity")), at)
    assert urgent.segments["dx"].rule == "G0"
    assert urgent.obligations == {"refer_to_human"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_says_why_in_a_few_plain_words(language: str) -> None:
    for rule in RULES.values():
        words = reason(rule.id, language)
        assert words.endswith(".")
        assert max(len(sentence.split()) for sentence in words.split(". ")) <= 20
        assert words == getattr(rule.reason, language)


def test_a_decision_explains_each_segment_and_speaks_dutch_by_default() -> None:
    decision = decided(facts(*GRANTED, record=RECORD))
    assert explain(decision) == {
        "diagnosis": "Iedereen die hierover beslist, gaf toestemming.",
        "parent_data": "Dit gaat over iemand anders. Die persoon gaf hiervoor geen toestemming.",
    }
    assert explain(decision, "en")["diagnosis"] == "Everybody who decides about this agreed."
    assert explain(decision, "xx") == explain(decision, "nl")


def test_a_decision_rests_on_the_facts_alone() -> None:
    known: Facts = facts(*GRANTED, record=RECORD)
    request = ask(ground=Ground(kind="team", team="t"))
    first = decide(request, known, at=AT)
    assert first == decide(request, known, at=AT)
    assert first == decide(replace(request), replace(known), at=AT.astimezone(UTC))


EVERYTHING = granted_by_both(*DATA_CLASSES)
NAMED = {"classes": frozenset({"diagnosis", "medical"})}


@pytest.mark.parametrize(
    "consents",
    [
        (),
        GRANTED,
        EVERYTHING,
        (*EVERYTHING, refusal("mother", **NAMED)),
        (*EVERYTHING, refusal("mother", effect="object_gdpr", **NAMED)),
        (*EVERYTHING, refusal("father"), refusal("mother", effect="restrict_gdpr", **NAMED)),
        (grant("mother", *DATA_CLASSES), grant("father", "diagnosis", "functional")),
        (grant("mother", "functional"), grant("father", "context", to_person="bo")),
    ],
)
@pytest.mark.parametrize("to", [ToService("vaph-1"), ToActor("an"), ToPerson("foster")], ids=str)
def test_segments_of_one_record_are_answered_as_if_each_stood_alone(
    consents: Any, to: Recipient
) -> None:
    staff = {name: Actor(service="vaph-1", role="medical") for name in ("an", "bo")}
    people = PARENTS | {"foster": Person(relation="foster_parent")}
    segments = [
        a_segment(data_class, id=f"{data_class}-{len(about)}", about=about)
        for data_class in sorted(DATA_CLASSES)
        for about in (frozenset({"child"}), frozenset({"child", "mother"}))
    ]
    known = facts(*consents, people=people, actors=staff, record=a_record(*segments))
    together = decided(known, ask(to)).segments
    for segment in segments:
        alone = decided(replace(known, record=a_record(segment)), ask(to)).segments
        assert together[segment.id] == alone[segment.id]


def test_a_record_of_which_only_an_extract_goes_is_redacted() -> None:
    grants = granted_by_both("functional", to=frozenset({"creche"}))
    known = facts(
        *grants,
        services=SERVICES | {"creche": Service(kind="childcare")},
        relations=(CareRelation(service="creche"),),
        record=a_record(a_segment("functional")),
    )
    decision = decided(known, ask(ToService("creche")))
    assert (decision.outcome, decision.segments["functional"].effect) == ("redact", "extract")


def test_only_a_mandated_service_that_fetches_for_safety_is_told_of_a_blind_relay() -> None:
    services = SERVICES | {"vk": Service(kind="vk")}
    known = facts(services=services, relations=(*facts().relations, CareRelation(service="vk")))
    for to, kind, purpose, owed in (
        ("vk", "pull", "safety", {"blind_relay"}),
        ("vk", "routed", "safety", set()),
        ("vk", "pull", "care", set()),
        ("vaph-1", "pull", "safety", set()),
    ):
        decision = decided(known, ask(ToService(to), kind=kind, purpose=purpose))
        assert decision.segments["dx"].rule == "T6"
        assert decision.obligations == owed


def test_a_question_that_cannot_be_read_at_all_is_not_called_urgent() -> None:
    odd: Any = object()
    decision = decide(odd, facts(*GRANTED), at=AT)
    assert decision.segments["dx"].rule == "G0"
    assert not decision.obligations


def test_all_protections_at_once_can_be_read() -> None:
    child = a_child(flags=frozenset({"anonymous_help", "secret_address", "deceased"}))
    assert decided(facts(*GRANTED, child=child)).segments["dx"].rule == "T6"
