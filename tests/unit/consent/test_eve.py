"""The eve of the twelfth birthday is looked at for each class, also where today sees them alike."""

from datetime import date, datetime

import pytest

from tests.support.situations import (
    a_child,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    grant,
    refusal,
)

BORN = date(2014, 3, 2)
JUST_TWELVE = datetime.fromisoformat("2026-03-02T10:00:00+01:00")
CLASSES = ("diagnosis", "functional")


@pytest.mark.parametrize("order", [CLASSES, CLASSES[::-1]])
def test_a_no_to_one_class_that_ended_at_midnight_stops_that_class_only(
    order: tuple[str, ...],
) -> None:
    ended = refusal("mother", classes=frozenset({"functional"}), until=date(2026, 3, 1))
    known = facts(
        grant("mother", *CLASSES),
        grant("father", *CLASSES),
        ended,
        child=a_child(born=BORN),
        record=a_record(*(a_segment(name) for name in order)),
    )
    parts = decided(known, ask(), at=JUST_TWELVE).segments
    assert {name: part.effect for name, part in parts.items()} == {
        "diagnosis": "permit",
        "functional": "withhold",
    }
