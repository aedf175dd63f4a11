"""The words of the engine are whole sentences, or the end of one, in three languages."""

import pytest

from consent.changes import Change, Kind
from consent.explain import LANGUAGES, say_change
from consent.reasons import REASONS


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_is_made_of_whole_sentences(name: str) -> None:
    reason = REASONS[name]
    for words in (reason.nl, reason.en, reason.fr):
        assert words[0].isupper()
        assert not words[1].isupper()
        assert words.endswith((".", ").")), words


@pytest.mark.parametrize("kind", Kind)
def test_a_change_is_the_end_of_a_sentence(kind: Kind) -> None:
    for language in LANGUAGES:
        said = say_change(Change(kind=kind, who="mother"), language)
        assert said[0].islower()
        assert said[-1].islower()
        assert not set(said) & set(".{}X")


def test_the_child_is_no_name() -> None:
    said = [say_change(Change(kind=Kind.REFUSE, who="child"), one) for one in LANGUAGES]
    assert said == [
        "het kind hier nee op zegt",
        "the child says no to this",
        "l'enfant dit non à ceci",
    ]
