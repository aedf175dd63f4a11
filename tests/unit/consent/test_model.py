"""What nobody says counts as not so: the usual values of facts, requests and answers."""

from dataclasses import MISSING, fields
from typing import Any

import pytest

from consent import model

UNSAID: dict[str, dict[str, Any]] = {
    "Child": {
        "capacity": "presumed",
        "capacity_motivated": True,
        "capacity_contested": False,
        "flags": frozenset(),
    },
    "Person": {"authority": "none", "disagrees": False},
    "Service": {
        "secrecy": None,
        "youth_help": None,
        "status": "active",
        "merged_into": None,
        "national_number": None,
    },
    "Actor": {"identity": "strong"},
    "CareRelation": {"since": None, "until": None, "team": None, "actors": None},
    "Protocol": {"until": None},
    "Consent": {
        "classes": None,
        "purpose": None,
        "from_services": None,
        "to": None,
        "to_person": None,
        "to_person_at": None,
        "since": None,
        "until": None,
        "withdrawn": None,
        "text_changed": False,
    },
    "Segment": {
        "about": frozenset({"child"}),
        "given_by": None,
        "reporter": False,
        "reveals_place": False,
        "compulsory": False,
    },
    "Record": {"unsplittable": False, "source_veto": False},
    "Ground": {
        "team": None,
        "validated": False,
        "classes": frozenset(),
        "notified_on": None,
        "waived": False,
        "due_from": None,
        "invoked_by": None,
        "record": "incomplete",
        "valid": False,
        "participants": frozenset(),
        "attempts": (),
        "answer": "none",
    },
    "Request": {"kind": "routed", "classes": None, "ground": None},
    "Facts": {"relations": (), "consents": (), "protocols": None, "lapsed_bases": frozenset()},
}


@pytest.mark.parametrize("name", UNSAID)
def test_what_is_not_said_is_not_so(name: str) -> None:
    usual = {
        one.name: one.default for one in fields(getattr(model, name)) if one.default is not MISSING
    }
    assert {field: usual.get(field, MISSING) for field in UNSAID[name]} == UNSAID[name]


def test_facts_that_name_nobody_know_nobody() -> None:
    facts = model.Facts(child=model.Child(born=None), record=model.Record(source="x", segments=()))
    assert (facts.people, facts.services, facts.actors, facts.merged) == ({}, {}, {}, {})


def test_an_answer_owes_nothing_and_is_not_silent_unless_it_says_so() -> None:
    part = model.SegmentDecision(model.Effect("withhold"), "T6")
    assert part[2:] == (frozenset(), (), "", "")
    whole = model.Decision(outcome=model.Outcome("deny"), segments={})
    assert (whole.obligations, whole.silent) == (frozenset(), False)


@pytest.mark.parametrize("words", [model.Effect, model.Outcome])
def test_an_effect_and_an_outcome_are_told_by_their_word(words: Any) -> None:
    known = {"Effect": "permit extract withhold hold", "Outcome": "permit redact deny hold"}
    assert [one.value for one in words] == known[words.__name__].split()
