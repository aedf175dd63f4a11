import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.embedded.sign_in import TEST_PERSONS, SignIn
from tests.integration.embedded.processes import gone

BACK = "http://127.0.0.1:1/aanmelden/terug"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignIn]:
    server = SignIn(tmp_path_factory.mktemp("sign-in"))
    server.start()
    yield server
    server.stop()


def discovered(provider: SignIn) -> dict[str, Any]:
    address = f"{provider.issuer}/.well-known/openid-configuration"
    return dict(httpx.get(address).json())


def answer(provider: SignIn, subject: str, nonce: str | None) -> dict[str, list[str]]:
    """Press the button of a test person and return what comes back to the hub."""
    asked = {"client_id": "deelregie", "redirect_uri": BACK, "response_type": "code"}
    query = {
        **asked,
        "scope": "openid profile",
        "state": "s",
        **({"nonce": nonce} if nonce else {}),
    }
    address = f"{discovered(provider)['authorization_endpoint']}?{urlencode(query)}"
    pressed = httpx.post(address, data={"sub": subject})
    return parse_qs(urlparse(pressed.headers["location"]).query)


def claims(provider: SignIn, subject: str, nonce: str) -> dict[str, Any]:
    code = answer(provider, subject, nonce)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    token = httpx.post(
        discovered(provider)["token_endpoint"], data=form, auth=("deelregie", "secret")
    ).json()["id_token"]
    keys = KeySet.import_key_set(httpx.get(discovered(provider)["jwks_uri"]).json())
    return dict(jwt.decode(token, keys).claims)


@pytest.mark.parametrize("person", TEST_PERSONS, ids=lambda person: person.subject)
def test_each_test_person_signs_in_with_their_own_claims(provider: SignIn, person: Any) -> None:
    nonce = secrets.token_urlsafe(8)
    token = claims(provider, person.subject, nonce)
    assert token["iss"] == provider.issuer
    assert token["aud"] in ("deelregie", ["deelregie"])
    assert token["nonce"] == nonce
    assert token["sub"] == person.subject
    assert token.get("insz") == person.insz
    assert token["roles"] == list(person.roles)


def test_a_sign_in_without_a_nonce_is_refused(provider: SignIn) -> None:
    assert answer(provider, "an-auditor", nonce=None)["error"] == ["invalid_request"]


def test_no_debugger_is_served(provider: SignIn) -> None:
    asset = httpx.get(f"{provider.issuer}/?__debugger__=yes&cmd=resource&f=debugger.js")
    assert "openInteractive" not in asset.text


def test_the_provider_stops_and_starts_again_with_nobody_in_its_log(tmp_path: Path) -> None:
    server = SignIn(tmp_path)
    server.start()
    pid = server.child.pid
    assert pid is not None
    claims(server, "yasmina-el-amrani", "n")
    server.stop()
    assert gone([pid], seconds=1.0)
    server.start()
    server.stop()
    log = (tmp_path / "sign-in.log").read_text()
    assert "90710208412" not in log
    assert "Yasmina" not in log
