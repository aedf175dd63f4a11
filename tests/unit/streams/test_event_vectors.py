"""The published test vectors are those of the script, and the hub's own code agrees with them."""

import base64
import json
from typing import Any

import pytest

from gateway.identity.jose import seal, unseal
from tests.support.event_vectors import BUNDLE, FOLDER, IDS, NAME, jwk_of, key_of, text

PUBLISHED: dict[str, Any] = json.loads((FOLDER / NAME).read_text(encoding="utf-8"))


def test_the_published_vectors_are_those_of_the_script() -> None:
    assert (FOLDER / NAME).read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("case", PUBLISHED["opens"], ids=lambda case: case["says"])
def test_what_is_to_open_opens_to_exactly_its_text(case: dict[str, Any]) -> None:
    assert unseal(case["jwk"], case["jwe"].encode()) == case["plaintext"].encode()


@pytest.mark.parametrize("case", PUBLISHED["fails"], ids=lambda case: case["says"])
def test_what_is_not_to_open_does_not(case: dict[str, Any]) -> None:
    assert unseal(case["jwk"], case["jwe"].encode()) is None


def test_the_hub_seals_in_the_form_of_the_vectors() -> None:
    made = seal(key_of(IDS[0]), IDS[0], BUNDLE.encode()).decode()
    published = PUBLISHED["opens"][0]["jwe"]
    parts = [json.loads(_decoded(one.split(".")[0])) for one in (made, published)]
    assert parts[0] == parts[1]
    assert [len(one) for one in made.split(".")][1:] == [len(one) for one in published.split(".")][
        1:
    ]
    assert unseal(jwk_of(IDS[0]), made.encode()) == BUNDLE.encode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "==")
