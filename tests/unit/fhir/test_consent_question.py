"""A request file becomes a question, its mistakes name place and remedy; the answer is plain."""

import json
import re
from typing import Any

import pytest

from consent.provision_model import Reason, Says
from consent.provision_reasons import REASONS, say
from consent.provisions import evaluate
from gateway.errors import InvalidRequest
from gateway.fhir.consent_question import as_json, as_text, read_json, read_question
from gateway.fhir.validate import validate
from tests.architecture.project import document
from tests.support.fhir_consents import (
    AT,
    ask,
    consent,
    deny,
    labels,
    permit,
    purposes,
    question,
)

PAGE = document("docs/fhir-consent.md")
REQUEST, CONSENT, ANSWER = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)


def request(**changes: Any) -> str:
    found = {**json.loads(REQUEST), **changes}
    return json.dumps({name: value for name, value in found.items() if value is not ...})


def test_the_example_of_the_page_gives_the_answer_of_the_page() -> None:
    answer = evaluate([read_json(CONSENT, name="consent.json")], read_question(REQUEST))
    assert as_json(answer) == json.loads(ANSWER)


def test_the_example_of_the_page_is_real_fhir() -> None:
    assert validate(json.loads(CONSENT)) == ()


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no patient": ({"patient": ...}, "request.patient"),
    "no purposes": ({"purposes": ...}, "request.purposes"),
    "empty purposes": ({"purposes": []}, "request.purposes"),
    "purpose as text": ({"purposes": ["TREAT"]}, "request.purposes[0]"),
    "purpose without system": ({"purposes": [{"code": "TREAT"}]}, "request.purposes[0].system"),
    "action nobody knows": ({"action": "peek"}, "request.action"),
    "action as list": ({"action": ["access"]}, "request.action"),
    "instant without zone": ({"at": "2026-03-02T10:00:00"}, "request.at"),
    "instant of a day": ({"at": "2026-03-02"}, "request.at"),
    "key nobody knows": ({"who": {}}, "request.who"),
    "asker as text": ({"asker": "ann"}, "request.asker"),
    "key of the asker": ({"asker": {"group": []}}, "request.asker.group"),
    "complete as text": ({"asker": {"complete": "no"}}, "request.asker.complete"),
    "references as text": ({"asker": {"references": "x"}}, "request.asker.references"),
    "empty reference": ({"asker": {"references": [" "]}}, "request.asker.references[0]"),
    "identifier": ({"asker": {"identifiers": [{"system": "x"}]}},
                   "request.asker.identifiers[0].value"),
    "impossible date": ({"data": {"period": {"start": "2026-02-30"}}}, "request.data.period.start"),
    "period turned round": ({"data": {"period": {"start": "2027", "end": "2026"}}},
                            "request.data.period"),
    "empty period": ({"data": {"period": {}}}, "request.data.period"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "where"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_request_names_its_place(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_question(request(**changes))
    assert caught.value.where == where


@pytest.mark.parametrize("text", ["", "{", '{"a": 1, "a": 2}', "[" * 100_000])
def test_text_that_is_no_json_names_its_file(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_json(text, name="mother.json")
    assert caught.value.where == "mother.json"


def test_what_is_left_out_of_the_data_is_not_known() -> None:
    asked = read_question(request(data={"refersTo": []}))
    assert asked.data.refers_to == frozenset()
    assert (asked.data.authors, asked.data.referred_to_by, asked.data.period) == (None, None, None)


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("nl", "Delen mag niet: een toestemming verbiedt het, of we begrijpen ze niet."),
        ("en", "This may not be shared: a consent forbids it, or we do not understand it."),
        ("fr", "Le partage est interdit : un consentement l'interdit, ou"),
        ("de", "Delen mag niet: een toestemming verbiedt het, of we begrijpen ze niet."),
    ],
)  # fmt: skip
def test_the_text_says_what_happens_first(language: str, first: str) -> None:
    assert as_text(ask(consent(deny())), language=language).splitlines()[0].startswith(first)


def test_the_text_names_every_consent_and_what_was_not_understood() -> None:
    ended = consent(permit(), id="old", status="inactive")
    unknown = consent(permit(deny(securityLabel=labels("PSY"), purpose=[{"code": "X"}])), id=None)
    assert as_text(ask([ended, unknown]), language="en").splitlines() == [
        "This may be shared: a consent permits it.",
        "- Consent/old does not count now: Consent.status (the consent is not active)",
        "- Consent 2 permits it: Consent.provision",
        "  - Consent.provision.provision[0].purpose[0]: there is no code with its code system",
    ]


def test_a_refusal_because_nothing_matched_says_so() -> None:
    silent = ask(consent(permit(purpose=purposes("HRESCH"))))
    assert as_text(silent, language="en").startswith("This may not be shared: no consent permits")


def test_a_question_that_cannot_be_understood_is_explained() -> None:
    broken = ask([], question(at=AT.replace(tzinfo=None)))
    assert "request.at: het tijdstip heeft geen tijdzone" in as_text(broken)
    assert as_json(broken)["notUnderstood"][0]["reason"] == "no_zone"
    assert broken.outcome is Says.DENY


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_every_reason_has_words(language: str) -> None:
    said = [say(REASONS[reason], language) for reason in Reason]
    assert all(said)
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("name", ["a\nConsent/other permits", "\x1b[2J", "\ud800", "x" * 65])
def test_an_id_that_is_none_is_not_repeated(name: str) -> None:
    answer = ask([consent(permit()) | {"id": name}])
    assert name not in as_text(answer)
    assert as_text(answer, language="en").encode()
