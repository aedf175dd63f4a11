"""A real provider cannot be made to lie; this one lies in one way per test."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwk, jwt
from starlette.requests import Request

from gateway.identity.sign_in import (
    SignedIn,
    SignInFailed,
    auditor_id,
    begin_sign_in,
    finish_sign_in,
)
from tests.unit.pages.visitor import settings

ISSUER = "http://127.0.0.1:9000"
KEY = jwk.ECKey.generate_key("P-256", auto_kid=True)
OTHER = jwk.ECKey.generate_key("P-256", {"kid": str(KEY.kid)})
REFUSED, NO_PROVIDER = SignInFailed("refused"), SignInFailed("provider")


class Provider:
    """An OpenID Connect provider in one function per endpoint."""

    def __init__(self) -> None:
        self.discovery: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
        }
        self.header: dict[str, Any] = {"alg": "ES256", "kid": KEY.kid}
        self.claims: dict[str, Any] = {}
        self.key: Any = KEY
        self.asked: dict[str, str] = {}
        self.token_answer: Callable[[], httpx.Response] = self.signed_token
        self.form: dict[str, list[str]] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.discovery)
            case "/jwks":
                return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})
            case _:
                self.form = parse_qs(request.content.decode())
                return self.token_answer()

    def signed_token(self) -> httpx.Response:
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": "deelregie",
            "sub": "subject-1",
            "nonce": self.asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "insz": "90710208412",
            "roles": ["auditor"],
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        token = jwt.encode(self.header, kept, self.key, algorithms=["ES256", "HS256"])
        return httpx.Response(200, json={"access_token": "a", "id_token": token})


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    provider = Provider()
    transport = httpx.MockTransport(provider.answer)
    monkeypatch.setattr(
        "gateway.identity.sign_in._web", lambda _settings: httpx.Client(transport=transport)
    )
    return provider


def a_request(session: dict[str, Any], **query: str) -> Request:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/aanmelden/terug",
        "headers": [],
        "query_string": urlencode(query).encode(),
        "session": session,
    }
    return Request(scope)


def begin(provider: Provider, session: dict[str, Any]) -> dict[str, str]:
    address = begin_sign_in(a_request(session), settings())
    assert isinstance(address, str)
    provider.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return provider.asked


def finish(provider: Provider, **query: str) -> SignedIn | SignInFailed:
    session: dict[str, Any] = {}
    state = begin(provider, session)["state"]
    return finish_sign_in(a_request(session, **{"code": "c", "state": state, **query}), settings())


def test_a_good_answer_signs_in_with_number_and_roles(provider: Provider) -> None:
    assert finish(provider) == SignedIn(
        issuer=ISSUER, subject="subject-1", insz="90710208412", roles=frozenset({"auditor"})
    )


def test_the_browser_carries_a_challenge_and_the_hub_keeps_the_verifier(
    provider: Provider,
) -> None:
    session: dict[str, Any] = {}
    asked = begin(provider, session)
    verifier = session["sign_in"]["verifier"]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert asked["code_challenge_method"] == "S256"
    assert (asked["scope"], asked["response_type"]) == ("openid", "code")
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/aanmelden/terug"
    finish_sign_in(a_request(session, code="c", state=asked["state"]), settings())
    assert provider.form["code_verifier"] == [verifier]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": None},
        {"exp": int(time.time()) - 300},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"azp": "another-client"},
    ],
    ids=lambda claims: "-".join(
        f"{name}={'absent' if value is None else 'wrong'}" for name, value in claims.items()
    ),
)
def test_a_token_that_is_not_for_us_now_is_refused(
    provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert finish(provider) == REFUSED


def test_a_token_signed_by_somebody_else_is_refused(provider: Provider) -> None:
    provider.key = OTHER
    assert finish(provider) == REFUSED


def test_a_token_signed_with_our_own_secret_is_refused(provider: Provider) -> None:
    provider.header = {"alg": "HS256"}
    provider.key = jwk.OctKey.import_key("secret" * 8)
    assert finish(provider) == REFUSED


def test_an_unsigned_token_is_refused(provider: Provider) -> None:
    def unsigned() -> httpx.Response:
        signed = provider.signed_token().json()["id_token"].split(".")
        header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return httpx.Response(200, json={"id_token": f"{header}.{signed[1]}."})

    provider.token_answer = unsigned
    assert finish(provider) == REFUSED


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), REFUSED),
        (httpx.Response(200, json={"access_token": "a"}), REFUSED),
        (httpx.Response(200, json=["a"]), REFUSED),
        (httpx.Response(200, text="hello"), REFUSED),
    ],
)
def test_an_answer_without_a_token_is_refused(
    provider: Provider, answer: httpx.Response, outcome: SignInFailed
) -> None:
    provider.token_answer = lambda: answer
    assert finish(provider) == outcome


@pytest.mark.parametrize(
    "query",
    [{"state": "another"}, {"state": ""}, {"code": ""}, {"code": "", "error": "access_denied"}],
)
def test_an_answer_to_another_question_is_refused(
    provider: Provider, query: dict[str, str]
) -> None:
    assert finish(provider, **query) == REFUSED


def test_an_answer_works_once(provider: Provider) -> None:
    session: dict[str, Any] = {}
    state = begin(provider, session)["state"]
    request = a_request(session, code="c", state=state)
    assert isinstance(finish_sign_in(request, settings()), SignedIn)
    assert finish_sign_in(request, settings()) == REFUSED


def test_an_answer_without_a_question_is_refused(provider: Provider) -> None:
    assert finish_sign_in(a_request({}, code="c", state=""), settings()) == REFUSED
    assert provider.form == {}


def test_a_provider_that_calls_itself_something_else_is_not_ours(provider: Provider) -> None:
    provider.discovery["issuer"] = "https://elsewhere.example"
    assert begin_sign_in(a_request({}), settings()) == NO_PROVIDER


def test_a_provider_that_does_not_answer_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    monkeypatch.setattr(
        "gateway.identity.sign_in._web",
        lambda _settings: httpx.Client(transport=httpx.MockTransport(down)),
    )
    assert begin_sign_in(a_request({}), settings()) == NO_PROVIDER
    session = {"sign_in": {"state": "s", "nonce": "n", "verifier": "v"}}
    assert finish_sign_in(a_request(session, code="c", state="s"), settings()) == NO_PROVIDER


def test_an_auditor_is_opaque_and_always_the_same(provider: Provider) -> None:
    signed_in = finish(provider)
    assert isinstance(signed_in, SignedIn)
    opaque = auditor_id(settings(), signed_in)
    assert opaque == auditor_id(settings(), signed_in)
    assert "subject-1" not in opaque
