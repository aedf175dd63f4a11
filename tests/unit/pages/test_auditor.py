from datetime import UTC, datetime

from gateway.exchange.audit.search_log import LogLine, LogQuery
from tests.unit.pages.stand_in import Family
from tests.unit.pages.visitor import Visitor


def a_line(number: int) -> LogLine:
    return LogLine(
        id=number,
        at=datetime(2026, 11, 21, 13, 5, tzinfo=UTC),
        act="read",
        actor="partner/caw-voorbeeldregio",
        partner="caw-voorbeeldregio",
        purpose="care",
        child="pseudonym-1",
        classes=("diagnosis",),
        outcome="deny",
        rules=("T6",),
        consents=(),
    )


def test_a_visitor_of_the_log_sees_the_way_in_only(visitor: Visitor, family: Family) -> None:
    assert 'href="/aanmelden"' in visitor.get("/audit").text
    assert family.queries == []


def test_a_line_says_when_who_what_whose_and_why(auditor: Visitor, family: Family) -> None:
    family.lines = [a_line(1)]
    page = auditor.get("/audit").text
    for words in (
        "21 november 2026",
        "14.05 uur",
        "Keek",
        "caw-voorbeeldregio",
        "pseudonym-1",
        "wat er aan de hand is: de diagnose",
        "Mocht niet",
        "Niemand gaf hiervoor toestemming.",
    ):
        assert words in page


def test_the_search_fields_become_the_query(auditor: Visitor, family: Family) -> None:
    page = auditor.get(
        "/audit?kind=+pseudonym-1+&dienst=caw&uitkomst=deny&handeling=read&na=12"
    ).text
    assert family.queries == [
        LogQuery(child="pseudonym-1", partner="caw", outcome="deny", act="read", after=12)
    ]
    assert '<option value="deny" selected>' in page


def test_strange_search_fields_find_nothing_and_break_nothing(
    auditor: Visitor, family: Family
) -> None:
    for address in (
        "/audit?na=-1",
        "/audit?na=99999999999999999999",
        "/audit?na=%C2%B2",
        "/audit?kind=%00",
        "/audit?unknown=1",
    ):
        assert auditor.get(address).status_code == 200
    assert {query.after for query in family.queries} == {None}
    assert {query.child for query in family.queries} == {None}


def test_the_next_page_goes_on_where_this_one_ends(auditor: Visitor, family: Family) -> None:
    family.lines = [a_line(number) for number in range(60, 0, -1)]
    assert "/audit?uitkomst=deny&amp;na=11" in auditor.get("/audit?uitkomst=deny").text
    last = auditor.get("/audit?uitkomst=deny&na=11").text
    assert "Volgende bladzijde" not in last
    assert 'href="/audit?uitkomst=deny"' in last


def test_the_log_is_there_as_json_too(auditor: Visitor, family: Family) -> None:
    family.lines = [a_line(2), a_line(1)]
    answer = auditor.get("/log?limit=1&act=read")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["next"] == 2
    assert answer.json()["entries"][0]["rules"] == ["T6"]
    assert family.queries == [LogQuery(act="read", limit=1)]


def test_the_log_as_json_is_closed_to_parents(mother: Visitor, family: Family) -> None:
    assert mother.get("/log").status_code == 403
    assert family.queries == []
