"""Sign-in of persons: OpenID Connect with authorization code, PKCE, state and nonce."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from starlette.requests import Request

from gateway.settings import Settings

RETURN_PATH: Final = "/aanmelden/terug"
SESSION_KEY: Final = "sign_in"
LEEWAY_SECONDS: Final = 30
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
# A symmetric algorithm or `none` would let anybody who knows the client's secret sign.
SIGNATURES: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What the sign-in provider vouches for; it is used once and never stored as it is."""

    issuer: str
    subject: str
    insz: str | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class SignInFailed:
    """Why nobody is signed in: the provider does not answer, or its answer does not hold."""

    reason: Literal["provider", "refused"]


def begin_sign_in(request: Request, settings: Settings) -> str | SignInFailed:
    """Return the provider's address to send the browser to; the session remembers the attempt."""
    attempt = {name: secrets.token_urlsafe(48) for name in ("state", "nonce", "verifier")}
    try:
        with _web(settings) as web:
            address, _state = _client(web, settings).create_authorization_url(
                _provider(web, settings)["authorization_endpoint"],
                state=attempt["state"],
                nonce=attempt["nonce"],
                code_verifier=attempt["verifier"],
            )
    except (httpx.HTTPError, ValueError, KeyError):
        return SignInFailed("provider")
    request.session[SESSION_KEY] = attempt
    return str(address)


def finish_sign_in(request: Request, settings: Settings) -> SignedIn | SignInFailed:
    """Exchange the code and validate the ID token; an attempt ends here, well or badly."""
    attempt: dict[str, str] = request.session.pop(SESSION_KEY, {})
    code, state = (request.query_params.get(name, "") for name in ("code", "state"))
    expected = attempt.get("state", "")
    if not (code and expected and hmac.compare_digest(state.encode(), expected.encode())):
        return SignInFailed("refused")
    try:
        with _web(settings) as web:
            claims = _claims(web, settings, code=code, attempt=attempt)
    except httpx.HTTPError:
        return SignInFailed("provider")
    except (OAuth2Error, JoseError, ValueError, KeyError, TypeError):
        return SignInFailed("refused")
    return _signed_in(claims, settings)


def auditor_id(settings: Settings, signed_in: SignedIn) -> str:
    """Return the opaque id under which an auditor stands in the log."""
    return person_id(settings, signed_in.subject)


def person_id(settings: Settings, subject: str) -> str:
    """Return the opaque id of who works for the hub, in whichever way that person comes in.

    `subject` is what the sign-in provider calls this person by (`sub`).
    """
    key = base64.b64decode(settings.pseudonym_key.get_secret_value())
    text = f"auditor\x00{settings.oidc_issuer}\x00{subject}"
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:32]


def _claims(
    web: httpx.Client, settings: Settings, *, code: str, attempt: Mapping[str, str]
) -> Mapping[str, Any]:
    provider = _provider(web, settings)
    client = _client(web, settings)
    token = client.fetch_token(
        provider["token_endpoint"],
        grant_type="authorization_code",
        code=code,
        code_verifier=attempt["verifier"],
        redirect_uri=client.redirect_uri,
        auth=(client.client_id, client.client_secret),
    )
    keys = KeySet.import_key_set({"keys": _json(web, provider["jwks_uri"])["keys"]})
    signed = jwt.decode(token["id_token"], keys, registry=JWSRegistry(algorithms=list(SIGNATURES)))
    claims = CodeIDToken(
        signed.claims,
        signed.header,
        _required(settings),
        {
            "nonce": attempt["nonce"],
            "client_id": settings.oidc_client_id,
            "access_token": token.get("access_token"),
        },
    )
    claims.validate(leeway=LEEWAY_SECONDS)
    return dict(claims)


def _required(settings: Settings) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
        "exp": {"essential": True},
        "nonce": {"essential": True},
        "sub": {"essential": True},
    }


def _signed_in(claims: Mapping[str, Any], settings: Settings) -> SignedIn:
    insz = claims.get(settings.oidc_insz_claim)
    roles = claims.get(settings.oidc_roles_claim) or ()
    listed = (roles,) if isinstance(roles, str) else roles
    return SignedIn(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        insz=str(insz) if insz else None,
        roles=frozenset(str(role) for role in listed),
    )


def _provider(web: httpx.Client, settings: Settings) -> Mapping[str, Any]:
    """Read the provider's discovery document afresh, so that its new keys never lock us out."""
    address = settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
    provider = _json(web, address)
    if provider.get("issuer") != settings.oidc_issuer:
        raise ValueError("the discovery document names another issuer; check oidc_issuer")
    return provider


def _json(web: httpx.Client, address: str) -> dict[str, Any]:
    document = web.get(address).raise_for_status().json()
    if not isinstance(document, dict):
        raise ValueError("the sign-in provider answered with something else than a JSON object")  # noqa: TRY004  # an answer of the world, no mistake in a type
    return document


def _client(web: httpx.Client, settings: Settings) -> Any:
    return OAuth2Client(
        web,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        scope="openid",
        redirect_uri=settings.issuer.rstrip("/") + RETURN_PATH,
        code_challenge_method="S256",
    )


def _web(settings: Settings) -> httpx.Client:
    # A machine's web proxy cannot reach a provider on the machine itself.
    local = urlsplit(settings.oidc_issuer).hostname in LOOPBACK
    return httpx.Client(timeout=10.0, trust_env=not local)
