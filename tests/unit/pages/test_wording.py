import hashlib
import itertools
import re
from datetime import date
from typing import Any

import pytest

from gateway.errors import InvalidRequest
from gateway.exchange.wording import (
    LANGUAGES,
    REFUSALS,
    Choices,
    Wording,
    changed_in_substance,
    wording_for,
    wording_of_reconfirm,
    wording_of_refusal,
)
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


# The same promise for the texts of every other decision: the hash of every way to write each out.
EVERY_OTHER = {
    "share_as": "785e23a4846dfd3fcff774038e260af6b5b3363f315c5ea44312533184a4b195",
    "reconfirm": "4190b8012b89563fafe8119ab7663dd7735690b892186cbbe361bbd9a47d134b",
    "refuse": "8ffe8fc900cbae1df6c6936589197890a65ba214b47d81c6e260206df42863c4",
    "exclude": "98d5aae7efefcf2256b8f2fe692e9171528727f2052a584a2aacbcd45ec5e46c",
    "object": "4210492ee95fb69e1abc79bad243d437f04fcb1b276784c4dd95bdcc81725428",
    "object_gdpr": "517570d75d2f93528cae2c448a4f0e0b8b00db95322b6964dbe14b4b3d0e97cc",
    "restrict_gdpr": "b59f5dd2d55dd3e127a6c9317671f6170311f3cfa8626c50033261a19b53b673",
}


def every_way(text_id: str) -> str:
    ways = itertools.product(LANGUAGES, ("self", "parent", "guardian", "foster_parent"), (0, 1))
    written = [_written(text_id, language, giver, bool(named)) for language, giver, named in ways]
    return hashlib.sha256("\n\n".join(written).encode()).hexdigest()


def _written(text_id: str, language: str, giver: str, named: bool) -> str:
    choices: dict[str, Any] = {
        "classes": {"logistics", "diagnosis"},
        "purpose": "care",
        "partner_name": "CAW Voorbeeldregio",
        "until": date(2027, 3, 1),
    }
    if text_id in REFUSALS:
        any_: dict[str, Any] = dict.fromkeys(choices)
        chosen = Choices(giver=giver, **(choices if named else any_))
        return wording_of_refusal(language=language, effect=text_id, choices=chosen).text
    if text_id == "reconfirm":
        return wording_of_reconfirm(language=language, giver=giver, **choices).text
    own = "self" if giver in {"parent", "guardian"} else giver
    return wording_for(language=language, giver=own, **choices).text


@pytest.mark.parametrize("text_id", EVERY_OTHER)
def test_no_published_text_of_any_decision_ever_changes(text_id: str) -> None:
    assert every_way(text_id) == EVERY_OTHER[text_id]


def test_every_text_is_in_the_list_of_versions() -> None:
    for text_id in ("share", *EVERY_OTHER):
        assert not changed_in_substance(text_id, "1")
    assert changed_in_substance("share", "0")
    assert changed_in_substance("unheard of", "1")


def test_a_youngster_speaks_for_itself_and_never_as_a_parent() -> None:
    words = a_wording(giver="self").text
    assert words.startswith("Wie geeft toestemming: ikzelf.")
    assert "ouder of voogd" not in words


@pytest.mark.parametrize("effect", REFUSALS)
def test_dutch_words_of_a_no_are_short_enough_to_read(effect: str) -> None:
    choices = Choices(giver="self", classes=None, purpose=None, partner_name=None, until=None)
    text = wording_of_refusal(language="nl", effect=effect, choices=choices).text
    assert [one for one in re.split(r"[.?!:]\s|\n", text) if len(one.split()) > 20] == []
