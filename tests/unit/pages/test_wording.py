import hashlib
from datetime import date

import pytest

from gateway.errors import InvalidRequest
from gateway.exchange.wording import LANGUAGES, Wording, wording_for
from gateway.i18n import name_of
from gateway.portal.wording_parts import parts_of

# A published text is proof of what a family agreed to. When this fails, do not change the hash:
# put the old file back and publish the new text as the next version.
PUBLISHED = {
    "nl": "a3f981f4049eabf6d97a1f0a9cd1325ad2092c2c447c2c492fa8347442d84cac",
    "fr": "b29b9f28ac9efb7ac6020e447893b8404f70d24ac4012190504b6dbda594ed31",
    "en": "a74ad3df88916c6b7a9d5c4d901831ea9c80caf332d806616b23fba354015616",
}


def a_wording(**changes: object) -> Wording:
    choices: dict[str, object] = {
        "language": "nl",
        "classes": {"logistics", "diagnosis"},
        "purpose": "care",
        "partner_name": "CAW Voorbeeldregio",
        "until": date(2027, 3, 1),
    }
    return wording_for(**(choices | changes))  # type: ignore[arg-type]  # a builder's freedom


def test_the_five_lines_always_stand_in_the_same_order() -> None:
    labels = [part.label for part in parts_of(a_wording().text)]
    assert labels == [
        "Wie geeft toestemming:",
        "Wie mag het zien:",
        "Wat mag die zien:",
        "Waarom:",
        "Tot wanneer:",
        "Wat niet:",
        "Stoppen:",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_published_text_never_changes(language: str) -> None:
    assert a_wording(language=language).sha256 == PUBLISHED[language]


def test_the_hash_is_over_the_exact_bytes() -> None:
    wording = a_wording()
    assert wording.sha256 == hashlib.sha256(wording.text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": {"logistics"}},
        {"purpose": "safety"},
        {"partner_name": "Vrij CLB Voorbeeldstreek"},
        {"until": date(2027, 3, 2)},
        {"language": "en"},
    ],
)
def test_every_choice_is_in_the_words(changes: dict[str, object]) -> None:
    assert a_wording(**changes).sha256 != a_wording().sha256


def test_the_order_of_the_choices_does_not_matter() -> None:
    assert a_wording(classes=["diagnosis", "logistics"]) == a_wording(
        classes=("logistics", "diagnosis", "diagnosis")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_chosen_is_never_named_as_not_shared(language: str) -> None:
    *_, not_shared, _stop = parts_of(a_wording(language=language).text)
    assert name_of(language, "class", "diagnosis") not in not_shared.items
    assert name_of(language, "class", "parent_data") in not_shared.items


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_text_are_the_words_of_the_pages(language: str) -> None:
    wording = a_wording(language=language, classes={"medical"}, purpose="referral")
    assert f"- {name_of(language, 'class', 'medical')}\n" in wording.text
    assert name_of(language, "purpose", "referral") in wording.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("classes", {"everything"}), ("classes", ()), ("purpose", "fun"), ("language", "de")],
)
def test_a_word_that_does_not_exist_is_refused_without_repeating_it(
    field: str, value: object
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        a_wording(**{field: value})
    assert "everything" not in str(caught.value)


def test_a_name_cannot_add_lines_or_places() -> None:
    wording = a_wording(partner_name="A\n- gegevens over een ouder {what}")
    assert "Wie mag het zien: A - gegevens over een ouder {what}." in wording.text.splitlines()
