import html
import re
from datetime import UTC, date, datetime

import pytest

from gateway.clock import brussels_date
from gateway.exchange.wording import wording_for
from gateway.portal.months import last_day
from gateway.portal.offer import offered_classes, offered_purposes
from tests.unit.pages.stand_in import FATHER, MOTHER, NOOR, Family
from tests.unit.pages.visitor import Visitor

CAW = f"/toestemming?kind={NOOR}&dienst=caw-voorbeeldregio"


def fields(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)">', page):
        if name != "csrf":
            found.setdefault(name, []).append(html.unescape(value))
    return found


def the_question(mother: Visitor) -> dict[str, list[str]]:
    return fields(mother.get(f"{CAW}&soort=diagnosis&soort=logistics&maanden=12").text)


def test_nothing_is_chosen_beforehand(mother: Visitor) -> None:
    page = mother.get(CAW).text
    boxes = re.findall('<input type="checkbox"[^>]*>', page)
    assert len(boxes) == len(offered_classes("caw"))
    assert not [box for box in boxes if "checked" in box]


def test_going_on_without_a_choice_says_what_is_missing(mother: Visitor) -> None:
    answer = mother.get(f"{CAW}&maanden=12&verder=1")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_the_question_is_the_title_and_the_words_are_exact(mother: Visitor) -> None:
    page = mother.get(f"{CAW}&soort=diagnosis&soort=logistics&maanden=12").text
    wording = wording_for(
        language="nl",
        classes={"diagnosis", "logistics"},
        purpose="care",
        partner_name="CAW Voorbeeldregio",
        until=last_day(brussels_date(datetime.now(UTC)), 12),
    )
    assert "<title>Mag CAW Voorbeeldregio dit zien over Noor?" in page
    shown = re.search("<dl>(.*?)</dl>", page, re.DOTALL)
    assert shown
    words = " ".join(html.unescape(re.sub("<[^>]*>", " ", shown[1])).split())
    assert words == " ".join(wording.text.replace("\n- ", "\n").split())
    assert fields(page)["sha256"] == [wording.sha256]


def test_yes_and_no_differ_in_nothing_but_their_word(mother: Visitor) -> None:
    page = mother.get(f"{CAW}&soort=diagnosis").text
    yes, no = re.findall('<button [^>]*name="antwoord"[^>]*>', page)
    assert yes.replace("ja", "nee") == no


def test_yes_is_recorded_and_confirmed_once(mother: Visitor, family: Family) -> None:
    answer = mother.post(
        "/toestemming", {**the_question(mother), "csrf": "token", "antwoord": "ja"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    ((giver, consent),) = family.given
    assert giver == MOTHER
    assert consent.classes == {"diagnosis", "logistics"}
    assert "Je gaf toestemming aan CAW Voorbeeldregio" in mother.get("/").text
    assert "Je gaf toestemming aan CAW Voorbeeldregio" not in mother.get("/").text


def test_no_changes_nothing_and_costs_nothing(mother: Visitor, family: Family) -> None:
    mother.post("/toestemming", {**the_question(mother), "csrf": "token", "antwoord": "nee"})
    assert family.given == []
    assert "Je zei nee. Er verandert niets." in mother.get("/").text


def test_an_answer_that_is_neither_yes_nor_no_is_no_consent(
    mother: Visitor, family: Family
) -> None:
    form = {**the_question(mother), "csrf": "token"}
    assert mother.post("/toestemming", form).status_code == 400
    assert mother.post("/toestemming", {**form, "antwoord": "misschien"}).status_code == 400
    assert family.given == []


def test_other_words_than_those_shown_are_no_consent(mother: Visitor, family: Family) -> None:
    form = {**the_question(mother), "csrf": "token", "antwoord": "ja", "sha256": "0" * 64}
    answer = mother.post("/toestemming", form)
    assert answer.status_code == 409
    assert "De tekst is veranderd" in answer.text
    assert family.given == []


def test_the_words_are_those_of_the_language_on_the_page(mother: Visitor) -> None:
    page = mother.get(f"{CAW}&soort=diagnosis&taal=fr").text
    assert fields(page)["taal"] == ["fr"]
    assert "Qui peut voir" in page


@pytest.mark.parametrize(
    "address",
    [
        f"/toestemming?kind={NOOR}&dienst=somebody",
        "/toestemming?kind=somebody&dienst=caw-voorbeeldregio",
        "/toestemming",
        "/stop/somebody",
        "/wie-keek?kind=somebody",
    ],
)
def test_absent_and_not_yours_are_the_same_page(mother: Visitor, address: str) -> None:
    answer = mother.get(address)
    assert answer.status_code == 404
    assert "Er is hier niets dat je mag zien." in answer.text


@pytest.mark.parametrize(
    "choice",
    [
        "soort=everything",
        "soort=diagnosis&maanden=99",
        "soort=diagnosis&tot=soon",
        "soort=diagnosis&doel=fun",
        "soort=therapy_notes",
    ],
)
def test_a_choice_that_does_not_exist_is_no_question(mother: Visitor, choice: str) -> None:
    assert mother.get(f"{CAW}&{choice}").status_code == 400


def test_medical_data_are_asked_for_six_months_at_most(mother: Visitor) -> None:
    page = mother.get(
        f"/toestemming?kind={NOOR}&dienst=clb-voorbeeldstreek&soort=medical&maanden=12"
    ).text
    assert fields(page)["tot"] == [str(last_day(brussels_date(datetime.now(UTC)), 6))]


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 11, 21), 12, date(2027, 11, 20)),
        (date(2026, 8, 31), 6, date(2027, 2, 27)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 27)),
    ],
)
def test_months_are_counted_on_the_calendar(first: date, months: int, last: date) -> None:
    assert last_day(first, months) == last


def test_only_what_a_kind_of_service_can_need_is_offered() -> None:
    assert offered_classes("caw") == (
        "logistics",
        "functional",
        "development",
        "diagnosis",
        "context",
    )
    assert "medical" in offered_classes("clb")
    assert "diagnostic_report" not in offered_classes("childcare")
    assert offered_classes("insurer") == ()
    assert offered_purposes("vaph_admin") == ("entitlement",)


def test_stopping_says_what_it_cannot_undo(mother: Visitor, family: Family) -> None:
    consent = family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    page = mother.get(f"/stop/{consent}").text
    assert "Vanaf nu ziet CAW Voorbeeldregio niets meer." in page
    assert "Wat al gelezen is, kunnen wij niet terughalen." in page


def test_stop_stops_everything_this_parent_gave_to_the_service(
    mother: Visitor, family: Family
) -> None:
    first = family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    family.give(MOTHER, "caw-voorbeeldregio", {"diagnosis"})
    kept = family.give(MOTHER, "clb-voorbeeldstreek", {"diagnosis"})
    fathers = family.give(FATHER, "caw-voorbeeldregio", {"diagnosis"})
    assert mother.post(f"/stop/{first}", {"csrf": "token"}).status_code == 303
    assert [view.id for _, view in family.given if not view.withdrawn] == [kept, fathers]
    assert "Vanaf nu ziet CAW Voorbeeldregio niets meer." in mother.get("/").text


def test_nobody_stops_the_consent_of_somebody_else(mother: Visitor, family: Family) -> None:
    fathers = family.give(FATHER, "caw-voorbeeldregio", {"diagnosis"})
    assert mother.get(f"/stop/{fathers}").status_code == 404
    assert mother.post(f"/stop/{fathers}", {"csrf": "token"}).status_code == 404
    assert family.given[0][1].withdrawn is None


def test_what_is_stopped_cannot_be_stopped_again(mother: Visitor, family: Family) -> None:
    consent = family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    mother.post(f"/stop/{consent}", {"csrf": "token"})
    assert mother.get(f"/stop/{consent}").status_code == 404
