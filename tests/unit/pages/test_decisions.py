import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from consent.lifecycle import State
from gateway.exchange.families.assess import AssessmentView
from gateway.exchange.families.viewing import Standing
from gateway.store.proposals import Proposal
from tests.unit.pages.stand_in import FATHER, MOTHER, NOOR, Family
from tests.unit.pages.visitor import Visitor

CAW = "caw-voorbeeldregio"
DECISIONS = f"/beslissingen?kind={NOOR}"


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def hidden(page: str, name: str) -> str:
    found: list[str] = re.findall(f'name="{name}" value="([^"]*)"', page)
    return found[0]


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (State.ACTIVE, "Geldt nu"),
        (State.WITHDRAWN, "Gestopt"),
        (State.EXPIRED, "Afgelopen"),
        (State.SUPERSEDED, "Vervangen"),
        (State.RECONFIRM_DUE, "Opnieuw gevraagd"),
        (State.CONTESTED, "Wordt nagekeken"),
        (State.NOT_YET, "Begint later"),
    ],
)
def test_every_decision_is_shown_with_its_state_and_dates(
    mother: Visitor, family: Family, state: State, label: str
) -> None:
    consent = family.give(MOTHER, CAW, {"logistics"})
    family.states[consent] = state
    page = words(mother.get(DECISIONS).text)
    assert f"Ja: CAW Voorbeeldregio {label}" in page
    assert "Sinds" in page


def test_a_yes_that_ends_within_thirty_days_says_so(mother: Visitor, family: Family) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=20)
    family.give(MOTHER, CAW, {"logistics"}, until=soon)
    assert "Stopt binnenkort" in mother.get(DECISIONS).text


def test_only_what_is_open_to_this_person_is_offered(mother: Visitor, family: Family) -> None:
    mine, other = family.give(MOTHER, CAW, {"logistics"}), family.give(FATHER, CAW, {"diagnosis"})
    family.acts[mine] = frozenset({"withdraw", "reconfirm"})
    family.acts[other] = frozenset({"contest"})
    page = mother.get(DECISIONS).text
    assert f'href="/stop/{mine}"' in page
    assert f'href="/opnieuw/{mine}"' in page
    assert f'href="/klopt-niet/{other}"' in page
    assert f'href="/stop/{other}"' not in page


def test_who_does_not_decide_sees_the_own_running_decisions_only(
    mother: Visitor, family: Family
) -> None:
    family.give(FATHER, CAW, {"diagnosis"})
    family.standing = Standing.CHILD_DECIDES
    page = words(mother.get(DECISIONS).text)
    assert "Noor beslist nu zelf" in page
    assert "de diagnose" not in page
    family.give(MOTHER, CAW, {"logistics"})
    assert "praktische afspraken" in words(mother.get(DECISIONS).text)


def test_a_no_is_asked_in_the_exact_words_and_then_kept(mother: Visitor, family: Family) -> None:
    choose = mother.get(f"/nee?kind={NOOR}&dienst={CAW}").text
    assert "Wat mag CAW Voorbeeldregio niet zien over Noor?" in choose
    ask = mother.get(f"/nee?kind={NOOR}&dienst={CAW}&wat=refuse&soort=diagnosis").text
    assert "wat er aan de hand is: de diagnose" in ask
    form: dict[str, Any] = {
        "csrf": "token", "kind": NOOR, "dienst": CAW, "wat": "refuse", "soort": "diagnosis",
        "taal": "nl", "sha256": hidden(ask, "sha256"),
    }  # fmt: skip
    assert mother.post("/nee", form | {"sha256": "0"}).status_code == 409
    assert mother.post("/nee", form | {"csrf": "x"}).status_code == 403
    assert family.done == []
    assert mother.post("/nee", form).status_code == 303
    assert family.done == [("refuse", CAW, frozenset({"diagnosis"}), True)]
    assert "Je zei nee. Je kan dat altijd weer terugnemen." in mother.get("/").text


def test_shutting_out_a_service_names_nothing_else(mother: Visitor, family: Family) -> None:
    ask = mother.get(f"/nee?kind={NOOR}&dienst={CAW}&wat=exclude&soort=diagnosis").text
    form = {
        "csrf": "token", "kind": NOOR, "dienst": CAW, "wat": "exclude", "taal": "nl",
        "sha256": hidden(ask, "sha256"),
    }  # fmt: skip
    assert mother.post("/nee", form).status_code == 303
    assert family.done == [("exclude", CAW, None, True)]


def test_a_no_without_a_choice_says_what_is_missing(mother: Visitor) -> None:
    page = mother.get(f"/nee?kind={NOOR}&dienst={CAW}&wat=refuse&verder=1")
    assert page.status_code == 422
    assert "Kies wat de dienst niet mag zien." in page.text


def test_contesting_is_explained_before_it_is_done(mother: Visitor, family: Family) -> None:
    consent = family.give(FATHER, CAW, {"diagnosis"})
    family.acts[consent] = frozenset({"contest"})
    assert "Klopt deze toestemming niet?" in mother.get(f"/klopt-niet/{consent}").text
    assert mother.post(f"/klopt-niet/{consent}", {"csrf": "x"}).status_code == 403
    assert mother.post(f"/klopt-niet/{consent}", {"csrf": "token"}).status_code == 303
    assert family.done == [("contest", consent, None, True)]
    assert mother.get("/klopt-niet/absent").status_code == 404


def test_a_yes_is_confirmed_in_the_words_of_today(mother: Visitor, family: Family) -> None:
    consent = family.give(MOTHER, CAW, {"diagnosis"})
    page = mother.get(f"/opnieuw/{consent}").text
    form = {"csrf": "token", "antwoord": "ja", "taal": "nl", "sha256": hidden(page, "sha256")}
    assert mother.post(f"/opnieuw/{consent}", form | {"sha256": "0"}).status_code == 409
    assert mother.post(f"/opnieuw/{consent}", form | {"antwoord": "nee"}).status_code == 303
    assert family.done == []
    assert mother.post(f"/opnieuw/{consent}", form).status_code == 303
    assert family.done == [("again", consent, None, True)]


def test_a_question_of_a_service_leads_to_the_page_where_it_is_answered(
    mother: Visitor, family: Family
) -> None:
    asked = Proposal(
        id=uuid4(),
        child=uuid4(),
        partner=CAW,
        classes=("diagnosis",),
        purpose="care",
        until=date(2027, 3, 1),
        proposed_at=datetime.now(UTC),
    )
    family.proposals = [asked]
    there = mother.get(f"/voorstel/{asked.id}").headers["location"]
    page = mother.get(there).text
    assert hidden(page, "voorstel") == str(asked.id)
    no = {"csrf": "token", "antwoord": "nee", "voorstel": str(asked.id)}
    assert mother.post("/toestemming", no).status_code == 303
    assert family.done == [("decline", str(asked.id), None, True)]
    assert mother.get("/voorstel/absent").status_code == 404


def test_what_a_service_found_can_be_contested(mother: Visitor, family: Family) -> None:
    found = AssessmentView(
        id=uuid4(),
        outcome="incapable",
        partner=CAW,
        assessed_at=datetime.now(UTC),
        contested=False,
        settled=False,
        reasons=None,
        assessor=None,
        can_contest=True,
    )
    family.assessments = [found]
    assert "Kan nog niet zelf beslissen" in mother.get("/zelf-beslissen").text
    assert mother.post(f"/zelf-beslissen/{found.id}", {"csrf": "token"}).status_code == 303
    assert family.done == [("assessment", str(found.id), None, True)]
