"""Who calls a route: the token is checked here and a scope is a ceiling, never a consent."""

import json
import re
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
        caller = caller_of(
            token,
            public_jwks=_own_jwks(settings.signing_key.get_secret_value()),
            issuer=settings.issuer,
            at=clock.now(),
        )
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


@lru_cache(maxsize=4)
def _own_jwks(signing_key: str) -> dict[str, Any]:
    return {"keys": [public_part(json.loads(signing_key))]}


HubOf = Annotated[Hub, Depends(hub_of)]
PartnerOf = Annotated[PartnerCaller, Depends(partner_of)]
