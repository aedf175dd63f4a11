import json
import re
from importlib.resources import files
from string import Formatter

import pytest

from adapters.registry import ADAPTERS
from consent.vocabulary import DATA_CLASSES, KINDS, PURPOSES, ROLES
from gateway.exchange.erasure import erase_child
from gateway.exchange.erasure.retention_register import GROUNDS, PERIODS
from gateway.i18n import LANGUAGES, codes_of, in_order, messages, name_of, names_of, translate
from gateway.store import erasure_counts

OTHERS = [language for language in LANGUAGES if language != "nl"]
RULES = frozenset(
    f"{tier}{number}"
    for tier, last in {"G": 7, "H": 7, "L": 9, "R": 8, "K": 7, "J": 1}.items()
    for number in range(1, last + 1)
) | {"T6", "L6b", "K2b"}

WHY_NOT = frozenset(
    {
        erase_child.NO_SUCH_CHILD,
        erase_child.NO_SUCH_GROUND,
        erase_child.NO_REASON,
        erase_child.NOT_WAITING,
        erase_child.SAME_PERSON,
        erase_child.NO_DPO,
        erase_child.MATCH_WAITS,
        erase_child.RECORDS_WAIT,
        erase_child.BUSY,
    }
)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys_as_dutch_in_the_same_order(language: str) -> None:
    assert list(messages(language)) == list(messages("nl"))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_fills_in_the_same_places(language: str) -> None:
    assert {key: places(text) for key, text in messages(language).items()} == {
        key: places(text) for key, text in messages("nl").items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_holds_markup(language: str) -> None:
    assert not [key for key, text in messages(language).items() if not text.strip()]
    assert not [key for key, text in messages(language).items() if re.search("[<>&]", text)]


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("class", DATA_CLASSES),
        ("purpose", PURPOSES - {"other"}),
        ("kind", frozenset(KINDS)),
        ("role", ROLES),
        ("reason", RULES),
        ("erasure_ground", frozenset(GROUNDS)),
        ("retention_period", frozenset(one.id for one in PERIODS)),
        ("erasure_source", frozenset(ADAPTERS)),
        ("erasure_goes", frozenset(erasure_counts.GOES) | {"originals", "services"}),
        ("erasure_stays", frozenset(erasure_counts.STAYS)),
        ("erasures", WHY_NOT),
    ],
)
def test_every_word_of_the_rules_has_a_plain_name(group: str, codes: frozenset[str]) -> None:
    assert codes <= {*codes_of(group)}


def test_an_unknown_code_gets_the_general_name_and_never_an_error() -> None:
    assert name_of("nl", "reason", "Z9") == translate("nl", "reason.other")


def test_names_come_in_the_order_of_the_pages_and_once() -> None:
    assert in_order("class", frozenset({"diagnosis", "zzz", "logistics"})) == (
        "logistics",
        "diagnosis",
        "zzz",
    )
    assert names_of("nl", "reason", ("K1", "K1")) == ("De familie gaf toestemming.",)


def test_dutch_sentences_are_short_enough_to_read() -> None:
    sentences = [
        sentence
        for key, text in messages("nl").items()
        if not key.startswith("format.")
        for sentence in re.split(r"[.?!:;]\s", text)
    ]
    assert [one for one in sentences if len(one.split()) > 20] == []


def test_every_file_is_json_with_two_levels() -> None:
    for language in LANGUAGES:
        source = files("schemas") / "locales" / f"{language}.json"
        groups = json.loads(source.read_text(encoding="utf-8"))
        assert all(isinstance(text, str) for names in groups.values() for text in names.values())
