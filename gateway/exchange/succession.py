"""Whether a service that merged goes on in another one, and what it delivered is written there."""

from consent.asker import regime_of
from consent.model import Service
from gateway.store import partners
from gateway.store.engine import Transaction
from gateway.store.partners import Partner


def same_mission(old: Partner, into: Partner) -> bool:
    """Whether a grant follows: same kind, secrecy and youth-help status, as the engine sees it."""
    return regime_of(_service(old)) == regime_of(_service(into))


def goes_on_as(tx: Transaction, partner_id: str) -> str:
    """Return the service under which a record of this one is kept now: itself, or its successor.

    Until this transaction ends, the service can neither merge nor close. What merged into another
    mission keeps what it delivered.
    """
    known = partners.hold(tx, partner_id)
    if known is None or known.merged_into is None:
        return partner_id
    into = partners.find(tx, known.merged_into)
    if into is None or not same_mission(known, into):
        return partner_id
    return goes_on_as(tx, into.id)


def heir_of(tx: Transaction, partner_id: str) -> str:
    """Return the service that goes on for this one with what was granted to it; maybe itself."""
    known = partners.find(tx, partner_id)
    into = partners.find(tx, known.merged_into) if known and known.merged_into else None
    if known is None or into is None or not same_mission(known, into):
        return partner_id
    return heir_of(tx, into.id)


def _service(partner: Partner) -> Service:
    return Service(kind=partner.kind, secrecy=partner.secrecy, youth_help=partner.youth_help)
