"""A right-holder gives a service leave to see some of a child's data; what exists is queued."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from consent.lifecycle import SELF, SENSITIVE, longest_for
from gateway.clock import brussels_date
from gateway.exchange.families.consent_log import recorded, role_of
from gateway.exchange.families.decision_row import (
    WORDING_CHANGED,
    Scope,
    new_row,
    unknown_assistant,
)
from gateway.exchange.families.family import Member, decider, holders_of, uuid_of
from gateway.exchange.families.stop_sharing import opened_by, stop_sharing
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PersonCaller
from gateway.store import children, consents, notices, outbox, partners, proposals
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction

__all__ = ["CLASSES", "PURPOSES", "SENSITIVE", "ConsentOrder", "Refusal", "give_consent"]

# A family may name these; the rest needs a route that is not built on this page (rules, 3 and 4).
CLASSES = frozenset(
    {"logistics", "functional", "development", "diagnosis", "diagnostic_report", "medical",
     "context"}
)  # fmt: skip
PURPOSES = frozenset({"care", "diagnosis", "referral", "safety", "entitlement"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOrder:
    """What somebody said yes to, with the hash of the exact words that stood on the screen."""

    child: str
    classes: frozenset[str]
    purpose: str
    to: str
    until: date
    language: str
    wording_sha256: str
    assisted_by: str | None = None
    """Who helped to decide: nobody (None), `confidant`, `supporter`, or the id of a partner."""
    proposal: str | None = None
    """The proposal that this answers."""


def give_consent(
    hub: Hub, person: PersonCaller, order: ConsentOrder, *, at: datetime
) -> str | Refusal:
    """Record the grant and queue what it opens; return its id, or why it cannot be recorded.

    It takes the place of earlier grants of the same person to the same service and purpose; what
    they covered beyond it stops at once.
    """
    with transaction(hub.engine) as tx:
        member = decider(tx, hub, order.child, person, at=at)
        if isinstance(member, Refusal):
            return member
        refusal = member.why_no_yes or _check(tx, member.child, order, at=at)
        if refusal:
            return refusal
        row = _row(tx, member, order, at=at)
        if isinstance(row, Refusal):
            return row
        given = record_grant(tx, hub, person, row, act="consent_given", at=at)
        if isinstance(given, str):
            _accept(tx, order, row, at=at)
    return given


def out_of_words(classes: frozenset[str], purpose: str) -> Refusal | None:
    """Refuse classes or a purpose that a family cannot name."""
    if not classes or not classes <= CLASSES:
        return Refusal("unknown_class", f"choose from: {', '.join(sorted(CLASSES))}")
    if purpose not in PURPOSES:
        return Refusal("unknown_purpose", f"choose from: {', '.join(sorted(PURPOSES))}")
    return None


def out_of_time(classes: frozenset[str], until: date, *, at: datetime) -> Refusal | None:
    """Refuse a last day that is past, or later than these classes may run."""
    today, longest = brussels_date(at), longest_for(classes)
    if today <= until <= today + longest:
        return None
    return Refusal("until_out_of_range", f"choose a day within {longest.days} days from today")


def record_grant(
    tx: Transaction, hub: Hub, person: PersonCaller, row: ConsentRow, *, act: str, at: datetime
) -> str | Refusal:
    """Store a grant in the place of earlier ones, log it, and queue what it opens.

    The caller holds the child's lock alone, and has checked who gives and what.
    """
    earlier = consents.replaced_by(tx, row, today=brussels_date(at))
    if any(one.contested_at is not None for one in earlier):
        return Refusal("contested", "an earlier yes is contested; wait until that is settled")
    if earlier and row.supersedes is None:
        row = replace(row, supersedes=earlier[-1].id)
    for one in earlier:
        _supersede(tx, person, one, row, at=at)
    consents.insert(tx, row)
    recorded(tx, act, "given", person, row, role=role_of(row.giver), at=at)
    outbox.queue(tx, opened_by(tx, row), at=at)
    if row.giver != SELF:
        _tell_other_holders(tx, hub, row, at=at)
    return str(row.id)


def _supersede(
    tx: Transaction, person: PersonCaller, earlier: ConsentRow, row: ConsentRow, *, at: datetime
) -> None:
    left_out = tuple(one for one in earlier.classes or () if not row.covers(one))
    consents.supersede(tx, earlier.id, narrowed=bool(left_out), at=at)
    actor = f"person/{person.person}"
    consents.record_event(tx, earlier.id, "superseded", actor=actor, channel=row.channel, at=at)
    if left_out:
        stop_sharing(tx, replace(earlier, classes=left_out), at=at)


def _check(tx: Transaction, child: UUID, order: ConsentOrder, *, at: datetime) -> Refusal | None:
    refusal = out_of_words(order.classes, order.purpose)
    refusal = refusal or out_of_time(order.classes, order.until, at=at)
    if refusal:
        return refusal
    if order.to not in children.services_around(tx, child, at=at):
        return Refusal("unknown_service", "choose a service that is around the child")
    return unknown_assistant(tx, order.assisted_by)


def _row(
    tx: Transaction, member: Member, order: ConsentOrder, *, at: datetime
) -> ConsentRow | Refusal:
    service = partners.find(tx, order.to)
    assert service is not None
    words = wording_for(
        language=order.language,
        classes=order.classes,
        purpose=order.purpose,
        partner_name=service.name,
        until=order.until,
        giver=member.giver,
    )
    if words.sha256 != order.wording_sha256:
        return WORDING_CHANGED
    scope = Scope(
        effect="grant",
        classes=order.classes,
        purpose=order.purpose,
        partner=order.to,
        until=order.until,
    )
    return new_row(member, words, scope, assisted_by=order.assisted_by, since=at)


def _accept(tx: Transaction, order: ConsentOrder, row: ConsentRow, *, at: datetime) -> None:
    asked = uuid_of(order.proposal or "")
    proposal = proposals.find(tx, asked) if asked else None
    # A proposal of somebody else, or about another child, is not what this answers.
    if proposal and (proposal.child, proposal.partner) == (row.child, row.partner):
        proposals.answer(tx, proposal.id, row.person, proposals.ACCEPTED, consent=row.id, at=at)


def _tell_other_holders(tx: Transaction, hub: Hub, row: ConsentRow, *, at: datetime) -> None:
    told = (
        notices.Notice(
            child=row.child,
            person=one,
            kind=notices.OTHER_PARENT_DECIDED,
            subject=str(row.id),
            day=brussels_date(at),
            release_at=at,
        )
        for one in holders_of(tx, hub, row.child, at=at)
        if one != row.person
    )
    notices.notify(tx, told, at=at)
