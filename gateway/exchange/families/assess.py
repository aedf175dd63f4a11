"""A service finds that a minor can or cannot decide, with reasons; the family may contest it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from consent.lifecycle import SELF
from consent.vocabulary import BINDING_SECRECIES, KINDS
from gateway.clock import brussels_date
from gateway.errors import NotAllowed
from gateway.exchange.deliveries.stop_deliveries import stop_deliveries
from gateway.exchange.families.consent_log import role_of
from gateway.exchange.families.family import (
    Member,
    holders_of,
    itself,
    locked_member,
    member_of,
    uuid_of,
)
from gateway.exchange.families.stop_sharing import start_what_waits
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.store import access_log, assessments, children, notices, partners
from gateway.store.access_log import Entry
from gateway.store.assessments import Assessment
from gateway.store.engine import Transaction, transaction
from gateway.store.notices import Notice

OUTCOMES: Final = frozenset({"capable", "incapable"})
SHORTEST_REASONS, LONGEST_REASONS = 40, 4000
SHORTEST_ASSESSOR, LONGEST_ASSESSOR = 5, 200
_REASONS, _ASSESSOR = "reasons", "assessor"
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What a service found, by its own pseudonym of the child; `assessor` is name and function."""

    patient: str
    outcome: str
    reasons: str
    assessor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """An assessment as somebody of the family may see it."""

    id: UUID
    outcome: str
    partner: str | None
    """As `reasons`: which service helps a child that decides is not for others."""
    assessed_at: datetime
    contested: bool
    settled: bool
    reasons: str | None
    """Only for who surely decides about the child now, and for the youngster itself."""
    assessor: str | None
    can_contest: bool


def assess(
    hub: Hub, caller: PartnerCaller, assessed: Assessed, *, at: datetime
) -> str | Refusal | None:
    """Record what was found and tell the family; return its id.

    Raises `NotAllowed` for a service that may not assess; None when the child is unknown or the
    service is not around it: the same to the caller.
    """
    refusal = _check(assessed)
    if refusal:
        return refusal
    child = hub.vault.resolve(caller.partner, assessed.patient)
    with transaction(hub.engine) as tx:
        _must_be_bound(tx, caller)
        if child is None or caller.partner not in children.services_around(tx, child, at=at):
            return None
        children.lock(tx, child)
        key = children.key_of(tx, hub.vault, child)
        if key is None:
            return None
        found = _assessment(key, child, caller, assessed, at=_after_the_last(tx, child, at))
        _record(tx, hub, found, at=at)
        return str(found.id)


def contest_assessment(hub: Hub, person: PersonCaller, assessment_id: str, *, at: datetime) -> bool:
    """Let everything about the child wait until somebody assesses anew (rule R8).

    Open to the youngster and to holders of authority, on the assessment that counts. False when
    there is no such assessment for this person; absent and not yours are the same.
    """
    with transaction(hub.engine) as tx:
        wanted = uuid_of(assessment_id)
        found = assessments.find(tx, wanted) if wanted else None
        member = locked_member(tx, hub, str(found.child), person, at=at) if found else None
        if found is None or member is None or not _may_contest(tx, member, found):
            return False
        if assessments.contest(tx, found.id, by=member.person, at=at):
            actor, role = f"person/{person.person}", role_of(member.giver)
            line = _line(found, "assessment_contested", actor, role, person.correlation, at=at)
            access_log.append(tx, line)
    return True


def assessments_about(
    hub: Hub, person: PersonCaller, child: str, *, at: datetime
) -> tuple[AssessmentView, ...]:
    """Return what was found about a child of this person, or about itself, newest first.

    Nothing for who is neither the child, nor a holder of authority, nor decides.
    """
    wanted, who = uuid_of(child), UUID(person.person)
    with transaction(hub.engine) as tx:
        member = member_of(tx, hub, wanted, who, at=at) if wanted else None
        key = children.key_of(tx, hub.vault, member.child) if member else None
        if member is None or key is None or not _concerns(member):
            return ()
        found = assessments.of_child(tx, member.child)
        return tuple(_view(key, one, member, counts=one is found[0]) for one in found)


def _check(assessed: Assessed) -> Refusal | None:
    if assessed.outcome not in OUTCOMES:
        return Refusal("unknown_outcome", "choose capable or incapable")
    if not SHORTEST_REASONS <= len(assessed.reasons.strip()) <= LONGEST_REASONS:
        return Refusal(
            "reasons_required",
            "write why, after talking with the child, in "
            f"{SHORTEST_REASONS} to {LONGEST_REASONS} characters",
        )
    if not SHORTEST_ASSESSOR <= len(assessed.assessor.strip()) <= LONGEST_ASSESSOR:
        return Refusal("assessor_required", "say who assessed: a name and a function")
    return None


def _must_be_bound(tx: Transaction, caller: PartnerCaller) -> None:
    """Only a youth-help actor whose staff is bound to secrecy assesses (rules of sharing, A2)."""
    service = partners.find(tx, caller.partner)
    kind = KINDS.get(service.kind) if service else None
    if service is None or kind is None:
        raise NotAllowed("a service of this kind does not assess whether a child can decide")
    secrecy = service.secrecy or kind.secrecy
    youth_help = kind.youth_help if service.youth_help is None else service.youth_help
    if secrecy not in BINDING_SECRECIES or not youth_help:
        raise NotAllowed("a service of this kind does not assess whether a child can decide")


def _after_the_last(tx: Transaction, child: UUID, at: datetime) -> datetime:
    # Recorded last, it is the one that counts, also when another clock was ahead.
    known = assessments.of_child(tx, child)
    return max(at, known[0].assessed_at + _MOMENT) if known else at


def _assessment(
    key: bytes, child: UUID, caller: PartnerCaller, assessed: Assessed, *, at: datetime
) -> Assessment:
    found = uuid4()
    reasons, assessor = assessed.reasons.strip(), assessed.assessor.strip()
    return Assessment(
        id=found,
        child=child,
        partner=caller.partner,
        outcome=assessed.outcome,
        reasons=assessments.seal_words(key, found, _REASONS, reasons),
        assessor=assessments.seal_words(key, found, _ASSESSOR, assessor),
        assessed_at=at,
    )


def _record(tx: Transaction, hub: Hub, found: Assessment, *, at: datetime) -> None:
    assessments.insert(tx, found)
    line = _line(found, "assessment_made", found.partner, "care", None, at=at)
    access_log.append(tx, line)
    notices.notify(tx, _told(tx, hub, found, at=at), at=at)
    # What only those let go who decide no more cannot be opened by a later assessment either.
    stop_deliveries(tx, hub, found.child, partners=None, at=found.assessed_at)
    # What was denied while nobody knew who decides (rule R8) is decided again.
    start_what_waits(tx, found.child, at=at)


def _told(tx: Transaction, hub: Hub, found: Assessment, *, at: datetime) -> Iterator[Notice]:
    family = {*itself(tx, hub, found.child, at=at), *holders_of(tx, hub, found.child, at=at)}
    for person in sorted(family):
        yield Notice(
            child=found.child,
            person=person,
            kind=notices.CAPACITY_ASSESSED,
            subject=str(found.id),
            day=brussels_date(at),
            release_at=at,
        )


def _may_contest(tx: Transaction, member: Member, found: Assessment) -> bool:
    counts = assessments.of_child(tx, found.child)[0].id == found.id
    return counts and not member.capacity.adult and _concerns(member)


def _concerns(member: Member) -> bool:
    return member.giver == SELF or member.holder


def _view(key: bytes, one: Assessment, member: Member, *, counts: bool) -> AssessmentView:
    may_read = member.may_know
    open_ = one.contested_at is None and counts and not member.capacity.adult
    return AssessmentView(
        id=one.id,
        outcome=one.outcome,
        partner=one.partner if may_read else None,
        assessed_at=one.assessed_at,
        contested=one.contested_at is not None and one.settled_at is None,
        settled=one.settled_at is not None,
        reasons=assessments.open_words(key, one.id, _REASONS, one.reasons) if may_read else None,
        assessor=assessments.open_words(key, one.id, _ASSESSOR, one.assessor) if may_read else None,
        can_contest=open_ and _concerns(member),
    )


def _line(
    found: Assessment, act: str, actor: str, role: str, correlation: str | None, *, at: datetime
) -> Entry:
    return Entry(
        at=at,
        act=act,
        actor=actor,
        role=role,
        partner=found.partner,
        child=found.child,
        outcome="done",
        correlation=correlation,
    )
