"""A partner's system proves its key and gets a short-lived access token bound to its service."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from gateway.exchange.hub import Hub
from gateway.exchange.partners.register_partner import SLUG
from gateway.identity.partner_token import (
    AssertionServer,
    RegisteredClient,
    authenticate,
    issue_token,
)
from gateway.store import partners
from gateway.store.engine import transaction


def sign_in_partner(
    hub: Hub, form: Mapping[str, str], *, at: datetime
) -> tuple[str, frozenset[str]] | None:
    """Return token and scopes, or None when the assertion is anything less than right."""

    def find(partner: str) -> RegisteredClient | None:
        return registered_client(hub, partner)

    def use_once(partner: str, jti: str, expires_at: datetime) -> bool:
        with transaction(hub.engine) as tx:
            partners.forget_assertions(tx, at=at)
            # Its hash, because a partner could write anything in it.
            once = hashlib.sha256(jti.encode(errors="replace")).hexdigest()
            return partners.use_assertion(tx, partner, once, expires_at=expires_at)

    server = AssertionServer(issuer=hub.settings.issuer, find=find, use_once=use_once, at=at)
    client = authenticate(server, form)
    if client is None:
        return None
    return issue_token(
        client,
        frozenset(form.get("scope", "").split()),
        signing_key=hub.settings.signing_key.get_secret_value(),
        issuer=hub.settings.issuer,
        seconds=hub.settings.access_token_seconds,
        at=at,
    )


def registered_client(hub: Hub, partner_id: str) -> RegisteredClient | None:
    """Return what a partner's system was registered with, or None."""
    if not SLUG.fullmatch(partner_id):
        return None
    with transaction(hub.engine) as tx:
        partner = partners.find(tx, partner_id)
    if partner is None:
        return None
    return RegisteredClient(
        id=partner.id,
        active=partner.status == "active",
        scopes=partner.scopes,
        jwks=partner.jwks,
        jwks_uri=partner.jwks_uri,
    )
