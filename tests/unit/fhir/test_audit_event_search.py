"""Search parameters of FHIR become conditions, and what is not understood is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidRequest
from gateway.fhir.audit_event_search import AUDITORS_MAY, FAMILIES_MAY, read_search


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        # A day is one of Brussels, an hour or two before that of Greenwich.
        ("2026-11-22", utc(2026, 11, 21, 23), utc(2026, 11, 22, 23)),
        ("eq2026-03-29", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
        ("2026-12", utc(2026, 11, 30, 23), utc(2026, 12, 31, 23)),
        ("2026", utc(2025, 12, 31, 23), utc(2026, 12, 31, 23)),
        ("ge2026-11-22", utc(2026, 11, 21, 23), None),
        ("gt2026-11-22", utc(2026, 11, 22, 23), None),
        ("sa2026-11-22", utc(2026, 11, 22, 23), None),
        ("le2026-11-22", None, utc(2026, 11, 22, 23)),
        ("lt2026-11-22", None, utc(2026, 11, 21, 23)),
        ("eb2026-11-22", None, utc(2026, 11, 21, 23)),
        ("2026-11-22T10:00Z", utc(2026, 11, 22, 10), utc(2026, 11, 22, 10, 1)),
        ("2026-11-22T10:00:00+01:00", utc(2026, 11, 22, 9), utc(2026, 11, 22, 9, 0, 1)),
        ("gt2026-11-22T10:00:00.5Z", utc(2026, 11, 22, 10, 0, 0, 500_001), None),
    ],
)
def test_a_date_is_the_whole_time_that_it_names(
    text: str, since: datetime | None, until: datetime | None
) -> None:
    found = read_search([("date", text)], AUDITORS_MAY)
    assert (found.since, found.until) == (since, until)


def test_several_dates_must_all_hold() -> None:
    dates = [("date", one) for one in ("ge2026-11-01", "lt2026-12", "ge2026-11-20")]
    found = read_search(dates, FAMILIES_MAY)
    assert (found.since, found.until) == (utc(2026, 11, 19, 23), utc(2026, 11, 30, 23))
    assert found.found(at=utc(2026, 11, 21), act="read", outcome="done")
    for other in (utc(2026, 11, 1), utc(2026, 11, 30, 23)):
        assert not found.found(at=other, act="read", outcome="done")


def test_a_code_may_name_its_system_and_an_unknown_one_finds_nothing() -> None:
    rest = "http://hl7.org/fhir/restful-interaction"
    for text in ("read", f"{rest}|read"):
        assert "read" in (read_search([("subtype", text)], AUDITORS_MAY).acts or ())
    assert read_search([("subtype", f"{rest}|")], AUDITORS_MAY).acts == read_search(
        [("subtype", "read,search-type,create,update")], AUDITORS_MAY
    ).acts  # fmt: skip
    for text in ("http://else.example|read", "nothing", "|read"):
        assert read_search([("subtype", text)], AUDITORS_MAY).acts == frozenset()
    found = read_search([("outcome", "8,4")], AUDITORS_MAY).outcomes
    assert found == frozenset({"deny", "hold", "refused"})


@given(
    st.lists(st.tuples(st.sampled_from(AUDITORS_MAY) | st.text(max_size=9), st.text(max_size=30)))
)
def test_any_query_is_read_or_refused_with_its_place(query: list[tuple[str, str]]) -> None:
    assert place_refused(query) in {None, "query", *(name for name, _ in query)}


def place_refused(query: list[tuple[str, str]]) -> str | None:
    try:
        read_search(query, AUDITORS_MAY)
    except InvalidRequest as error:
        return error.where
    return None
