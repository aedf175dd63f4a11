"""Ask a person with that role whether a proposed diagnosis leads, and let one look at doubts."""

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.exchange.diagnoses.known_statements import (
    Deriving,
    Known,
    confirm_proposal,
    leading_key,
)
from gateway.exchange.diagnoses.say_who_said import Standing
from gateway.fhir.diagnosis import Diagnosis, orphaned_copies, without_group
from gateway.fhir.statement import Assertion
from gateway.store import diagnosis_tasks, reviews
from gateway.store.diagnosis_tasks import COMPLETED, CONFIRM, REQUESTED, NewTask

UNMAPPED, ORPHANED_COPY = "unmapped_diagnosis", "copy_of_withdrawn"
CONTESTED = "diagnosis_disagreement"


def ask_about(one: Deriving, known: Known, found: Iterable[Diagnosis], derived: Standing) -> None:
    """Keep one open question for each diagnosis that nobody confirmed, and no other."""
    tasks = [_task(one, each, derived) for each in found]
    asked = {each.proposal for each in tasks}
    idle = [
        task.id
        for task in known.tasks
        if (task.kind, task.status) == (CONFIRM, REQUESTED) and task.proposal not in asked
    ]
    diagnosis_tasks.cancel(one.tx, idle, at=one.at)
    decided = known.proposals(CONFIRM, COMPLETED)
    open_ = {
        (task.proposal, task.version, task.owner, task.reasons)
        for task in known.tasks
        if task.status == REQUESTED
    }
    waiting = [
        each
        for each in tasks
        if each.proposal not in decided
        and (each.proposal, each.version, each.owner, each.reasons) not in open_
    ]
    diagnosis_tasks.request(one.tx, waiting, at=one.at)


def look_at(one: Deriving, known: Known, found: Iterable[Diagnosis]) -> None:
    """Put before an operator what no rule can settle: each once, by id and never by its words."""
    doubts = [
        *((UNMAPPED, each) for each in without_group(known.assertions)),
        *((ORPHANED_COPY, each) for each in orphaned_copies(known.assertions)),
        *((CONTESTED, each) for diagnosis in found for each in diagnosis.disputes),
    ]
    for new in _reviews(known, doubts):
        reviews.raise_review(one.tx, new, at=one.at)


def _task(one: Deriving, diagnosis: Diagnosis, derived: Standing) -> NewTask:
    leads = diagnosis.leads
    focus, version = derived[leading_key(one.hub, diagnosis.group)]
    return NewTask(
        child=one.child,
        kind=CONFIRM,
        proposal=confirm_proposal(one.hub, diagnosis.group, leads),
        focus=focus,
        version=version,
        statement=leads.id,
        owner=leads.partner,
        reasons=diagnosis.reasons,
    )


def _reviews(known: Known, doubts: Iterable[tuple[str, Assertion]]) -> Iterator[reviews.NewReview]:
    for kind, each in doubts:
        evidence: dict[str, Any] = {"source": each.partner, "statement": str(each.id)}
        # Under the delivery that said it, so that a later one does not raise it again.
        receipt = known.told[each.id].receipt
        yield reviews.NewReview(kind=kind, receipt=receipt, part=str(each.id), evidence=evidence)
