"""A mandated service asks blindly: the hub passes it on and says only that it did.

Whether anybody knows the child never shows: the same answer, and the same work, for every child
(rules of sharing, section 9). Each holder decides itself whether it speaks, and on which ground.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from consent.vocabulary import MANDATED_KINDS
from gateway.exchange.hub import Hub
from gateway.exchange.identities.find_child import find_named
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, partners, relays
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.relays import NewRelay
from gateway.store.vault import new_key

PURPOSE: Final = "safety"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which child, by pseudonym or national number, and what the service wants to know."""

    patient: str | None
    insz: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """A request to a holder, about the child in the holder's own pseudonym."""

    id: str
    patient: str
    asked_by: str
    question: str
    asked_at: datetime


def relay_request(hub: Hub, caller: PartnerCaller, asked: Question, *, at: datetime) -> bool:
    """Pass a question on to whoever may hold something; False if the caller has no mandate."""
    with transaction(hub.engine) as tx:
        partner = partners.find(tx, caller.partner)
        if partner is None or partner.status != "active" or partner.kind not in MANDATED_KINDS:
            return False
        found = find_named(tx, hub, caller.partner, patient=asked.patient, insz=asked.insz)
        child = found or uuid4()
        # Without the child's lock: having to wait for it would tell that something happens there.
        key = children.key_of(tx, hub.vault, child)
        new = NewRelay(child=child, asked_by=caller.partner, question=asked.text)
        relays.relay(tx, key or new_key(), new, at=at)
        known = child if key else None
        access_log.append(tx, _line("relay_request", caller.partner, known, at=at))
    return True


def requests_for(hub: Hub, caller: PartnerCaller, *, at: datetime) -> tuple[Relayed, ...]:
    """Return what others asked this holder and it has not closed, oldest first; logged."""
    with transaction(hub.engine) as tx:
        rows = relays.waiting_for(tx, caller.partner)
        opened = [(row, _question(tx, hub, row)) for row in rows]
        lines = [_line("relay_read", caller.partner, row.child, at=at) for row in rows]
        access_log.append(tx, *(lines or [_line("relay_read", caller.partner, None, at=at)]))
    return tuple(_relayed(hub, caller, row, text) for row, text in opened if text is not None)


def close_request(hub: Hub, caller: PartnerCaller, request: str, *, at: datetime) -> bool:
    """Let a holder say that it dealt with a request; False if it has no such open one."""
    try:
        wanted = UUID(request)
    except ValueError:
        return False
    with transaction(hub.engine) as tx:
        child = relays.close(tx, wanted, holder=caller.partner, at=at)
        if child is not None:
            access_log.append(tx, _line("relay_closed", caller.partner, child, at=at))
    return child is not None


def _question(tx: Transaction, hub: Hub, row: AnyRow) -> str | None:
    key = children.key_of(tx, hub.vault, row.child)
    return relays.question_of(key, row) if key else None


def _relayed(hub: Hub, caller: PartnerCaller, row: AnyRow, text: str) -> Relayed:
    return Relayed(
        id=str(row.id),
        patient=hub.vault.pairwise(caller.partner, row.child),
        asked_by=row.asked_by,
        question=text,
        asked_at=row.asked_at,
    )


def _line(act: str, partner: str, child: UUID | None, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=act,
        actor=partner,
        partner=partner,
        role="system",
        purpose=PURPOSE,
        child=child,
        outcome="done",
    )
