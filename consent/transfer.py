"""The file that follows a pupil to another guidance centre; ids L1, R3 and R4."""

from datetime import datetime, timedelta
from typing import Final

from consent.granting import Case
from consent.model import Consent, Ground
from consent.moments import BRUSSELS, begun
from consent.situation import Situation
from consent.standing import covers_class, speaks_against

_DAYS_TO_OBJECT: Final = timedelta(days=10)


def invoked(situation: Situation) -> bool:
    """R3 looks at a transfer only."""
    return situation.route == "clb_transfer"


def due(situation: Situation) -> bool:
    """L1: from one centre to another, and the pupil is there or the school year has begun."""
    return situation.between_clbs and begun(_ground(situation).due_from, situation.now) is True


def compulsory(case: Case) -> bool:
    """L1: the part of the file against which nobody can object."""
    return case.segment.compulsory is True


def compulsory_in_spite_of_objection(case: Case) -> bool:
    """L1: the compulsory part, beside which a copy of the objection travels."""
    return compulsory(case) and _objected(case, case.right_holders)


def free_to_go(situation: Situation) -> bool:
    """L1: nobody used the days to object, as far as the family is known."""
    return due(situation) and not days_to_object_left(situation) and situation.family_known


def objected_to_transfer(case: Case) -> bool:
    """R3: a right-holder objected in writing to the part that is not compulsory."""
    return not compulsory(case) and _objected(case, case.right_holders)


def not_yet_due(situation: Situation) -> bool:
    """R4: enrolled for later; a day nobody can read has not come."""
    return invoked(situation) and begun(_ground(situation).due_from, situation.now) is not True


def days_to_object_left(situation: Situation) -> bool:
    """R4: the ten days run, or have not begun because nobody was notified."""
    if not invoked(situation):
        return False
    ground = _ground(situation)
    return ground.waived is not True and not _ten_days_passed(ground, situation)


def _ten_days_passed(ground: Ground, situation: Situation) -> bool:
    """Count calendar days after the day of the notification, the tenth included."""
    told = ground.notified_on
    if isinstance(told, datetime):
        told = None if told.utcoffset() is None else told.astimezone(BRUSSELS).date()
    return told is not None and situation.now.today - told > _DAYS_TO_OBJECT


def parents_beside_pupil(situation: Situation) -> bool:
    """R4 asks whose right it is when a pupil can decide alone."""
    return invoked(situation) and situation.capacity.capable_minor


def parents_objected(case: Case) -> bool:
    """R4: the parents objected in their own name; somebody of unknown authority may be one."""
    authority, people = case.of.authority, case.of.facts.people
    return _objected(case, frozenset(people) if authority.uncertain else authority.holders)


def _objected(case: Case, people: frozenset[str]) -> bool:
    """Any running objection to a transfer counts, whatever it says of purpose or recipient."""
    return any(
        consent.effect == "object" and consent.by in people and _covers(consent, case)
        for consent in case.of.facts.consents
    )


def _covers(objection: Consent, case: Case) -> bool:
    return covers_class(objection, case.data_class) and speaks_against(objection, case.of.now)


def _ground(situation: Situation) -> Ground:
    """Give the ground of a request that is known to invoke a transfer."""
    return situation.request.ground or Ground(kind="clb_transfer")
