"""The system proposes a leading diagnosis; a person with that role confirms it, or does not.

Who may: a professional who diagnoses in the service that made the strongest statement, or the
child's trajectory supporter in a service that may read the diagnosis. Names and reasons are kept
encrypted; the role is the service's own word, as with every act of a partner's system.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson

from consent.profiles import purposes_of_role
from consent.vocabulary import ADMINISTRATIONS, CARE_KINDS
from gateway.errors import NotAllowed
from gateway.exchange.deliveries.queue_changes import queue_changes
from gateway.exchange.diagnoses.derive_diagnosis import current_diagnoses, derive_diagnoses
from gateway.exchange.diagnoses.known_statements import Deriving, Known, confirm_proposal
from gateway.exchange.diagnoses.supersede import end_task
from gateway.exchange.disclose import judge, shareable
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, diagnosis_tasks, partners, resources, succession
from gateway.store.diagnosis_tasks import (
    CANCELLED,
    COMPLETED,
    CONFIRM,
    REJECTED,
    REQUESTED,
    StoredTask,
)
from gateway.store.engine import Transaction, transaction

SUPPORTER: Final = "trajectory_supporter"
SUPERSEDED: Final = "superseded"
OUTCOMES: Final = {"confirm": COMPLETED, "reject": REJECTED}
OVERTAKEN, DECIDED = "overtaken", "already_decided"
PURPOSE: Final = "care"
SHORTEST_NAME, LONGEST_NAME = 5, 200
LONGEST_REASON: Final = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a person decided about a task, at the version of the diagnosis that was looked at."""

    task: str
    outcome: str
    version: int
    decider: str
    """Name and function."""
    role: str
    reason: str


def confirm_diagnosis(
    hub: Hub, caller: PartnerCaller, decided: Decided, *, at: datetime
) -> str | Refusal | None:
    """Record the decision and derive again; return the task's status, or why nothing was done.

    Raises `NotAllowed` for a role that decides nothing here. None for no such task of this
    service; absent and not yours are the same. A repeat changes nothing.
    """
    refusal = _check(decided)
    if refusal:
        return refusal
    with transaction(hub.engine) as tx:
        _must_diagnose(tx, caller, decided.role)
        wanted = hub.vault.resolve(caller.partner, decided.task)
        child = diagnosis_tasks.child_of(tx, wanted) if wanted else None
        if child is None:
            return None
        children.lock(tx, child)
        task = next(one for one in diagnosis_tasks.of_child(tx, child) if one.id == wanted)
        if not may_decide(tx, hub, caller.partner, task, role=decided.role, at=at):
            return None
        wish = OUTCOMES[decided.outcome]
        if task.status == REQUESTED and task.version == decided.version:
            _decide(tx, hub, caller, task=task, wish=wish, decided=decided, at=at)
            return wish
        return wish if task.status == wish else _too_late(task)


def may_decide(
    tx: Transaction, hub: Hub, partner: str, task: StoredTask, *, role: str, at: datetime
) -> bool:
    """Whether a service may see and decide a task now, for somebody in a role."""
    if partner not in children.services_around(tx, task.child, at=at):
        return False
    if role != SUPPORTER:
        return partners.successor(tx, task.owner) == partner
    # A statement that is not derived is its source's own, and nobody else's to look at.
    return task.kind == CONFIRM and _may_read(tx, hub, partner, task, at=at)


def _check(decided: Decided) -> Refusal | None:
    if decided.outcome not in OUTCOMES:
        return Refusal("unknown_outcome", "choose confirm or reject")
    if not SHORTEST_NAME <= len(decided.decider.strip()) <= LONGEST_NAME:
        return Refusal("decider_required", "say who decided: a name and a function")
    if len(decided.reason) > LONGEST_REASON:
        return Refusal("reason_too_long", f"write at most {LONGEST_REASON} characters")
    if decided.outcome == "reject" and not decided.reason.strip():
        return Refusal("reason_required", "write why the proposal is not right")
    return None


def _must_diagnose(tx: Transaction, caller: PartnerCaller, role: str) -> None:
    service = partners.find(tx, caller.partner)
    kind = service.kind if service else ""
    diagnoses = kind in CARE_KINDS and role in {"care", "medical"}
    # An administration speaks through its physician about the report that it keeps.
    physician = kind in ADMINISTRATIONS and role == "medical"
    supports = role == SUPPORTER and bool(purposes_of_role(kind, role))
    if not (diagnoses or physician or supports):
        raise NotAllowed("this role does not confirm a diagnosis in a service of this kind")


def _may_read(tx: Transaction, hub: Hub, partner: str, task: StoredTask, *, at: datetime) -> bool:
    found = resources.find(tx, task.focus)
    if found is None or found.status != "active" or not shareable(found):
        return False
    judged = judge(
        tx,
        hub,
        recipient=partner,
        child=task.child,
        parts=[found],
        purpose=PURPOSE,
        kind="pull",
        at=at,
    )
    return judged is not None and bool(judged.released)


def _too_late(task: StoredTask) -> Refusal:
    if task.status in {REQUESTED, CANCELLED}:
        return Refusal(OVERTAKEN, "what was proposed has changed; read the task again")
    return Refusal(DECIDED, "somebody decided otherwise about this proposal before")


def _decide(
    tx: Transaction,
    hub: Hub,
    caller: PartnerCaller,
    *,
    task: StoredTask,
    wish: str,
    decided: Decided,
    at: datetime,
) -> None:
    key = children.key_of(tx, hub.vault, task.child)
    receipt = succession.last_receipt(tx, task.child)
    assert key is not None
    assert receipt is not None
    said = orjson.dumps({"decider": decided.decider.strip(), "reason": decided.reason.strip()})
    words = diagnosis_tasks.seal_words(key, task.id, said)
    by = caller.partner
    diagnosis_tasks.decide(tx, task, wish, by=by, role=decided.role, words=words, at=at)
    access_log.append(tx, _line(caller, task, wish, decided.role, at=at))
    one = Deriving(tx=tx, hub=hub, key=key, child=task.child, receipt=receipt, at=at)
    if (task.kind, wish) == (CONFIRM, COMPLETED):
        _supersede_replaced(one, replace(task, decided_by=by, role=decided.role))
    changed = derive_diagnoses(tx, hub, key, task.child, receipt, at=at)
    queue_changes(tx, task.child, changed, at=at)


def _supersede_replaced(one: Deriving, task: StoredTask) -> None:
    """Who confirms what leads agrees that what it refines is superseded."""
    known = Known.of(one)
    for found in current_diagnoses(one, known):
        if confirm_proposal(one.hub, found.group, found.leads) == task.proposal:
            ending = [
                end_task(one, each, known.told[each.id].stored.version, SUPERSEDED)
                for each in found.replaces
            ]
            diagnosis_tasks.settle(one.tx, ending, by=task, at=one.at)


def _line(
    caller: PartnerCaller, task: StoredTask, wish: str, role: str, *, at: datetime
) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="diagnosis_confirmed" if wish == COMPLETED else "diagnosis_rejected",
        actor=caller.partner,
        partner=caller.partner,
        role=role,
        child=task.child,
        resources=(f"{task.focus}/{task.version}",),
        classes=("diagnosis",),
        outcome="done",
    )
