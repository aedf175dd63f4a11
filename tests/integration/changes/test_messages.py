"""A source deletes a message by its number: what other messages say as well stands."""

import pytest

from adapters.contract import Ending, Segment, Translation
from tests.integration.changes.desk import Desk, ends, file, part, said

MOMENT = "2024-01-01"


def message(number: str, *segments: Segment, on: str = MOMENT) -> Translation:
    provenance = said(f"message/{number}", number, kind="Provenance")
    return file(part(*segments, provenance, on=on))


def deleted(number: str) -> Translation:
    return ends(f"message/{number}", on="2024-03-01", how=Ending.DELETED)


def in_any_order(desk: Desk, *told: Translation) -> set[str]:
    """Return what stands after all of these, whichever comes first or last."""
    stands = []
    for order in (told, told[::-1], (*told[1:], told[0])):
        desk.forget()
        for one in (*order, order[0]):
            desk.deliver(one, again=True)
        stands.append({key for key in desk.words() if not key.startswith("message")})
    assert all(one == stands[0] for one in stands), stands
    return stands[0]


def test_what_two_messages_of_one_moment_say_stands_until_both_are_deleted(desk: Desk) -> None:
    first, second = message("1", said("a", "one")), message("2", said("a", "one"))
    assert in_any_order(desk, first, second, deleted("1")) == {"a"}
    assert in_any_order(desk, first, second, deleted("2")) == {"a"}
    assert in_any_order(desk, first, second, deleted("1"), deleted("2")) == set()


def test_what_is_said_outside_any_message_too_is_taken_back_by_none(desk: Desk) -> None:
    alone = file(part(said("a", "one"), on=MOMENT))
    assert in_any_order(desk, message("1", said("a", "one")), alone, deleted("1")) == {"a"}


@pytest.mark.parametrize("number", ["1", "2"])
def test_of_other_words_of_one_moment_only_the_message_that_won_counts(
    desk: Desk, number: str
) -> None:
    told = message("1", said("a", "one")), message("2", said("a", "two"))
    stands = in_any_order(desk, *told, deleted(number))
    assert stands == (set() if number == "2" else {"a"})
