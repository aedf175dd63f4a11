"""Tier 3: somebody said no, or something is unsettled; ids R1 to R8."""

from consent.granting import Case, disagreement_known, objected
from consent.model import CHILD
from consent.outline import Outline
from consent.standing import Standing

_STOPPED = frozenset({Standing.REFUSED, Standing.WITHDRAWN})


def somebody_said_no(request: Outline) -> bool:
    """R1 and R2 need a refusal, an exclusion or a withdrawal that reaches the asker."""
    return request.said_no


def refused_by_subject(case: Case) -> bool:
    """R1: the capable child, another subject or the giver said no."""
    people = set(case.segment.about)
    if not case.of.capacity.may_be_capable:
        people.discard(CHILD)
    if case.segment.given_by is not None:
        people.add(case.segment.given_by)
    return any(case.of.stand(name, case.data_class).standing in _STOPPED for name in people)


def recipient_excluded(case: Case) -> bool:
    """R2: a right-holder shut out this service or person."""
    return any(case.of.stand(name, case.data_class).excluded for name in case.right_holders)


def author_may_keep(request: Outline) -> bool:
    """R7 needs a veto, or something kept for educational reasons."""
    return request.source_veto or "agogic_exception" in request.classes


def kept_by_author(case: Case) -> bool:
    """R7: the author's veto, or what is kept from a minor for educational reasons."""
    if case.of.facts.record.source_veto:
        return True
    if case.data_class != "agogic_exception":
        return False
    of = case.of
    reads_by_childs_grant = (
        of.asker.relation == "parent"
        and case.about_child
        and of.capacity.capable is True
        and case.granted(CHILD)
    )
    return reads_by_childs_grant or (of.asker.person == CHILD and not of.capacity.adult)


def disagreement_possible(request: Outline) -> bool:
    """R5 is about an incapable child, outside a team, and needs a no or a known quarrel."""
    if request.in_team or request.capable is not False:
        return False
    return request.said_no or request.quarrel


def carers_disagree(case: Case) -> bool:
    """R5: those who decide for the child are known to disagree."""
    return case.about_child and disagreement_known(case)


def somebody_objected(request: Outline) -> bool:
    """R6 needs an objection or restriction that runs."""
    return request.objected


def gdpr_objection_pending(case: Case) -> bool:
    """R6: a right-holder's objection or restriction waits for an answer."""
    return objected(case, case.right_holders)


def capacity_unsettled(request: Outline) -> bool:
    """R8: whether the child can decide is contested or not reasoned; teams work on."""
    return request.unsettled and not request.in_team


def about_the_child(case: Case) -> bool:
    """R8 holds what is about the child."""
    return case.about_child
