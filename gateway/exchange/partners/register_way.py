"""An operator says in which way a service receives: Kafka, the feed, or the feed with a webhook."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import InvalidRequest
from gateway.exchange.hub import Hub
from gateway.exchange.partners.public_address import NotPublicError, public_place
from gateway.store import access_log, changing_way, partners, receiving
from gateway.store.engine import transaction
from gateway.store.receiving import WAYS, WEBHOOK, Receiving


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a service receives; a webhook needs the URL at which it wants to be told."""

    way: str
    webhook: str | None = None


def check_way(hub: Hub, wanted: Way) -> None:
    """Raise `InvalidRequest` naming the option and the remedy; looks the webhook's name up."""
    if wanted.way not in WAYS:
        raise InvalidRequest(f"use one of: {', '.join(sorted(WAYS))}", where="receive")
    if (wanted.way == WEBHOOK) != (wanted.webhook is not None):
        message = "give a webhook's address with --receive webhook, and only then"
        raise InvalidRequest(message, where="webhook")
    if wanted.webhook is not None:
        try:
            public_place(wanted.webhook, loopback=hub.settings.loopback_webhooks)
        except NotPublicError as error:
            raise InvalidRequest(str(error), where="webhook") from error


def set_way(hub: Hub, partner: str, wanted: Way, *, at: datetime) -> bool:
    """Let a service receive in this way from now on; False when there is no such service.

    Saying it again lets a parked webhook be tried again.
    """
    check_way(hub, wanted)
    with transaction(hub.engine) as tx:
        known = partners.hold(tx, partner)
        if known is None or known.over:
            return False
        changing_way.set_way(tx, partner, wanted.way, url=wanted.webhook)
        entry = access_log.Entry(
            at=at,
            act="partner_receives",
            actor="operator",
            partner=partner,
            outcome="done",
            correlation=wanted.way,
        )
        access_log.append(tx, entry)
    return True


def ways(hub: Hub) -> Mapping[str, Receiving]:
    """Return how each service receives whose way was registered; the others through Kafka."""
    with transaction(hub.engine) as tx:
        return receiving.everyone(tx)


def without_kafka(hub: Hub) -> frozenset[str]:
    """Return the ids of services that pull their messages from the feed."""
    with transaction(hub.engine) as tx:
        return frozenset(receiving.by_feed(tx))
