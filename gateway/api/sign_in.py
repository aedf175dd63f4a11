"""The token endpoint for partner systems, and what clients discover before they use it."""

import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway import clock
from gateway.api.callers import HubOf
from gateway.errors import InvalidRequest
from gateway.exchange.hub import Hub
from gateway.exchange.partners.sign_in_partner import sign_in_partner
from gateway.identity.jose import PARTNER_SIGNATURES, public_part

router = APIRouter(tags=["sign-in"])
FORM = "application/x-www-form-urlencoded"


@router.post("/oauth/token", summary="Get an access token with private_key_jwt")
async def token(request: Request) -> Response:
    """Exchange a client assertion (RFC 7523, RFC 10070) for a short-lived access token."""
    if not request.headers.get("content-type", "").startswith(FORM):
        raise InvalidRequest(f"send {FORM}", where="Content-Type")
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    return await run_in_threadpool(_answer, request.app.state.hub, form, clock.now())


def _answer(hub: Hub, form: dict[str, str], at: datetime) -> Response:
    no_store = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if form.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "unsupported_grant_type"}, 400, no_store)
    issued = sign_in_partner(hub, form, at=at)
    if issued is None:
        return JSONResponse({"error": "invalid_client"}, 401, no_store)
    access_token, scopes = issued
    if not scopes:
        return JSONResponse({"error": "invalid_scope"}, 400, no_store)
    body = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": hub.settings.access_token_seconds,
        "scope": " ".join(sorted(scopes)),
    }
    return JSONResponse(body, headers=no_store)


@router.get("/oauth/jwks", summary="The hub's public keys")
def jwks(hub: HubOf) -> dict[str, Any]:
    """Return the key that signs tokens (`sig`) and the one to encrypt stream intake to (`enc`)."""
    secrets = (hub.settings.signing_key, hub.settings.intake_key)
    return {"keys": [public_part(json.loads(secret.get_secret_value())) for secret in secrets]}


@router.get("/.well-known/oauth-authorization-server", summary="RFC 8414 metadata")
@router.get("/.well-known/smart-configuration", summary="SMART configuration")
def metadata(hub: HubOf) -> dict[str, Any]:
    """Return what a partner's client needs to know to sign in."""
    issuer = hub.settings.issuer
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": PARTNER_SIGNATURES,
        "scopes_supported": ["system/*.c", "system/*.rs"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    }
