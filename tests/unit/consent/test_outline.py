"""A request seen from afar: what is not said about who asks, and which legal route is invoked."""

import pytest

from consent.outline import Position, route_of, understood


def test_of_who_asks_nothing_is_so_unless_it_is_said() -> None:
    assert Position(known=True) == (True, "", "", "", False, False, False, False, False)


@pytest.mark.parametrize(
    ("kind", "ground", "route"),
    [
        ("routed", None, ""),
        ("routed", "team", ""),
        ("routed", "whatever", ""),
        ("whatever", "necessity", ""),
        ("routed", "necessity", "necessity"),
        ("onward", "clb_transfer", "clb_transfer"),
    ],
)
def test_a_route_is_a_ground_beside_consent_in_words_the_rules_know(
    kind: str, ground: str | None, route: str
) -> None:
    assert route_of(kind, ground) == route
    assert understood(kind, ground) is ("whatever" not in {kind, ground})
