"""Partners sign in with their own key, and with nothing less."""

from datetime import timedelta

import httpx
import pytest

from gateway import clock
from gateway.identity.jose import new_signing_jwk, sign_assertion
from tests.support.running_hub import CLB, RunningHub


def test_a_partner_gets_a_short_lived_token_with_its_own_scopes(system: RunningHub) -> None:
    answer = system.ask_token(system.assertion(CLB)).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] <= 300
    assert answer["scope"] == "system/*.c system/*.rs"


def test_a_narrower_scope_can_be_asked_for_and_a_wider_one_is_not_given(
    system: RunningHub,
) -> None:
    asked = system.ask_token(system.assertion(CLB), scope="system/*.rs system/*.cruds").json()
    assert asked["scope"] == "system/*.rs"


def test_an_assertion_works_once(system: RunningHub) -> None:
    assertion = system.assertion(CLB)
    assert system.ask_token(assertion).status_code == httpx.codes.OK
    assert system.ask_token(assertion).status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "https://elsewhere.example"},
        {"audience": ["http://both.example", "https://elsewhere.example"]},
        {"typ": "JWT"},
        {"issuer_id": "vaph"},
        {"issuer_id": "nobody"},
        {"lifetime": -60},
        {"lifetime": 3600},
        {"at": clock.now() - timedelta(hours=1)},
        {"claims": {"jti": None}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_assertion_that_is_anything_less_than_right_is_refused_alike(
    system: RunningHub, changes: dict[str, object]
) -> None:
    answer = system.ask_token(system.assertion(CLB, **changes))
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.json() == {"error": "invalid_client"}


def test_an_assertion_under_another_key_is_refused(system: RunningHub) -> None:
    forged = sign_assertion(
        new_signing_jwk(),
        issuer_id=CLB,
        audience=system.base_url,
        typ="client-authentication+jwt",
        lifetime=60,
        at=clock.now(),
    )
    assert system.ask_token(forged).status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer x.y.z", "Basic Y2xiOng=", "Bearer eyJhbGciOiJub25lIn0.e30."],
)
def test_a_wrong_token_gets_401_without_a_hint(system: RunningHub, authorization: str) -> None:
    answer = httpx.get(
        f"{system.base_url}/intake/receipts/x", headers={"Authorization": authorization}
    )
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["detail"] == "send a valid access token of this hub"


def test_a_client_assertion_is_no_access_token(system: RunningHub) -> None:
    headers = {"Authorization": f"Bearer {system.assertion(CLB)}"}
    answer = httpx.get(f"{system.base_url}/fhir/Condition?patient=x", headers=headers)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
