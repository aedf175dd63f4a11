"""Register a service of a partner organisation with its public keys."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.registry import ADAPTERS
from consent.vocabulary import KINDS
from gateway.errors import InvalidRequest
from gateway.exchange.hub import Hub
from gateway.exchange.partners.register_way import Way, check_way
from gateway.store import access_log, changing_way, outbox, partners
from gateway.store.engine import transaction
from gateway.store.partners import Partner

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
READ_SCOPES = frozenset({"system/*.rs"})
WRITE_SCOPES = frozenset({"system/*.c"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an operator says about a service; keys as a JWKS or as the address of one."""

    id: str
    name: str
    kind: str
    source: str | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    way: Way | None = None
    """How it receives; when left out as before, and of a new service through Kafka."""


def register_partner(hub: Hub, registration: Registration, *, at: datetime) -> Partner:
    """Store the service; raise `InvalidRequest` naming the option and the remedy."""
    _check(registration)
    if registration.way:
        check_way(hub, registration.way)
    scopes = READ_SCOPES | (WRITE_SCOPES if registration.source else frozenset())
    partner = Partner(
        id=registration.id,
        name=registration.name,
        kind=registration.kind,
        secrecy=None,
        youth_help=None,
        status="active",
        source=registration.source,
        jwks=registration.jwks,
        jwks_uri=registration.jwks_uri,
        scopes=scopes,
    )
    with transaction(hub.engine) as tx:
        known = partners.find(tx, partner.id)
        if known is not None and known.over:
            message = f"this service is {known.status}; register a new one under another id"
            raise InvalidRequest(message, where="id")
        partners.save(tx, partner, at=at)
        if registration.way:
            way = registration.way
            changing_way.set_way(tx, partner.id, way.way, url=way.webhook)
        entry = access_log.Entry(
            at=at, act="partner_registered", actor="operator", partner=partner.id, outcome="done"
        )
        access_log.append(tx, entry)
    return partner


def set_partner_status(hub: Hub, partner: str, status: str, *, at: datetime) -> bool:
    """Suspend a service, so that nothing goes to it or comes from it, or activate it again.

    What it did not open before a suspension it never opens: the keys are destroyed.
    """
    with transaction(hub.engine) as tx:
        if not partners.set_status(tx, partner, status):
            return False
        if status != partners.ACTIVE:
            outbox.destroy_unread(tx, partner, at=at)
        entry = access_log.Entry(
            at=at, act=f"partner_{status}", actor="operator", partner=partner, outcome="done"
        )
        access_log.append(tx, entry)
    return True


def list_partners(hub: Hub) -> tuple[Partner, ...]:
    """Return every registered service."""
    with transaction(hub.engine) as tx:
        return partners.everyone(tx)


def _check(registration: Registration) -> None:
    if not SLUG.fullmatch(registration.id):
        raise InvalidRequest("use 3 to 63 lower-case letters, digits and hyphens", where="id")
    if registration.kind not in KINDS:
        raise InvalidRequest(f"use one of: {', '.join(sorted(KINDS))}", where="kind")
    if registration.source is not None and registration.source not in ADAPTERS:
        raise InvalidRequest(f"use one of: {', '.join(sorted(ADAPTERS))}", where="source")
    if (registration.jwks is None) == (registration.jwks_uri is None):
        raise InvalidRequest("give either a JWKS file or its address", where="jwks")
    if registration.jwks is not None and not _is_public(registration.jwks):
        raise InvalidRequest("give a JWKS with public EC P-256 or P-384 keys only", where="jwks")
    if registration.jwks_uri is not None and not registration.jwks_uri.startswith("https://"):
        raise InvalidRequest("give an address that begins with https://", where="jwks_uri")


def _is_public(jwks: dict[str, Any]) -> bool:
    try:
        KeySet.import_key_set({"keys": jwks["keys"]})
    except (JoseError, KeyError, TypeError, ValueError):
        return False
    return bool(jwks["keys"]) and all("d" not in key and key["kty"] == "EC" for key in jwks["keys"])
