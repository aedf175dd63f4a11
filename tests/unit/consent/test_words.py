"""Sets of words that many consents share are held once."""

from consent.model import words


def test_the_same_words_are_one_set() -> None:
    assert words("diagnosis", "functional") is words("diagnosis", "functional")
    assert words("diagnosis", "functional") == frozenset({"functional", "diagnosis"})
    assert words() == frozenset()
