"""A partner's system proves its key and gets a short-lived access token bound to its service."""

from collections.abc import Mapping
from datetime import datetime

from gateway.exchange.hub import Hub
from gateway.identity.partner_token import AssertionServer, authenticate, issue_token
from gateway.store import partners
from gateway.store.engine import transaction
from gateway.store.partners import Partner


def sign_in_partner(
    hub: Hub, form: Mapping[str, str], *, at: datetime
) -> tuple[str, frozenset[str]] | None:
    """Return token and scopes, or None when the assertion is anything less than right."""

    def find(partner: str) -> Partner | None:
        with transaction(hub.engine) as tx:
            return partners.find(tx, partner)

    def use_once(partner: str, jti: str, expires_at: datetime) -> bool:
        with transaction(hub.engine) as tx:
            partners.forget_assertions(tx, at=at)
            return partners.use_assertion(tx, partner, jti, expires_at=expires_at)

    server = AssertionServer(issuer=hub.settings.issuer, find=find, use_once=use_once, at=at)
    partner = authenticate(server, form)
    if partner is None:
        return None
    return issue_token(
        partner,
        frozenset(form.get("scope", "").split()),
        signing_key=hub.settings.signing_key.get_secret_value(),
        issuer=hub.settings.issuer,
        seconds=hub.settings.access_token_seconds,
        at=at,
    )
