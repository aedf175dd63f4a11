"""What a decision rested on, as a text: whole, the same for the same facts, telling nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings

from consent.decide import decide
from consent.model import CareRelation, ToPerson
from gateway.exchange.basis import RestsOn, read, written
from gateway.store.decision_basis import MOST_KNOWN, KnownBases, seal, unseal
from gateway.store.vault import Unreadable, Vault, encrypt, new_key
from tests.support.situations import Situation, ask, facts, grant, granted_by_both, situations

NOOR, LEA = UUID(int=1), UUID(int=2)
VAULT = Vault(b"k" * 32, b"p" * 32)


def rests_on(situation: Situation, **known: Any) -> RestsOn:
    usual: dict[str, Any] = {"act": "read", "versions": {"s0": 3}}
    return RestsOn(**usual | known, request=situation.request, facts=(situation.facts,))


A_CASE = rests_on(Situation(request=ask(), facts=facts(*granted_by_both())))


@settings(max_examples=300)
@given(situations())
def test_every_situation_is_read_back_whole_and_decided_the_same(situation: Situation) -> None:
    text = written(rests_on(situation))
    found = read(text)
    assert found is not None
    assert written(found) == text
    first = decide(situation.request, situation.facts, at=situation.at)
    assert decide(found.request, found.facts[0], at=situation.at) == first


def test_a_day_stays_a_day_and_an_instant_an_instant() -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    care = (CareRelation(service="vaph-1", since=date(2026, 3, 2), until=midnight),)
    found = read(written(rests_on(Situation(request=ask(), facts=facts(relations=care)))))
    assert found is not None
    assert found.facts[0].relations == care
    assert type(found.facts[0].relations[0].since) is date


def test_who_asks_stays_who_asks() -> None:
    found = read(written(rests_on(Situation(request=ask(ToPerson("mother")), facts=facts()))))
    assert found is not None
    assert found.request.to == ToPerson("mother")


def test_the_order_in_which_facts_were_found_does_not_matter() -> None:
    known = facts(grant("mother", "diagnosis", "functional"))
    turned = replace(known, people=dict(list(known.people.items())[::-1]))
    assert list(turned.people) != list(known.people)
    case = Situation(request=ask(), facts=known)
    assert written(rests_on(case)) == written(rests_on(replace(case, facts=turned)))


def test_a_fact_that_this_program_does_not_know_is_not_skipped() -> None:
    text = orjson.loads(written(A_CASE))
    assert read(orjson.dumps(text)) == A_CASE
    text["facts"][0]["child"]["protected_by"] = "court"
    assert read(orjson.dumps(text)) is None


def test_the_bases_that_had_lapsed_are_kept_and_a_text_from_before_knows_of_none() -> None:
    known = facts(*granted_by_both(), lapsed_bases=frozenset({"release-of-secrecy"}))
    case = Situation(request=ask(), facts=known)
    found = read(written(rests_on(case)))
    assert found is not None
    assert decide(found.request, found.facts[0], at=case.at).outcome == "deny"
    before = orjson.loads(written(A_CASE))
    del before["facts"][0]["lapsed_bases"], before["only"]
    assert read(orjson.dumps(before)) == A_CASE


def test_another_form_and_a_damaged_text_are_not_guessed_at() -> None:
    text = orjson.loads(written(A_CASE))
    assert read(orjson.dumps(text | {"form": 2})) is None
    assert read(orjson.dumps(text | {"request": None})) is None
    assert read(b"") is None


def test_the_hash_is_keyed_and_about_one_child() -> None:
    text = written(A_CASE)
    hashes = {
        VAULT.basis_hash(NOOR, text),
        VAULT.basis_hash(LEA, text),
        Vault(b"k" * 32, b"q" * 32).basis_hash(NOOR, text),
    }
    assert len(hashes) == 3
    assert VAULT.basis_hash(NOOR, text) in hashes


def test_content_opens_for_its_own_child_only_and_only_unchanged() -> None:
    key, text = new_key(), written(A_CASE)
    stored = seal(VAULT, KnownBases(), NOOR, key, text)
    assert stored.content is not None
    assert b"diagnosis" not in stored.content
    assert unseal(VAULT, key, stored) == text
    for wrong in (stored._replace(child=LEA), stored._replace(content=b"short")):
        with pytest.raises(Unreadable):
            unseal(VAULT, key, wrong)
    with pytest.raises(Unreadable):
        unseal(VAULT, new_key(), stored)


def test_other_facts_written_by_somebody_with_the_childs_key_are_found() -> None:
    key, text = new_key(), written(A_CASE)
    stored = seal(VAULT, KnownBases(), NOOR, key, text)
    place = f"child/{NOOR}/basis/{stored.hash.hex()}"
    assert unseal(VAULT, key, stored._replace(content=encrypt(key, text, place=place))) == text
    forged = stored._replace(content=encrypt(key, text + b" ", place=place))
    assert unseal(VAULT, key, forged) is None


def test_what_is_known_to_be_stored_is_not_sent_again_until_it_is_forgotten() -> None:
    known, key, text = KnownBases(), new_key(), written(A_CASE)
    first = seal(VAULT, known, NOOR, key, text)
    assert seal(VAULT, known, NOOR, key, text).content is not None
    known.remember((first, None))
    assert seal(VAULT, known, NOOR, key, text) == first._replace(content=None)
    known.forget()
    assert seal(VAULT, known, NOOR, key, text).content is not None


def test_a_process_remembers_only_so_much() -> None:
    known, first = KnownBases(), seal(VAULT, KnownBases(), NOOR, new_key(), b"")
    many = [first._replace(hash=number.to_bytes(4)) for number in range(MOST_KNOWN + 1)]
    known.remember(many)
    assert many[0].hash in known
    known.remember((first,))
    assert many[0].hash not in known
    assert first.hash in known
