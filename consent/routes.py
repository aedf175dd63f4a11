"""Tier 2: the law itself lets it go, whoever consents; ids L2 to L9 (L1 is in `transfer`).

A route whose conditions are not met does not exist: the request is then decided as any other.
"""

from consent.asker import in_youth_help
from consent.granting import Case, disagreement_known
from consent.lapsing import ground_lapsed
from consent.model import CHILD, Ground
from consent.moments import begun
from consent.outline import understood
from consent.situation import Situation
from consent.standing import Standing
from consent.vocabulary import EMERGENCY_CLASSES, MANDATED_KINDS

_STOPPED = frozenset({Standing.REFUSED, Standing.WITHDRAWN})


def prosecutor_to_be_warned(situation: Situation) -> bool:
    """L9: a warning to the prosecutor is given in person, outside the hub."""
    return situation.route == "article_458bis"


def ordered_by_law(situation: Situation) -> bool:
    """L2: a legal duty or a court order that was validated."""
    ground = _ground(situation, "statutory", "court_order")
    return ground is not None and ground.validated is True


def named_in_order(case: Case) -> bool:
    """L2: the duty or order names this class, and carries nothing else."""
    ground = case.of.request.ground
    return ground is not None and case.data_class in ground.classes


def danger_invoked(situation: Situation) -> bool:
    """L3: the holder speaks to avert a serious and actual danger, with a complete record."""
    return _spoken_by_holder(situation, "necessity")


def concern_reported(situation: Situation) -> bool:
    """L4: a youth-help holder reports concern to a mandated service."""
    return (
        situation.asker.kind in MANDATED_KINDS
        and _spoken_by_holder(situation, "concern_report")
        and _in_youth_help(situation, situation.facts.record.source)
    )


def sits_in_conference(situation: Situation) -> bool:
    """L5: a professional on the list of a valid case conference."""
    ground, asker = _ground(situation, "case_conference"), situation.asker
    return (
        ground is not None
        and ground.valid is True
        and asker.service is not None
        and asker.name in ground.participants
    )


def in_shared_secrecy(situation: Situation) -> bool:
    """L6 and L6b: two youth-help actors, who asked the family and invoke that nobody answered."""
    return (
        _ground(situation, "unanswered") is not None
        and _in_youth_help(situation, situation.facts.record.source)
        and _in_youth_help(situation, situation.asker.service)
    )


def nobody_answered(situation: Situation) -> bool:
    """L6: spoken by the holder after a dated attempt, of a family whose members are known."""
    ground = situation.request.ground
    return (
        ground is not None
        and in_shared_secrecy(situation)
        and _spoken_by_holder(situation, "unanswered")
        and situation.family_known
        and any(begun(attempt, situation.now) is True for attempt in ground.attempts)
    )


def nobody_objects(case: Case) -> bool:
    """L6: somebody could have answered; none refused, and they are not known to differ."""
    if not case.right_holders:
        return False
    quarrel = case.about_child and case.of.capacity.capable is False and disagreement_known(case)
    return not quarrel and not family_said_no(case)


def family_said_no(case: Case) -> bool:
    """L6b: the answer was no, or a right-holder said so; an answer nobody knows counts as one."""
    ground = case.of.request.ground
    if ground is None or ground.answer != "none":
        return True
    return any(_stopped(case, name) for name in case.right_holders)


def emergency_doctor_pulls(situation: Situation) -> bool:
    """L7: somebody who treats a child in vital danger fetches it, with a complete record."""
    ground, asker = _ground(situation, "vital_emergency"), situation.asker
    return (
        ground is not None
        and ground.record == "complete"
        and situation.request.kind == "pull"
        # A delivery to the whole hospital has the role of care.
        and (asker.kind, asker.role) == ("health", "medical")
    )


def needed_in_emergency(case: Case) -> bool:
    """L7: what a doctor needs tonight."""
    return case.data_class in EMERGENCY_CLASSES


def person_asks_file(situation: Situation) -> bool:
    """L8 opens a file to persons only."""
    request = situation.request
    return (
        request.purpose == "subject_access"
        and understood(request.kind, None if request.ground is None else request.ground.kind)
        and situation.asker.person is not None
    )


def may_read(case: Case) -> bool:
    """L8: somebody's own data; or the child's, read by the child or in its place."""
    asker = case.of.asker
    if asker.person != CHILD and case.segment.about == {asker.person}:
        return True
    if not case.about_child or "deceased" in case.of.facts.child.flags:
        return False
    if asker.person == CHILD:
        return _child_reads(case)
    if asker.relation == "confidant":
        return _confidant_reads(case)
    return _reads_for_small_child(case) or reads_by_childs_grant(case)


def _child_reads(case: Case) -> bool:
    kept_back = case.data_class == "agogic_exception" and not case.of.capacity.adult
    return case.of.capacity.capable is True and not kept_back


def _confidant_reads(case: Case) -> bool:
    return case.of.capacity.capable_minor and not _stopped(case, CHILD)


def _reads_for_small_child(case: Case) -> bool:
    """A holder of authority; with a person of unknown authority nobody can tell who holds it."""
    of = case.of
    return (
        of.asker.person in of.authority.holders
        and of.capacity.capable is False
        and not of.capacity.unsettled
        and not of.authority.uncertain
    )


def reads_by_childs_grant(case: Case) -> bool:
    """L8: a parent to whom the capable child opened the file."""
    return (
        case.of.asker.relation == "parent"
        and case.about_child
        and case.of.capacity.capable is True
        and case.data_class != "agogic_exception"
        and case.granted(CHILD)
    )


def _stopped(case: Case, name: str) -> bool:
    stand = case.of.stand(name, case.data_class)
    return stand.standing in _STOPPED or stand.excluded


def _ground(situation: Situation, *kinds: str) -> Ground | None:
    return situation.request.ground if situation.route in kinds else None


def _spoken_by_holder(situation: Situation, kind: str) -> bool:
    """Tell whether somebody of the source invoked it, with every part of the record filled in."""
    ground, facts = _ground(situation, kind), situation.facts
    if ground is None or ground.invoked_by is None or ground.record != "complete":
        return False
    if ground_lapsed(kind, facts):
        return False
    speaker = facts.actors.get(ground.invoked_by)
    return speaker is not None and speaker.service == facts.record.source


def _in_youth_help(situation: Situation, service_id: str | None) -> bool:
    service = None if service_id is None else situation.facts.services.get(service_id)
    return service is not None and in_youth_help(service) is True
