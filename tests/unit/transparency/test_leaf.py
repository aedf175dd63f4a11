"""A leaf is fixed bytes of a line; who is in it shows only to whoever has its salt."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from gateway.transparency.leaf import (
    CLEAR,
    COMMITTED,
    ERASED,
    commitment,
    leaf_bytes,
    personal_bytes,
    stored_commitment,
)

SALT = bytes(range(32))
CHILD = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
LINE: dict[str, Any] = {
    "id": 41,
    "xid": "977",
    "at": datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=UTC),
    "act": "read",
    "actor": "clb-voorbeeldstreek",
    "partner": "clb-voorbeeldstreek",
    "role": "system",
    "purpose": "care",
    "child": CHILD,
    "resources": ["7c9e6679-7425-40de-944b-e07fc1f90ae8/2"],
    "classes": ["functional"],
    "outcome": "permit",
    "rules": ["J1"],
    "consents": [CHILD],
    "correlation": None,
    "basis": b"\x01\x02",
    "rules_version": "2026-11",
}


def hashed(line: dict[str, Any]) -> bytes:
    return leaf_bytes(line, commitment(SALT, personal_bytes(line)))


def test_the_canonical_bytes_are_these_and_stay_these() -> None:
    assert personal_bytes(LINE).decode() == (
        '{"actor":"clb-voorbeeldstreek","basis":"0102",'
        '"child":"7c9e6679-7425-40de-944b-e07fc1f90ae7",'
        '"consents":["7c9e6679-7425-40de-944b-e07fc1f90ae7"],"correlation":null,'
        '"resources":["7c9e6679-7425-40de-944b-e07fc1f90ae8/2"]}'
    )
    assert leaf_bytes(LINE, SALT).decode() == (
        '{"act":"read","at":"2026-11-22T09:00:00.000005Z","classes":["functional"],'
        '"commitment":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
        '"id":41,"outcome":"permit","partner":"clb-voorbeeldstreek","purpose":"care",'
        '"role":"system","rules":["J1"],"rules_version":"2026-11","xid":"977"}'
    )


@pytest.mark.parametrize("column", [*CLEAR, *COMMITTED])
def test_a_change_of_any_column_changes_the_leaf(column: str) -> None:
    others: tuple[Any, ...] = (None, "", "x", [], ["x"], ["", ""], 0, UUID(int=0), b"\x01")
    different = [one for one in others if one != LINE[column]]
    assert len({hashed(LINE), *(hashed(LINE | {column: one}) for one in different)}) > 7
    assert hashed(LINE) not in {hashed(LINE | {column: one}) for one in different}


def test_one_instant_is_one_text_in_any_zone() -> None:
    there = LINE["at"].astimezone(timezone(timedelta(hours=1)))
    assert hashed(LINE | {"at": there}) == hashed(LINE)


def test_nobody_shows_in_the_leaf() -> None:
    for one in ("actor", "child", "resources", "correlation"):
        assert one.encode() not in hashed(LINE).replace(b"act", b"")
    assert str(CHILD).encode() not in hashed(LINE)


def test_an_erased_line_keeps_its_leaf_and_any_other_without_salt_does_not() -> None:
    kept = commitment(SALT, personal_bytes(LINE))
    erased = LINE | dict(ERASED)
    assert stored_commitment(erased, None, kept) == kept
    assert stored_commitment(LINE, SALT, b"") == kept
    assert stored_commitment(LINE, None, kept) != kept
    assert stored_commitment(erased, SALT, kept) != kept
