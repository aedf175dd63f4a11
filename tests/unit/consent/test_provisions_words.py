"""What the answer of FHIR Consents means can be said in three languages."""

import pytest

from consent.provision_model import Reason, Says
from consent.provision_reasons import OUTCOMES, REASONS, SAYS, say

LANGUAGES = ("nl", "en", "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_outcome_is_a_whole_sentence(language: str) -> None:
    for words in OUTCOMES.values():
        said = say(words, language)
        assert said[0].isupper()
        assert not said[1].isupper()
        assert said.endswith(".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_consent_says_and_why_is_the_end_of_a_sentence(language: str) -> None:
    assert set(SAYS) == set(Says)
    assert set(REASONS) == set(Reason)
    for words in (*SAYS.values(), *REASONS.values()):
        said = say(words, language).replace("FHIR", "fhir")
        assert said[0].islower()
        assert not said[-2:].isupper()


def test_each_reason_is_said_differently_and_dutch_stands_in_for_another_language() -> None:
    for language in LANGUAGES:
        assert len({say(words, language) for words in REASONS.values()}) == len(REASONS)
    words = REASONS[Reason.NO_ZONE]
    assert say(words, "de") == words.nl
    assert [say(words, one) for one in LANGUAGES] == list(words)
