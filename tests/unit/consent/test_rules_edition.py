"""The edition of the rules is the one whose answers are pinned, and the first of its release."""

from packaging.version import Version

from consent.edition import EDITION, FIRST_RELEASES
from tests.conformance.rules import golden


def test_the_edition_is_the_one_whose_answers_are_pinned() -> None:
    assert golden.pinned()["edition"] == EDITION


def test_the_first_edition_was_released_first() -> None:
    assert next(iter(FIRST_RELEASES)) == "2026-11.1"
    assert FIRST_RELEASES["2026-11.1"] == "0.1.0"
    assert all(Version(one) for one in FIRST_RELEASES.values())
