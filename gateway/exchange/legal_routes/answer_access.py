"""Answer a source that keeps its own records whether a service may get parts of them.

Decided on the child's facts as they are now, under the child's shared lock, by the code that
decides a disclosure; each answer is a line of the log before anybody reads it. What the source
calls the part does not come this far, so that it can neither be stored nor logged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from consent.edition import EDITION
from consent.model import Facts, Moment, Record, Request, Segment, SegmentDecision, ToService
from gateway.exchange.basis import RestsOn, keep
from gateway.exchange.disclose import GOES, decide_only
from gateway.exchange.facts import facts_for
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, facts
from gateway.store.decision_basis import Basis
from gateway.store.engine import Transaction, transaction
from gateway.store.facts import Held

ACT: Final = "evaluation"
NOBODY: Final = ""
"""A recipient that no service can be."""
# The log's reason when the source itself is not around the child: then nothing is decided.
SOURCE_NOT_AROUND: Final = "source_not_around"
CORE_ONLY: Final = "core_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Parts of a record about one child that the caller holds, and who would get them, and why.

    `patient` is the caller's own pseudonym of the child; words that the engine does not know deny.
    """

    recipient: str
    patient: str
    purpose: str
    kind: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What may go; unknown child, denied and held are the same nothing."""

    question: Question
    child: UUID | None = None
    recipient_known: bool = False
    decisions: Mapping[str, SegmentDecision]
    reasons: tuple[str, ...] = ()
    basis: Basis | None = None
    """What it rests on; None where nobody knows the child."""

    @property
    def going(self) -> Mapping[str, SegmentDecision]:
        """Return the parts that may go, whole or not."""
        return {part: one for part, one in self.decisions.items() if one.effect in GOES}

    @property
    def whole(self) -> frozenset[str]:
        """Return the parts that may go as they are."""
        return frozenset(part for part, one in self.going.items() if goes_whole(one))

    @property
    def permitted(self) -> bool:
        """Whether everything that was asked for may go as it is."""
        return bool(self.decisions) and len(self.whole) == len(self.decisions)


def goes_whole(decision: SegmentDecision) -> bool:
    """Whether a part may go as it is: neither an extract of it nor its core."""
    return decision.effect == "permit" and CORE_ONLY not in decision.obligations


def evaluate(
    hub: Hub,
    caller: PartnerCaller,
    questions: Sequence[Question],
    *,
    until: bool | None = None,
    at: datetime,
) -> tuple[Answer, ...]:
    """Answer each question in order; with `until`, stop after the first that is answered so."""
    if not questions:
        return ()
    with transaction(hub.engine) as tx:
        held = _hold(tx, hub, caller, questions)
        answers = _up_to(until, (_answer(hub, caller, one, held, at=at) for one in questions))
        access_log.append_and_commit(tx, *(log_line(caller, one, at=at) for one in answers))
    hub.bases.remember(one.basis for one in answers)
    return answers


def search_recipients(
    hub: Hub, caller: PartnerCaller, question: Question, *, at: datetime
) -> tuple[str, ...]:
    """Return the services around the child that may get all of it; each candidate is logged."""
    with transaction(hub.engine) as tx:
        around = _services_around(tx, hub, caller, question, at=at)
        asked = [replace(question, recipient=one) for one in around] or [question]
        held = _hold(tx, hub, caller, asked)
        answers = [_answer(hub, caller, one, held, at=at) for one in asked]
        access_log.append_and_commit(tx, *(log_line(caller, one, at=at) for one in answers))
    hub.bases.remember(one.basis for one in answers)
    return tuple(one.question.recipient for one in answers if one.permitted)


def _services_around(
    tx: Transaction, hub: Hub, caller: PartnerCaller, question: Question, *, at: datetime
) -> tuple[str, ...]:
    child = hub.vault.resolve(caller.partner, question.patient)
    if child is None:
        return ()
    children.lock_shared(tx, child)
    around = children.services_around(tx, child, at=at)
    return tuple(one for one in around if one != caller.partner)


def _hold(tx: Transaction, hub: Hub, caller: PartnerCaller, questions: Iterable[Question]) -> Held:
    resolved = [(hub.vault.resolve(caller.partner, one.patient), one) for one in questions]
    asked = [
        (child, service)
        for child, one in resolved
        if child is not None
        for service in (one.recipient, caller.partner)
    ]
    return facts.load_locked(tx, asked, (), wait=True)


def _up_to(until: bool | None, answers: Iterable[Answer]) -> tuple[Answer, ...]:
    given: list[Answer] = []
    for one in answers:
        given.append(one)
        if one.permitted is until:
            break
    return tuple(given)


def _answer(
    hub: Hub, caller: PartnerCaller, question: Question, held: Held, *, at: datetime
) -> Answer:
    child = hub.vault.resolve(caller.partner, question.patient)
    if child is None or (child, caller.partner) not in held.facts:
        return Answer(question=question, decisions={})
    own, stored = held.facts[child, caller.partner], held.facts[child, question.recipient]
    # The source may never have delivered: then it stands among its own facts only.
    both = replace(stored, services=[*own.services, *stored.services])
    key, known = facts_for(both, hub.vault, child, caller.partner, (), at=at)
    known = replace(known, record=Record(source=caller.partner, segments=question.segments))
    request = _request(question, known)
    rests_on = RestsOn(act=ACT, request=request, facts=(known,), versions={})
    answer = answer_on(question, request, known, at=at)
    return replace(answer, child=child, basis=keep(hub, child, key, rests_on))


def _request(question: Question, known: Facts) -> Request:
    # A name that no service has is a caller's free text: it is not kept either.
    to = question.recipient if question.recipient in known.services else NOBODY
    return Request(to=ToService(to), purpose=question.purpose, kind=question.kind)


def answer_on(question: Question, request: Request, known: Facts, *, at: datetime) -> Answer:
    """Answer on facts at hand; nothing is decided where the source is not around the child."""
    found = Answer(
        question=question, recipient_known=question.recipient in known.services, decisions={}
    )
    if not _is_around(known, at):
        return replace(found, reasons=(SOURCE_NOT_AROUND,))
    decisions = decide_only(request, known, at=at).segments
    reasons = tuple(sorted({one.rule for one in decisions.values()}))
    return replace(found, decisions=decisions, reasons=reasons)


def _is_around(known: Facts, at: datetime) -> bool:
    return any(
        relation.service == known.record.source
        and relation.since is not None
        and _instant(relation.since) <= at
        and (relation.until is None or _instant(relation.until) > at)
        for relation in known.relations
    )


def _instant(moment: Moment) -> datetime:
    # The hub stores instants; a whole day would be somebody else's word.
    assert isinstance(moment, datetime)
    return moment


def log_line(caller: PartnerCaller, answer: Answer, *, at: datetime) -> access_log.Entry:
    """Return the line of one answer."""
    question, going = answer.question, answer.going
    classes = {one.data_class for one in question.segments if one.id in going}
    consents = {UUID(found) for one in answer.decisions.values() for found in one.consents}
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=caller.partner,
        partner=caller.partner,
        role="system",
        purpose=question.purpose,
        child=answer.child,
        # Only the id of a registered service: anything else is a caller's free text.
        resources=(f"to/{question.recipient}",) if answer.recipient_known else (),
        classes=tuple(sorted(classes)),
        outcome=_outcome(answer),
        rules=answer.reasons,
        consents=tuple(sorted(consents)),
        basis=answer.basis,
        rules_version=EDITION if answer.basis else None,
    )


def _outcome(answer: Answer) -> str:
    if not answer.going:
        return "deny"
    return "permit" if answer.permitted else "redact"
