"""Two auditors look behind one pseudonym: never one alone, not for long, and the family sees it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.exchange.audit.reidentify import (
    APPROVE_WITHIN,
    OPEN_FOR,
    Identity,
    Refused,
    approve,
    ask_who,
    who_is_asked,
    who_is_it,
)
from gateway.exchange.family_views.family_view import who_looked
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.store.vault import AUDITORS
from tests.integration.erasure.world import MOTHER, Family

ANN = AuditorCaller(auditor="ann", correlation="test")
BEA = AuditorCaller(auditor="bea", correlation="test")


def _asked(family: Family, **more: Any) -> UUID:
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, more.pop("child", family.noor))
    said = {"case": "2026/17", "reason": "een klacht"} | more
    found = ask_who(family.desk.hub, ANN, pseudonym, at=family.desk.at, **said)
    assert isinstance(found, UUID), found
    return found


def test_one_asks_another_approves_and_the_first_sees_who_it_is(family: Family) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family)
    assert who_is_it(hub, ANN, asked, at=at) == Refused("not_open")
    assert approve(hub, BEA, asked, at=at) is None
    found = who_is_it(hub, ANN, asked, at=at)
    assert isinstance(found, Identity)
    assert found.names[0] == "Noor Peeters"
    assert found.born == ("2019-03-14",)


def test_the_same_person_is_refused_and_so_is_another_ones_question(family: Family) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family)
    assert approve(hub, ANN, asked, at=at) == Refused("same_person")
    approve(hub, BEA, asked, at=at)
    assert who_is_it(hub, BEA, asked, at=at) == Refused("not_yours")


def test_an_approval_comes_too_late_and_an_open_question_closes(family: Family) -> None:
    hub, at = family.desk.hub, family.desk.at
    late = _asked(family)
    after = at + APPROVE_WITHIN + timedelta(seconds=1)
    assert approve(hub, BEA, late, at=after) == Refused("not_open")
    asked = _asked(family)
    approve(hub, BEA, asked, at=at)
    assert approve(hub, BEA, asked, at=at + timedelta(hours=1)) == Refused("not_open")
    assert isinstance(who_is_it(hub, ANN, asked, at=at + OPEN_FOR - timedelta(seconds=1)), Identity)
    assert who_is_it(hub, ANN, asked, at=at + OPEN_FOR) == Refused("not_open")
    assert who_is_asked(hub, at=after) == ()


def test_a_pseudonym_of_nobody_and_an_erased_child_are_alike(family: Family) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family)
    approve(hub, BEA, asked, at=at)
    family.erase()
    for pseudonym in ("f" * 32, "x", hub.vault.pairwise(AUDITORS, family.noor)):
        found = ask_who(hub, ANN, pseudonym, case="1", reason="x", at=at)
        assert found == Refused("not_found")
    assert who_is_it(hub, ANN, asked, at=at) == Refused("not_found")
    assert ask_who(hub, ANN, "f" * 32, case=" ", reason="x", at=at) == Refused("no_reason")


def test_each_step_is_a_line_that_the_family_sees_without_the_auditors_name(
    family: Family,
) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family)
    approve(hub, BEA, asked, at=at)
    who_is_it(hub, ANN, asked, at=at)
    who_is_it(hub, ANN, asked, at=at)
    steps = ["reidentification_asked", "reidentification_approved"]
    assert family.desk.acts(family.noor)[-4:] == [*steps, "reidentified", "reidentified"]
    mother = PersonCaller(person=str(family.person(MOTHER)), correlation="test")
    seen = who_looked(hub, mother, str(family.noor), at=at)
    told = [one for one in seen if one.act.startswith("reidentif")]
    assert len(told) == 4
    assert {one.role for one in told} == {"auditor"}
    assert "ann" not in str(told)


def test_the_other_pseudonym_stays_closed(family: Family) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked, other = _asked(family), _asked(family, child=family.sam)
    approve(hub, BEA, asked, at=at)
    assert who_is_it(hub, ANN, other, at=at) == Refused("not_open")
    assert [one.case for one in who_is_asked(hub, at=at)] == ["2026/17", "2026/17"]
