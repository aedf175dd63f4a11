import re
from datetime import UTC, datetime, timedelta

from gateway.exchange.family_views.family_view import LookView
from tests.unit.pages.stand_in import FATHER, MOTHER, NOOR, Family
from tests.unit.pages.visitor import Visitor


def row(page: str, name: str) -> str:
    """The words of one service's row."""
    rows: list[str] = re.findall(r'<li class="service">(.*?)</div>\s*</li>', page, re.DOTALL)
    return next(one for one in rows if f"<h3>{name}</h3>" in one)


def a_look(**changes: object) -> LookView:
    values: dict[str, object] = {
        "at": datetime.now(UTC),
        "partner_name": "CAW Voorbeeldregio",
        "role": "care",
        "purpose": "care",
        "classes": frozenset({"diagnosis"}),
        "act": "read",
        "reason": "K1",
    }
    return LookView(**(values | changes))  # type: ignore[arg-type]  # a builder's freedom


def test_a_visitor_sees_the_way_in_and_nothing_else(visitor: Visitor) -> None:
    page = visitor.get("/").text
    assert 'href="/aanmelden"' in page
    assert "Noor" not in page


def test_every_service_is_one_row_with_its_state_in_words(mother: Visitor, family: Family) -> None:
    family.give(MOTHER, "clb-voorbeeldstreek", {"diagnosis"})
    family.give(FATHER, "clb-voorbeeldstreek", {"diagnosis"})
    family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    page = mother.get("/").text
    assert "Mag zien" in row(page, "Vrij CLB Voorbeeldstreek")
    assert "de diagnose" in row(page, "Vrij CLB Voorbeeldstreek")
    assert "Wacht op de andere ouder" in row(page, "CAW Voorbeeldregio")
    assert "Mag niet zien" in row(page, "Kinderdagverblijf Het Pimpeltje")


def test_a_row_has_one_button_stop_or_give(mother: Visitor, family: Family) -> None:
    consent = family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    page = mother.get("/").text
    assert re.findall('class="button" href="([^"]*)"', row(page, "CAW Voorbeeldregio")) == [
        f"/stop/{consent}"
    ]
    childcare = row(page, "Kinderdagverblijf Het Pimpeltje")
    assert re.findall('class="button" href="([^"]*)"', childcare) == [
        f"/toestemming?kind={NOOR}&amp;dienst=kdv-pimpeltje"
    ]


def test_what_i_gave_is_shown_also_when_nothing_of_it_is_seen_yet(
    mother: Visitor, family: Family
) -> None:
    family.give(MOTHER, "clb-voorbeeldstreek", {"diagnosis", "development"})
    family.give(FATHER, "clb-voorbeeldstreek", {"diagnosis"})
    words = row(mother.get("/").text, "Vrij CLB Voorbeeldstreek")
    assert words.index("de diagnose") < words.index("Jij zei ook ja voor")
    assert words.index("Jij zei ook ja voor") < words.index("groeit, leert en speelt")
    assert "Daar is nu niets van te zien." in words


def test_the_other_parents_yes_is_never_shown_as_mine(mother: Visitor, family: Family) -> None:
    family.give(FATHER, "caw-voorbeeldregio", {"logistics"})
    words = row(mother.get("/").text, "CAW Voorbeeldregio")
    assert "Jij zei ja" not in words
    assert "/stop/" not in words


def test_what_ended_is_told_but_no_longer_stoppable(mother: Visitor, family: Family) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=2)
    family.give(MOTHER, "caw-voorbeeldregio", {"logistics"}, until=yesterday.date())
    page = mother.get("/").text
    assert "Wat je eerder toestond" in page
    assert "/stop/" not in page


def test_the_looks_of_the_last_week_are_counted(mother: Visitor, family: Family) -> None:
    old = datetime.now(UTC) - timedelta(days=8)
    family.looks = [a_look(), a_look(at=old)]
    assert "is er 1 keer gekeken" in mother.get("/").text


def test_a_name_is_text_and_never_markup(mother: Visitor, family: Family) -> None:
    family.given_name = "<b>Noor</b> & co"
    page = mother.get("/").text
    assert "&lt;b&gt;Noor&lt;/b&gt; &amp; co" in page
    assert "<b>Noor" not in page


def test_a_parent_without_children_gets_a_plain_sentence(visitor: Visitor) -> None:
    page = visitor.signed_in(person="somebody-else").get("/").text
    assert "Er is nu geen kind dat bij jou hoort." in page


def test_who_looked_tells_when_who_what_and_why(mother: Visitor, family: Family) -> None:
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    family.looks = [
        a_look(at=at),
        a_look(at=at - timedelta(hours=1), act="denied", classes=frozenset(), reason="T6"),
    ]
    page = mother.get("/wie-keek").text
    # The day and the hour are those of Flanders.
    assert "zondag 22 november 2026" in page
    assert "0.30 uur" in page
    assert "wat er aan de hand is: de diagnose" in page
    assert "De familie gaf toestemming." in page
    assert "Wilde kijken, maar mocht niet" in page
    assert "Niemand gaf hiervoor toestemming." in page


def test_what_stayed_closed_is_told_apart_from_what_was_opened(
    mother: Visitor, family: Family
) -> None:
    family.looks = [a_look(reason="K1, H5")]
    words = " ".join(re.sub("<[^>]*>", " ", mother.get("/wie-keek").text).split())
    assert "Waarom mocht dat De familie gaf toestemming." in words
    assert "Waarom bleef de rest dicht Dit gaat ook over iemand anders." in words


def test_who_looked_at_an_unknown_child_is_not_found(mother: Visitor) -> None:
    assert mother.get("/wie-keek?kind=somebody").status_code == 404


def test_a_copy_that_is_kept_says_why_in_plain_words(mother: Visitor, family: Family) -> None:
    family.looks = [a_look(act="notice_kept_by_law", purpose="", reason="kept:clb-file")]
    words = " ".join(re.sub("<[^>]*>", " ", mother.get("/wie-keek").text).split())
    assert "Houdt een kopie, omdat de wet dat vraagt of toelaat" in words
    kept = "Waarom de dienst een kopie houdt Een CLB moet zijn eigen dossier"
    assert kept in words
    assert "Waarom bleef de rest dicht" not in words
