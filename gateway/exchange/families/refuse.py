"""A right-holder says no: a refusal, a service shut out, an objection or restriction.

A no stops at once what lies undelivered in its scope, exactly as a withdrawal does.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from consent.lifecycle import OBJECTION_TO_TRANSFER
from consent.vocabulary import GDPR_EFFECTS, KNOWN_CLASSES, OBJECTIONS
from gateway.clock import brussels_date
from gateway.exchange.families.consent_log import recorded, role_of
from gateway.exchange.families.decision_row import (
    WORDING_CHANGED,
    Scope,
    new_row,
    unknown_assistant,
)
from gateway.exchange.families.family import CHILD_DECIDES, UNKNOWN_CHILD, Member, locked_member
from gateway.exchange.families.give_consent import PURPOSES
from gateway.exchange.families.stop_sharing import stop_sharing
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import REFUSALS, Choices, wording_of_refusal
from gateway.identity.callers import PersonCaller
from gateway.store import consents, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction

_ACTS: Final = MappingProxyType({"refuse": "consent_refused", "exclude": "service_excluded"})
_SERVICE: Final = Refusal("unknown_service", "choose a service by its id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalOrder:
    """What somebody says no to; None means any. A last day may be left out.

    `effect` is refuse, exclude (needs `to`, and nothing else), object (to a transfer between
    CLBs), object_gdpr or restrict_gdpr; an objection stops every recipient, so it names none.
    """

    child: str
    effect: str
    language: str
    wording_sha256: str
    classes: frozenset[str] | None = None
    purpose: str | None = None
    to: str | None = None
    sources: frozenset[str] | None = None
    until: date | None = None
    assisted_by: str | None = None


def refuse(hub: Hub, person: PersonCaller, order: RefusalOrder, *, at: datetime) -> str | Refusal:
    """Record the no and stop what is in its scope; return its id, or why it cannot be recorded.

    The same no twice is one decision.
    """
    with transaction(hub.engine) as tx:
        member = locked_member(tx, hub, order.child, person, at=at)
        if member is None:
            return UNKNOWN_CHILD
        refusal = _may_not(member, order) or _check(tx, order, at=at)
        if refusal:
            return refusal
        row = _row(tx, member, order, at=at)
        if isinstance(row, Refusal):
            return row
        return str((_same(tx, row, at=at) or _record(tx, person, row, at=at)).id)


def _record(tx: Transaction, person: PersonCaller, row: ConsentRow, *, at: datetime) -> ConsentRow:
    consents.insert(tx, row)
    act = _ACTS.get(row.effect, "objection_made")
    recorded(tx, act, "given", person, row, role=role_of(row.giver), at=at)
    # What a transfer carries does not rest on consent; sealing decides that again by itself.
    if row.effect != OBJECTION_TO_TRANSFER:
        stop_sharing(tx, row, at=at)
    return row


def _may_not(member: Member, order: RefusalOrder) -> Refusal | None:
    """A no of somebody who is no right-holder does not count, so it is not recorded.

    But parents beside a capable pupil may object to a transfer in their own name (rule R4).
    """
    why_not = member.why_not
    beside = order.effect == OBJECTION_TO_TRANSFER and member.holder
    return None if why_not and why_not.code == CHILD_DECIDES and beside else why_not


def _check(tx: Transaction, order: RefusalOrder, *, at: datetime) -> Refusal | None:
    if order.effect not in REFUSALS:
        return Refusal("unknown_effect", f"choose from: grant, {', '.join(REFUSALS)}")
    if order.classes is not None and not (order.classes and order.classes <= KNOWN_CLASSES):
        return Refusal("unknown_class", f"choose from: {', '.join(sorted(KNOWN_CLASSES))}")
    if order.purpose is not None and order.purpose not in PURPOSES:
        return Refusal("unknown_purpose", f"choose from: {', '.join(sorted(PURPOSES))}")
    if order.until is not None and order.until < brussels_date(at):
        return Refusal("until_out_of_range", "choose today or a later day, or none")
    return _check_services(tx, order) or unknown_assistant(tx, order.assisted_by)


def _check_services(tx: Transaction, order: RefusalOrder) -> Refusal | None:
    if order.effect == "exclude" and (order.to is None or order.classes or order.purpose):
        return Refusal("unknown_service", "name the service to shut out, and nothing else")
    if order.effect in OBJECTIONS and order.to is not None:
        return Refusal("unknown_service", "leave out the recipient; an objection is to all")
    if order.sources is not None and (not order.sources or order.effect not in GDPR_EFFECTS):
        return Refusal("unknown_service", "name sources in an objection or restriction only")
    named = {*(order.sources or ()), *([order.to] if order.to else ())}
    return None if all(partners.find(tx, one) for one in named) else _SERVICE


def _row(
    tx: Transaction, member: Member, order: RefusalOrder, *, at: datetime
) -> ConsentRow | Refusal:
    words = wording_of_refusal(
        language=order.language, effect=order.effect, choices=choices(tx, member.giver, order)
    )
    if words.sha256 != order.wording_sha256:
        return WORDING_CHANGED
    scope = Scope(
        effect=order.effect,
        classes=order.classes,
        purpose=order.purpose,
        partner=order.to,
        sources=order.sources,
        until=order.until,
    )
    # Recorded last, it is the newest: no yes whose clock was ahead may lift it.
    since = max((at, *(one.since for one in _own(tx, member.child, member.person))))
    return new_row(member, words, scope, assisted_by=order.assisted_by, since=since)


def _own(tx: Transaction, child: UUID, person: UUID) -> list[ConsentRow]:
    return [one for one in consents.of_child(tx, child) if one.person == person]


def choices(tx: Transaction, giver: str, order: RefusalOrder) -> Choices:
    """Return what the words of a no are about."""
    return Choices(
        giver=giver,
        classes=order.classes,
        purpose=order.purpose,
        partner_name=_name(tx, order.to) if order.to else None,
        source_names=[_name(tx, one) for one in sorted(order.sources or ())] or None,
        until=order.until,
    )


def _name(tx: Transaction, partner: str) -> str:
    found = partners.find(tx, partner)
    return found.name if found else partner


def _same(tx: Transaction, row: ConsentRow, *, at: datetime) -> ConsentRow | None:
    """Return the same no if it is the last thing this person said: nothing can have lifted it."""
    own = _own(tx, row.child, row.person)
    newest = [one for one in own if one.since == max(other.since for other in own)]
    return next((one for one in newest if _is_same(one, row, at=at)), None)


def _is_same(one: ConsentRow, row: ConsentRow, *, at: datetime) -> bool:
    again = replace(
        row,
        id=one.id,
        since=one.since,
        wording_language=one.wording_language,
        wording_sha256=one.wording_sha256,
        assisted_by=one.assisted_by,
        rules_version=one.rules_version,
    )
    return again == one and (one.until is None or one.until >= brussels_date(at))
