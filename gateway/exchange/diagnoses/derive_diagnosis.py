"""Derive the leading diagnoses of a child again after each change; any order ends the same.

What sources said and what people decided is all it reads, so that the same ends the same.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.contract import dump
from gateway.exchange.deliveries.tell_receivers import tell_left_out, tell_receivers
from gateway.exchange.diagnoses.ask_about_diagnosis import ask_about, look_at
from gateway.exchange.diagnoses.known_statements import (
    ACTIVE,
    Deriving,
    Known,
    confirm_proposal,
    content_of,
    leading_key,
)
from gateway.exchange.diagnoses.say_who_said import say_who_said
from gateway.exchange.diagnoses.supersede import carry_out, propose_vanished
from gateway.exchange.hub import Hub
from gateway.fhir.diagnosis import Diagnosis, diagnoses, why_ended
from gateway.fhir.diagnosis_forms import disputing, ended, leading
from gateway.fhir.diagnosis_groups import group_of
from gateway.fhir.statement import TAKEN_BACK, Assertion, Standing
from gateway.store import corrections, resources
from gateway.store.diagnoses import ENDED, Told, leading_now
from gateway.store.diagnosis_tasks import COMPLETED, CONFIRM, REJECTED
from gateway.store.engine import Transaction
from gateway.store.resources import LEADING, NewVersion


def derive_diagnoses(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    child: UUID,
    receipt: UUID,
    *,
    vanished: Collection[UUID] = (),
    at: datetime,
) -> set[UUID]:
    """Return the leading diagnoses that changed; the caller holds the child's lock.

    What `vanished` from a source's complete picture is proposed to end. Who received what is wrong
    or withdrawn now is told.
    """
    one = Deriving(tx=tx, hub=hub, key=key, child=child, receipt=receipt, at=at)
    known = Known.of(one)
    propose_vanished(one, known, vanished)
    if not known.told and not known.derived:
        return set()
    known = carry_out(one, known)
    found = current_diagnoses(one, known)
    new = _new_versions(one, known, found)
    changed = resources.save(tx, key, (each.version for each in new), at=at)
    gone = _end(one, known, new)
    _spread(one, known, changed, gone)
    derived = leading_now(tx, child)
    say_who_said(one, known, found, derived)
    ask_about(one, known, found, derived)
    look_at(one, known, found)
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """A derived Condition with the source assertion whose words it gives."""

    of: Assertion
    version: NewVersion


def current_diagnoses(one: Deriving, known: Known) -> tuple[Diagnosis, ...]:
    """Return what stands for each disorder, without what a person rejected."""
    rejected = known.proposals(CONFIRM, REJECTED)
    aside = frozenset(
        each.id
        for each in known.assertions
        if confirm_proposal(one.hub, group_of(each.content) or "", each) in rejected
    )
    return diagnoses(known.assertions, rejected=aside)


def _new_versions(one: Deriving, known: Known, found: Iterable[Diagnosis]) -> tuple[_Derived, ...]:
    confirmed = known.proposals(CONFIRM, COMPLETED)
    new = list[_Derived]()
    for each in found:
        agreed = confirm_proposal(one.hub, each.group, each.leads) in confirmed
        content = leading(each, confirmed=agreed)
        new.append(_derived(known, each.leads, leading_key(one.hub, each.group), dump(content)))
        for other in each.disputes:
            name = leading_key(one.hub, f"{each.group}/{other.id}")
            new.append(_derived(known, other, name, dump(disputing(other))))
    return tuple(new)


def _derived(known: Known, of: Assertion, name: bytes, content: bytes) -> _Derived:
    told = known.told[of.id]
    version = NewVersion(
        child=told.stored.child,
        partner=told.stored.partner,
        type="Condition",
        data_class=told.stored.data_class,
        about=told.stored.about,
        flags=told.stored.flags,
        layer=LEADING,
        key_hash=name,
        asserted_at=told.stored.asserted_at,
        content=content,
        receipt=told.receipt,
    )
    return _Derived(of=of, version=version)


def _end(one: Deriving, known: Known, new: Iterable[_Derived]) -> list[UUID]:
    """End what led until now and leads no more, each in its own form; return which."""
    running = {each.version.key_hash for each in new}
    gone = [
        each
        for each in known.derived
        if each.key_hash not in running and each.stored.status != ENDED
    ]
    for each in gone:
        content = content_of(one.key, each)
        because = why_ended(known.behind(content), group_of(content), known.assertions)
        resources.add_version(
            one.tx,
            one.key,
            each.stored,
            dump(ended(content, because)),
            status=ENDED,
            receipt=each.receipt,
            at=one.at,
        )
    return [each.stored.id for each in gone]


def _spread(one: Deriving, known: Known, changed: set[UUID], gone: Iterable[UUID]) -> None:
    """Let nobody open an earlier version any more, and tell who has what is wrong now."""
    taken_back = [each.id for each in known.assertions if each.standing in TAKEN_BACK]
    tell_receivers(one.tx, one.child, [*gone, *taken_back], at=one.at)
    before = {
        each.stored.id: each
        for each in known.derived
        if each.stored.status == ACTIVE and each.stored.id in changed
    }
    if not before:
        return
    corrections.destroy_older(one.tx, one.child, before, ended=False, at=one.at)
    corrected = [
        current
        for current in resources.active_of(one.tx, one.child, before)
        if _was_wrong(one, known, before[current.id])
    ]
    tell_left_out(one.tx, one.hub, one.child, corrected, at=one.at)


def _was_wrong(one: Deriving, known: Known, before: Told) -> bool:
    """Whether what led before does not stand as it was told, rather than being refined."""
    content = content_of(one.key, before)
    behind = known.behind(content)
    if behind is None or behind.standing in {*TAKEN_BACK, Standing.REFUTED}:
        return True
    told_then = {name: content.get(name) for name in ("code", "verificationStatus")}
    return told_then != {name: behind.content.get(name) for name in told_then}
