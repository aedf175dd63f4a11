"""Signing and encryption of messages and tokens; joserfc does the work, algorithms are fixed.

Only what goes out thousands of times a second is written here: see `seal`.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe, jwk, jws, jwt
from joserfc.errors import JoseError

SIGNATURE = "ES256"
WEBHOOK = "webhook+jws"
CONTENT = "A256GCM"
NONCE_BYTES, TAG_BYTES = 12, 16  # of A256GCM: RFC 7518, section 5.3
KEY_AGREEMENT = "ECDH-ES+A256KW"
# Partners' keys may be P-256 or P-384 (SMART Backend Services asks for ES384).
PARTNER_SIGNATURES = ["ES256", "ES384"]


def new_signing_jwk(*, use: str = "sig") -> dict[str, Any]:
    """Return a fresh private EC P-256 key as JWK with a thumbprint as `kid`."""
    key = jwk.ECKey.generate_key("P-256", {"use": use}, private=True, auto_kid=True)
    return dict(key.as_dict(private=True))


def public_part(private_jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public half of a private JWK."""
    return dict(jwk.ECKey.import_key(dict(private_jwk)).as_dict(private=False))


def sign_jwt(private_jwk: Mapping[str, Any], claims: Mapping[str, Any], *, typ: str) -> str:
    """Return a signed compact JWT with an explicit type (RFC 8725 section 3.11)."""
    key = jwk.ECKey.import_key(dict(private_jwk))
    algorithm = "ES384" if private_jwk.get("crv") == "P-384" else SIGNATURE
    header = {"alg": algorithm, "typ": typ, "kid": key.kid}
    return jwt.encode(header, dict(claims), key, algorithms=PARTNER_SIGNATURES)


def sign_assertion(
    private_jwk: Mapping[str, Any],
    *,
    issuer_id: str,
    audience: str,
    typ: str,
    lifetime: int,
    at: datetime,
    claims: Mapping[str, Any] | None = None,
) -> str:
    """Return a partner's assertion about itself: iss = sub, one audience, a single-use `jti`."""
    issued = int(at.timestamp())
    own = {
        "iss": issuer_id,
        "sub": issuer_id,
        "aud": audience,
        "iat": issued,
        "exp": issued + lifetime,
        "jti": secrets.token_urlsafe(24),
    }
    return sign_jwt(private_jwk, {**own, **(claims or {})}, typ=typ)


def verified_claims(
    token: str, jwks: Mapping[str, Any], *, typ: str, algorithms: list[str]
) -> dict[str, Any] | None:
    """Return the claims of a token signed by one of the keys, or None; times are not checked."""
    try:
        keys = jwk.KeySet.import_key_set({"keys": list(jwks["keys"])})
        decoded = jwt.decode(token, keys, algorithms=algorithms)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return dict(decoded.claims) if decoded.header.get("typ") == typ else None


def sign_detached(private_jwk: str, signed: bytes) -> str:
    """Return a compact JWS without its payload (RFC 7515, appendix F), typed as a webhook's."""
    key = jwk.ECKey.import_key(json.loads(private_jwk))
    header = {"alg": SIGNATURE, "typ": WEBHOOK, "kid": key.kid}
    whole = jws.serialize_compact(header, signed, key, algorithms=[SIGNATURE])
    return jws.detach_content(whole)


def encrypt_to(public_jwk: Mapping[str, Any], raw: bytes) -> bytes:
    """Return a compact JWE of the bytes for the holder of the key."""
    key = jwk.ECKey.import_key(dict(public_jwk))
    header = {"alg": KEY_AGREEMENT, "enc": CONTENT, "kid": key.kid}
    return jwe.encrypt_compact(header, raw, key, algorithms=[KEY_AGREEMENT, CONTENT]).encode()


def decrypt_with(private_jwk: str, message: bytes) -> bytes | None:
    """Return the bytes inside a JWE addressed to this key, or None."""
    key = jwk.ECKey.import_key(json.loads(private_jwk))
    return _decrypt(message, key, [KEY_AGREEMENT, CONTENT])


def seal(content_key: bytes, kid: str, plaintext: bytes) -> bytes:
    """Return a compact JWE under a content key that is asked for by `kid`.

    Written out by RFC 7516, section 5.1: with `dir` no key is encrypted, so that part is empty.
    """
    header = _base64url(orjson.dumps({"alg": "dir", "enc": CONTENT, "kid": kid}))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(content_key).encrypt(nonce, plaintext, header)
    content, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    return b".".join((header, b"", _base64url(nonce), _base64url(content), _base64url(tag)))


def unseal(content_jwk: Mapping[str, str], message: bytes) -> bytes | None:
    """Return the plaintext of a sealed message, or None if key and message do not fit."""
    return _decrypt(message, jwk.OctKey.import_key(dict(content_jwk)), ["dir", CONTENT])


def content_jwk(content_key: bytes, kid: str) -> dict[str, str]:
    """Return a content key as the JWK that `POST /keys` answers."""
    value = _base64url(content_key).decode()
    return {"kty": "oct", "k": value, "alg": CONTENT, "use": "enc", "kid": kid}


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _decrypt(message: bytes, key: jwk.ECKey | jwk.OctKey, algorithms: list[str]) -> bytes | None:
    try:
        return jwe.decrypt_compact(message, key, algorithms=algorithms).plaintext
    except (JoseError, ValueError, TypeError):
        return None
