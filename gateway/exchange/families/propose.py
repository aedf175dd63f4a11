"""A service around a child asks the family for a consent; what they answer it never learns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from gateway.clock import brussels_date
from gateway.exchange.families.consent_log import role_of
from gateway.exchange.families.family import deciders_of, locked_member, member_of, uuid_of
from gateway.exchange.families.give_consent import out_of_time, out_of_words
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.store import access_log, children, notices, proposals
from gateway.store.access_log import Entry
from gateway.store.engine import Transaction, transaction
from gateway.store.notices import Notice
from gateway.store.proposals import Proposal
from gateway.store.succession import in_succession_review


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What a service would like to see, by its own pseudonym of the child."""

    patient: str
    classes: frozenset[str]
    purpose: str
    until: date


def propose(
    hub: Hub, caller: PartnerCaller, proposed: Proposed, *, at: datetime
) -> str | Refusal | None:
    """Put the question to everybody who decides; return its id.

    None when the child is unknown or the service is not around it: the same to the caller. The
    same question is one proposal as long as it can run, whatever was answered. A service that lives
    on a grant to one that it took over is answered alike, and the family asked when it decided
    about that service itself: a refusal would tell that there is such a grant.
    """
    refusal = out_of_words(proposed.classes, proposed.purpose)
    refusal = refusal or out_of_time(proposed.classes, proposed.until, at=at)
    if refusal:
        return refusal
    child = hub.vault.resolve(caller.partner, proposed.patient)
    with transaction(hub.engine) as tx:
        if child is None or caller.partner not in children.services_around(tx, child, at=at):
            return None
        children.lock(tx, child)
        proposal = _proposal(child, caller, proposed, at=at)
        known = proposals.same(tx, proposal)
        if known is None:
            _record(tx, hub, proposal, at=at)
        return str((known or proposal).id)


def decline_proposal(hub: Hub, person: PersonCaller, proposal_id: str, *, at: datetime) -> bool:
    """Record that somebody says no to the question; it is no refusal, and stops nothing.

    False when this person has no such question; absent and not yours are the same.
    """
    with transaction(hub.engine) as tx:
        wanted = uuid_of(proposal_id)
        asked = proposals.find(tx, wanted) if wanted else None
        member = locked_member(tx, hub, str(asked.child), person, at=at) if asked else None
        if asked is None or member is None or not member.decides:
            return False
        declined, role = proposals.DECLINED, role_of(member.giver)
        proposals.answer(tx, asked.id, member.person, declined, consent=None, at=at)
        actor, correlation = f"person/{person.person}", person.correlation
        line = _line(asked, "proposal_declined", actor, role, correlation, at=at)
        access_log.append(tx, line)
    return True


def open_for(hub: Hub, person: PersonCaller, child: str, *, at: datetime) -> tuple[Proposal, ...]:
    """Return what services around a child ask of this person, if it decides now; oldest first.

    Nothing while it is unsettled who decides.
    """
    wanted, who = uuid_of(child), UUID(person.person)
    with transaction(hub.engine) as tx:
        member = member_of(tx, hub, wanted, who, at=at) if wanted else None
        if member is None or not (member.decides and member.may_know):
            return ()
        return tuple(asked_of(tx, member.child, who, at=at))


def asked_of(tx: Transaction, child: UUID, person: UUID, *, at: datetime) -> Iterator[Proposal]:
    """Yield the open questions to who decides about a child, of services that may ask now."""
    around = children.services_around(tx, child, at=at)
    for one in proposals.open_proposals(tx, child, person, today=brussels_date(at)):
        if one.partner in around and not in_succession_review(tx, child, one.partner, at=at):
            yield one


def _proposal(child: UUID, caller: PartnerCaller, proposed: Proposed, *, at: datetime) -> Proposal:
    return Proposal(
        id=uuid4(),
        child=child,
        partner=caller.partner,
        classes=tuple(sorted(proposed.classes)),
        purpose=proposed.purpose,
        until=proposed.until,
        proposed_at=at,
    )


def _record(tx: Transaction, hub: Hub, proposal: Proposal, *, at: datetime) -> None:
    proposals.insert(tx, proposal)
    line = _line(proposal, "proposal_made", proposal.partner, "system", None, at=at)
    access_log.append(tx, line)
    if not in_succession_review(tx, proposal.child, proposal.partner, at=at):
        notices.notify(tx, _told(tx, hub, proposal, at=at), at=at)


def _told(tx: Transaction, hub: Hub, proposal: Proposal, *, at: datetime) -> Iterator[Notice]:
    for person in deciders_of(tx, hub, proposal.child, at=at):
        yield Notice(
            child=proposal.child,
            person=person,
            kind=notices.PROPOSED,
            subject=str(proposal.id),
            day=brussels_date(at),
            release_at=at,
        )


def _line(
    proposal: Proposal, act: str, actor: str, role: str, correlation: str | None, *, at: datetime
) -> Entry:
    return Entry(
        at=at,
        act=act,
        actor=actor,
        role=role,
        partner=proposal.partner,
        purpose=proposal.purpose,
        child=proposal.child,
        classes=proposal.classes,
        outcome="done",
        correlation=correlation,
    )
