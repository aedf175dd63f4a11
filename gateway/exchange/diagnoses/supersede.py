"""What a newer complete picture of a source names no more: proposed to end, never by itself.

Partner systems, section 5.1 rule 5. A need or a measurement that vanished is superseded at once; a
diagnosis waits for a person, who then makes it inactive, which is not an error.
"""

from collections.abc import Collection
from uuid import UUID

from adapters.contract import dump
from gateway.exchange.diagnoses.known_statements import (
    ACTIVE,
    SUPERSEDED,
    Deriving,
    Known,
    content_of,
    inactivate_proposal,
)
from gateway.fhir.diagnosis_forms import inactive
from gateway.fhir.statement import Assertion
from gateway.store import diagnosis_tasks, resources, reviews
from gateway.store.diagnosis_tasks import CANCELLED, COMPLETED, INACTIVATE, REQUESTED, NewTask

VANISHED = "vanished"


def propose_vanished(one: Deriving, known: Known, vanished: Collection[UUID]) -> None:
    """Ask a person about each diagnosis that left a source's picture."""
    asked = {
        task.proposal
        for task in known.tasks
        if task.kind == INACTIVATE and task.status != CANCELLED
    }
    gone = [
        each
        for each in known.assertions
        if each.id in vanished
        and _is_active(known, each)
        and inactivate_proposal(one.hub, each) not in asked
    ]
    tasks = [end_task(one, each, known.told[each.id].stored.version, VANISHED) for each in gone]
    diagnosis_tasks.request(one.tx, tasks, at=one.at)
    for each in gone:
        item = reviews.NewReview(
            kind=reviews.VANISHED_STATEMENT,
            receipt=one.receipt,
            part=str(each.id),
            evidence={"source": each.partner, "statement": str(each.id)},
        )
        reviews.raise_review(one.tx, item, at=one.at)


def carry_out(one: Deriving, known: Known) -> Known:
    """Make inactive what a person agreed to end, also when its source delivered it again.

    A question about a statement that stands anew, or not at all any more, is asked no more.
    """
    standing = {inactivate_proposal(one.hub, each): each for each in known.assertions}
    agreed = known.proposals(INACTIVATE, COMPLETED)
    ending = [each for proposal, each in standing.items() if proposal in agreed]
    ended = [_supersede(one, known, each) for each in ending if _is_active(known, each)]
    open_ = {name for name, each in standing.items() if _is_active(known, each)}
    idle = [
        task.id
        for task in known.tasks
        if (task.kind, task.status) == (INACTIVATE, REQUESTED) and task.proposal not in open_
    ]
    diagnosis_tasks.cancel(one.tx, idle, at=one.at)
    return Known.of(one) if ended or idle else known


def end_task(one: Deriving, each: Assertion, version: int, reason: str) -> NewTask:
    """Return the question whether a statement no longer holds, for the service that made it."""
    return NewTask(
        child=one.child,
        kind=INACTIVATE,
        proposal=inactivate_proposal(one.hub, each),
        focus=each.id,
        version=version,
        statement=each.id,
        owner=each.partner,
        reasons=(reason,),
    )


def _is_active(known: Known, one: Assertion) -> bool:
    return known.told[one.id].stored.status == ACTIVE


def _supersede(one: Deriving, known: Known, ending: Assertion) -> bool:
    told = known.told[ending.id]
    content = inactive(content_of(one.key, told))
    resources.add_version(
        one.tx,
        one.key,
        told.stored,
        dump(content),
        status=SUPERSEDED,
        receipt=told.receipt,
        at=one.at,
    )
    return True
