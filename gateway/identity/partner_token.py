"""Partner systems sign in: OAuth 2 client credentials with `private_key_jwt` (RFC 7523, RFC 10070).

The assertion is verified by authlib's client authentication; this file supplies what it asks of
a server: the registered keys, the one audience and the memory of used assertions.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.errors import SourceUnavailable
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import PARTNER_SIGNATURES, SIGNATURE, sign_jwt, verified_claims

ACCESS_TOKEN, CLIENT_ASSERTION, INTAKE_ASSERTION = (
    "at+jwt",
    "client-authentication+jwt",
    "intake+jwt",
)
LEEWAY_SECONDS = 30
MAX_ASSERTION_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """A partner's system as it was registered: its keys and the most it may ask for."""

    id: str
    active: bool
    scopes: frozenset[str]
    jwks: dict[str, Any] | None
    jwks_uri: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionServer:
    """What authlib's verification asks of this hub."""

    issuer: str
    find: Callable[[str], RegisteredClient | None]
    use_once: Callable[[str, str, datetime], bool]
    at: datetime


# Pyright brings stubs of an older authlib along, hence the three ignores.
class _Authentication(JWTBearerClientAssertion):  # type: ignore[misc]  # authlib is untyped
    """`private_key_jwt` with exactly one audience, the issuer, and a typed header (RFC 10070)."""

    def __init__(self, server: AssertionServer) -> None:
        super().__init__(leeway=LEEWAY_SECONDS)  # pyright: ignore[reportCallIssue]
        self.server = server

    def get_audiences(self) -> list[str]:
        return [self.server.issuer]

    def validate_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
        # Remembered for as long as the leeway lets it through.
        expires = datetime.fromtimestamp(claims["exp"] + 2 * LEEWAY_SECONDS, UTC)
        return self.server.use_once(claims["sub"], jti, expires)

    def resolve_client_public_key(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, client: RegisteredClient
    ) -> KeySet:
        keys: Any = registered_keys(client)
        return KeySet.import_key_set(keys)

    def verify_claims(self, claims: dict[str, Any]) -> None:
        if not _is_short_and_single(claims, self.server):
            raise InvalidClientError
        super().verify_claims(claims)  # pyright: ignore[reportAttributeAccessIssue]

    def authenticate_client(self, client: RegisteredClient) -> RegisteredClient:
        return client


def authenticate(server: AssertionServer, form: Mapping[str, str]) -> RegisteredClient | None:
    """Return the partner that proved possession of its key, or None without saying why."""
    assertion = form.get("client_assertion", "")
    if not _is_typed(assertion):
        return None
    request = SimpleNamespace(form=form, client=None)  # all that authlib reads of a request
    try:
        verify = _Authentication(server)
        client: RegisteredClient | None = verify(_query(server), request)
    except (InvalidClientError, JoseError, ValueError, KeyError, TypeError):
        return None
    return client


def verify_intake_assertion(
    token: str, *, keys: Mapping[str, Any], issuer: str, at: datetime
) -> dict[str, Any] | None:
    """Return the claims of a partner's statement about a streamed record, or None."""
    claims = verified_claims(token, keys, typ=INTAKE_ASSERTION, algorithms=PARTNER_SIGNATURES)
    if claims is None or claims.get("aud") != issuer or claims.get("iss") != claims.get("sub"):
        return None
    # A stream may lie still for days: the assertion proves who wrote these bytes, and the same
    # bytes twice change nothing, so neither age nor repetition is a reason to lose a record.
    issued = claims.get("iat")
    if not isinstance(issued, int) or issued > at.timestamp() + LEEWAY_SECONDS:
        return None
    return claims


def unverified_issuer(token: str) -> str | None:
    """Return who claims to have signed, only to look up the key that must prove it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(_base64url(payload))
        issuer = claims.get("iss")
    except (IndexError, ValueError, AttributeError):
        return None
    return issuer if isinstance(issuer, str) else None


def issue_token(
    client: RegisteredClient,
    requested: frozenset[str],
    *,
    signing_key: str,
    issuer: str,
    seconds: int,
    at: datetime,
) -> tuple[str, frozenset[str]]:
    """Return an access token (RFC 9068) bound to the service, and the scopes it carries."""
    granted = (requested & client.scopes) if requested else client.scopes
    issued = int(at.timestamp())
    claims = {
        "iss": issuer,
        "aud": issuer,
        "sub": client.id,
        "client_id": client.id,
        "scope": " ".join(sorted(granted)),
        "iat": issued,
        "exp": issued + seconds,
        "jti": secrets.token_urlsafe(16),
    }
    return sign_jwt(json.loads(signing_key), claims, typ=ACCESS_TOKEN), granted


def caller_of(
    token: str, *, public_jwks: Mapping[str, Any], issuer: str, at: datetime
) -> PartnerCaller | None:
    """Return the partner behind an access token, or None for anything less than valid."""
    claims = verified_claims(token, public_jwks, typ=ACCESS_TOKEN, algorithms=[SIGNATURE])
    if claims is None or claims.get("iss") != issuer or claims.get("aud") != issuer:
        return None
    expires, partner = claims.get("exp"), claims.get("sub")
    if not isinstance(expires, int) or expires <= at.timestamp() or not isinstance(partner, str):
        return None
    return PartnerCaller(partner=partner, scopes=frozenset(str(claims.get("scope", "")).split()))


def registered_keys(client: RegisteredClient) -> dict[str, Any]:
    """Return a partner's public keys, from its registration or from its own address."""
    if client.jwks is not None:
        return client.jwks
    if client.jwks_uri is None:
        return {"keys": []}
    try:
        answer = httpx.get(client.jwks_uri, timeout=3, follow_redirects=False)
        keys = answer.raise_for_status().json()
    except httpx.HTTPError as error:
        raise SourceUnavailable("the address of the partner's keys does not answer") from error
    return keys if isinstance(keys, dict) else {"keys": []}


def _query(server: AssertionServer) -> Callable[[str], RegisteredClient | None]:
    def query(client_id: str) -> RegisteredClient | None:
        client = server.find(client_id)
        return client if client and client.active else None

    return query


def _is_typed(assertion: str) -> bool:
    try:
        header = json.loads(_base64url(assertion.split(".", maxsplit=1)[0]))
    except ValueError:
        return False
    return isinstance(header, dict) and header.get("typ") == CLIENT_ASSERTION


def _is_short_and_single(claims: Mapping[str, Any], server: AssertionServer) -> bool:
    expires, jti = claims.get("exp"), claims.get("jti")
    short = isinstance(expires, int) and expires <= server.at.timestamp() + MAX_ASSERTION_SECONDS
    return short and claims.get("aud") == server.issuer and isinstance(jti, str)


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
