"""Who calls a route: the token is checked here and a scope is a ceiling, never a consent."""

import json
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, Request

from gateway import clock
from gateway.errors import NotAllowed, NotAuthenticated
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import public_part
from gateway.identity.partner_token import caller_of

# SMART App Launch 2.2, "Scopes for requesting FHIR resources": letters in the order cruds.
SCOPE = re.compile(r"system/(?P<type>\*|[A-Z][A-Za-z]+)\.(?P<letters>c?r?u?d?s?)")


def hub_of(request: Request) -> Hub:
    """Return the hub that this application serves."""
    hub: Hub = request.app.state.hub
    return hub


def partner_of(request: Request) -> PartnerCaller:
    """Return the partner behind the bearer token; 401 without a hint for anything less."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    settings = hub_of(request).settings
    caller = None
    if scheme.lower() == "bearer" and token:
        signing_key = settings.signing_key.get_secret_value()
        # Seen from the next whole second: a token may end a second early, never late.
        caller = _caller(token, signing_key, settings.issuer, int(clock.now().timestamp()) + 1)
    if caller is None:
        raise NotAuthenticated("send a valid access token of this hub")
    return caller


def require_scope(caller: PartnerCaller, resource_type: str, letter: str) -> None:
    """Refuse when no scope of the token reaches this type and interaction."""
    for scope in caller.scopes:
        found = SCOPE.fullmatch(scope)
        if found and found["type"] in {"*", resource_type} and letter in found["letters"]:
            return
    raise NotAllowed


# A partner asks many times a second with one token; its signature is checked once in each second.
@lru_cache(maxsize=256)
def _caller(token: str, signing_key: str, issuer: str, second: int) -> PartnerCaller | None:
    jwks, at = _own_jwks(signing_key), datetime.fromtimestamp(second, UTC)
    return caller_of(token, public_jwks=jwks, issuer=issuer, at=at)


@lru_cache(maxsize=4)
def _own_jwks(signing_key: str) -> dict[str, Any]:
    return {"keys": [public_part(json.loads(signing_key))]}


# Coroutines, because FastAPI hands every plain function to a thread of its own and waits for it.
async def _hub_of(request: Request) -> Hub:
    return hub_of(request)


async def _partner_of(request: Request) -> PartnerCaller:
    return partner_of(request)


HubOf = Annotated[Hub, Depends(_hub_of)]
PartnerOf = Annotated[PartnerCaller, Depends(_partner_of)]
