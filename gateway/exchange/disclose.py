"""The only door out: decide on current facts, log, and only then hand over what may go.

Reads, searches, streamed deliveries and key releases all pass through `judge`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeAlias
from uuid import UUID

from adapters.contract import Resource
from consent.changes import Change
from consent.counterfactual import would_go_if, would_stop_if
from consent.decide import decide
from consent.edition import EDITION
from consent.model import Decision, Facts, Ground, Request, SegmentDecision, ToActor, ToService
from consent.what_if import Given, facts_if_granted
from gateway.exchange.basis import RestsOn, keep
from gateway.exchange.facts import facts_for
from gateway.exchange.hub import Hub
from gateway.fhir.capability import READ_TYPES
from gateway.fhir.extract import for_recipient
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, corrections, facts, resources
from gateway.store.children import open_key
from gateway.store.decision_basis import Basis
from gateway.store.diagnoses import ENDED
from gateway.store.engine import Transaction, transaction
from gateway.store.facts import Held, StoredFacts
from gateway.store.resources import StoredResource

# Statements that are nobody's agreed word yet are not shared by default (partner-systems 5.1).
WITHHELD_FLAGS = frozenset({"hypothesis", "unsplittable"})
GOES = frozenset({"permit", "extract"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One resource with the engine's answer about it."""

    stored: StoredResource
    decision: SegmentDecision

    @property
    def goes(self) -> bool:
        """Whether the recipient may have it, in whole or as an extract."""
        return self.decision.effect in GOES


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The answer about several resources of one child for one recipient, and what it rests on."""

    key: bytes
    child: UUID
    request: Request
    facts: tuple[Facts, ...]
    """Once for each source of the resources."""
    judged: tuple[Judged, ...]

    @property
    def released(self) -> tuple[Judged, ...]:
        """Return what may go."""
        return tuple(item for item in self.judged if item.goes)

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of the rules that decided."""
        return tuple(sorted({item.decision.rule for item in self.judged}))

    @property
    def consents(self) -> tuple[UUID, ...]:
        """Return the family's decisions that this rests on."""
        return tuple(sorted({UUID(one) for item in self.judged for one in item.decision.consents}))

    @property
    def outcome(self) -> str:
        """Return permit, redact or deny for the whole."""
        if not self.released:
            return "deny"
        whole = all(item.decision.effect == "permit" for item in self.judged)
        return "permit" if whole else "redact"


def judge(
    tx: Transaction,
    hub: Hub,
    *,
    recipient: str,
    child: UUID,
    parts: Iterable[StoredResource],
    purpose: str,
    kind: str,
    at: datetime,
    ground: Ground | None = None,
    doctor: str | None = None,
    held: Held | None = None,
) -> Judgement | None:
    """Decide about resources of one child, per source; None when the child is unknown or erased.

    The caller holds the child's shared lock, so no withdrawal can finish in between. A `ground`
    is a legal route that somebody of the source invokes; with `doctor`, a medical professional of
    the recipient reads, and not the service as a whole. `held` is what was read under the lock.
    """
    to = ToActor(actor=doctor) if doctor else ToService(service=recipient)
    request = Request(to=to, purpose=purpose, kind=kind, ground=ground)
    stored = held.facts.get((child, recipient)) if held else facts.load(tx, child, recipient)
    return _judge_on(hub, stored, request, child, parts, at=at)


def _judge_on(
    hub: Hub,
    stored: StoredFacts | None,
    request: Request,
    child: UUID,
    parts: Iterable[StoredResource],
    *,
    at: datetime,
) -> Judgement | None:
    if stored is None:
        return None
    key, facts, judged = b"", list[Facts](), list[Judged]()
    speaker = request.ground.invoked_by if request.ground else None
    doctor = request.to.actor if isinstance(request.to, ToActor) else None
    for source, segment_parts in _by_source(parts).items():
        key, known = facts_for(
            stored, hub.vault, child, source, segment_parts, at=at, speaker=speaker, doctor=doctor
        )
        decision = decide(request, known, at=at)
        facts.append(known)
        judged += [_judged(part, decision) for part in segment_parts]
    return Judgement(
        key=key or open_key(hub.vault, child, stored.wrapped_key),
        child=child,
        request=request,
        facts=tuple(facts),
        judged=tuple(judged),
    )


def rests_on(
    hub: Hub, act: str, judgement: Judgement | None, *, only: str | None = None
) -> Basis | None:
    """Return what an answer rests on, for the line of an act in the log."""
    if judgement is None:
        return None
    rests = RestsOn(
        act=act,
        request=judgement.request,
        facts=judgement.facts,
        versions={str(item.stored.id): item.stored.version for item in judgement.judged},
        only=only,
    )
    return keep(hub, judgement.child, judgement.key, rests)


def decide_only(request: Request, known: Facts, *, at: datetime) -> Decision:
    """Decide and hand over nothing: about what its source keeps itself, or again as of then."""
    return decide(request, known, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a partner asks to read: one resource, or those of a type about a patient."""

    type: str
    purpose: str
    resource: str | None = None
    patient: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """One resource as the recipient may see it."""

    id: str
    version: int
    recorded_at: datetime
    content: Resource


Found: TypeAlias = tuple[Disclosed, ...]


def disclose(hub: Hub, caller: PartnerCaller, asked: Asked, *, at: datetime) -> Found:
    """Return what the partner may read now; absent, denied and unknown are all the same nothing."""
    if asked.resource is None:
        return search_together(hub, [(caller, asked)], at=at, wait=True)[0] or ()
    with transaction(hub.engine) as tx:
        judgement = _judge_read(tx, hub, caller, asked, at=at)
        line = log_line(hub, caller, asked, judgement, act="read", at=at)
        access_log.append_and_commit(tx, line)
    hub.bases.remember((line.basis,))
    return _found(hub, caller, judgement)


def search_together(
    hub: Hub, asking: Iterable[tuple[PartnerCaller, Asked]], *, at: datetime, wait: bool = False
) -> list[Found | None]:
    """Answer several searches in one transaction, each decided and logged on its own.

    Without `wait`, None stands for a search to be asked again alone: somebody is writing about the
    child, so that nothing was decided nor logged, or what may go is damaged.
    """
    searches = [_Search.of(hub, caller, asked) for caller, asked in asking]
    with transaction(hub.engine) as tx:
        held = _hold(tx, searches, wait=wait)
        judged = [_judge_search(hub, one, held, at=at) for one in searches if one.in_turn(held)]
        lines = [
            log_line(hub, one.caller, one.asked, its, act="search", at=at) for one, its in judged
        ]
        access_log.append_and_commit(tx, *lines)
    hub.bases.remember(line.basis for line in lines)
    answers = iter([_answer(hub, one, its, alone=wait) for one, its in judged])
    return [next(answers) if one.in_turn(held) else None for one in searches]


@dataclass(frozen=True, slots=True)
class _Search:
    caller: PartnerCaller
    asked: Asked
    child: UUID | None

    @classmethod
    def of(cls, hub: Hub, caller: PartnerCaller, asked: Asked) -> Self:
        return cls(caller, asked, hub.vault.resolve(caller.partner, asked.patient or ""))

    def in_turn(self, held: Held) -> bool:
        """Whether it can be answered now; a pseudonym of nobody has no lock to wait for."""
        return self.child is None or self.child in held.locked


def _hold(tx: Transaction, searches: Iterable[_Search], *, wait: bool) -> Held:
    asked = [(one.child, one.caller.partner) for one in searches if one.child is not None]
    return facts.load_locked(tx, asked, {one.asked.type for one in searches}, wait=wait)


def _judge_search(
    hub: Hub, one: _Search, held: Held, *, at: datetime
) -> tuple[_Search, Judgement | None]:
    if one.child is None:
        return one, None
    stored = held.facts.get((one.child, one.caller.partner))
    parts = [part for part in held.parts.get(one.child, ()) if part.type == one.asked.type]
    shown = [part for part in parts if shareable(part)]
    request = _pull(one.caller, one.asked)
    return one, _judge_on(hub, stored, request, one.child, shown, at=at)


def _answer(hub: Hub, one: _Search, its: Judgement | None, *, alone: bool) -> Found | None:
    try:
        return _found(hub, one.caller, its)
    except Exception:
        # What is damaged shows it when it is asked alone; the others keep their answers.
        if alone:
            raise
        return None


def _pull(caller: PartnerCaller, asked: Asked) -> Request:
    return Request(to=ToService(service=caller.partner), purpose=asked.purpose, kind="pull")


def _judge_read(
    tx: Transaction, hub: Hub, caller: PartnerCaller, asked: Asked, *, at: datetime
) -> Judgement | None:
    found = readable(tx, hub, caller, asked)
    if found is None:
        return None
    child = found.child
    children.lock_shared(tx, child)
    # Read again under the lock: what was found before it may have been superseded.
    found = readable(tx, hub, caller, asked)
    parts = (found,) if found and found.child == child else ()
    stored = facts.load(tx, child, caller.partner)
    return _judge_on(hub, stored, _pull(caller, asked), child, parts, at=at)


def _found(hub: Hub, caller: PartnerCaller, judgement: Judgement | None) -> Found:
    return shaped(hub, caller.partner, judgement) if judgement else ()


def shaped(hub: Hub, recipient: str, judgement: Judgement) -> tuple[Disclosed, ...]:
    """Return the released resources in the recipient's own pseudonyms, minimised."""
    return tuple(
        shape(
            hub,
            recipient,
            judgement.key,
            item.stored,
            extract=item.decision.effect == "extract",
        )
        for item in judgement.released
    )


def shape(
    hub: Hub, recipient: str, key: bytes, stored: StoredResource, *, extract: bool
) -> Disclosed:
    """Return one resource as this recipient may see it."""
    pseudonym = hub.vault.pairwise(recipient, stored.id)
    content = for_recipient(
        resources.open_content(key, stored),
        resource_id=pseudonym,
        patient_id=hub.vault.pairwise(recipient, stored.child),
        version=stored.version,
        recorded_at=stored.recorded_at,
        extract=extract,
    )
    return Disclosed(
        id=pseudonym, version=stored.version, recorded_at=stored.recorded_at, content=content
    )


IfGiven: TypeAlias = Given
"""A grant that somebody thinks of giving."""


def decide_for_family(
    given: Iterable[IfGiven], request: Request, known: Facts, *, at: datetime
) -> tuple[Facts, Decision]:
    """Decide a question of the family as if these grants were given; nothing is handed over."""
    imagined = facts_if_granted(given, request, known, at=at)
    return imagined, decide(request, imagined, at=at)


def changes_of(
    request: Request, known: Facts, part: str, *, at: datetime
) -> tuple[tuple[Change, ...], ...]:
    """Return the smallest sets of changes that would let a part go; or, if it goes, stop it."""
    found = would_go_if(request, known, part, at=at) or would_stop_if(request, known, part, at=at)
    return tuple(one.changes for one in found)


def _by_source(parts: Iterable[StoredResource]) -> Mapping[str, list[StoredResource]]:
    grouped: dict[str, list[StoredResource]] = defaultdict(list)
    for part in parts:
        grouped[part.partner].append(part)
    return grouped


def _judged(part: StoredResource, decision: Decision) -> Judged:
    return Judged(stored=part, decision=decision.segments[str(part.id)])


def shareable(part: StoredResource) -> bool:
    """Whether a resource is anybody's agreed word: not a hypothesis, not one of many diagnoses."""
    if WITHHELD_FLAGS & part.flags or part.type not in READ_TYPES:
        return False
    return part.type != "Condition" or part.layer == resources.LEADING


def readable(
    tx: Transaction, hub: Hub, caller: PartnerCaller, asked: Asked
) -> StoredResource | None:
    """Return the resource that was asked for if it is one to decide about; it decides nothing."""
    internal = hub.vault.resolve(caller.partner, asked.resource or "")
    found = resources.find(tx, internal) if internal else None
    if found is None or found.type != asked.type or not shareable(found):
        return None
    return found if found.status == "active" or _had(tx, caller, found) else None


def _had(tx: Transaction, caller: PartnerCaller, found: StoredResource) -> bool:
    """Whether a diagnosis that ended reached this partner before: it may read how it ended."""
    return found.status == ENDED and corrections.has_received(tx, caller.partner, found.id)


def log_line(
    hub: Hub,
    caller: PartnerCaller,
    asked: Asked,
    judgement: Judgement | None,
    *,
    act: str,
    at: datetime,
) -> access_log.Entry:
    """Return the line of what a partner asked and got; None for a child that is not known."""
    released = judgement.released if judgement else ()
    return access_log.Entry(
        at=at,
        act=act,
        actor=caller.partner,
        partner=caller.partner,
        role="system",
        purpose=asked.purpose,
        child=judgement.child if judgement else None,
        resources=tuple(f"{part.stored.id}/{part.stored.version}" for part in released),
        classes=tuple(sorted({part.stored.data_class for part in released})),
        outcome=judgement.outcome if judgement else "deny",
        rules=judgement.rules if judgement else (),
        consents=judgement.consents if judgement else (),
        correlation=asked.correlation,
        basis=rests_on(hub, act, judgement),
        rules_version=EDITION if judgement else None,
    )
