"""Whether the right-holders of a segment have let it go: all of them, or one parent for both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from consent.model import CHILD, Segment
from consent.moments import instant_of, over
from consent.situation import Situation, situation_of
from consent.standing import Granting, Stand, Standing, covers_class
from consent.vocabulary import GDPR_EFFECTS, ONE_PARENT_CLASSES, TWELFTH_BIRTHDAY_CLASSES

_MOMENT = timedelta(microseconds=1)
_NOT_CARRIED = Granting(carried=False)
_GRANTED = Standing.GRANTED
_CHILD_ALONE = frozenset({CHILD})
_NOBODY: frozenset[str] = frozenset()


@dataclass(slots=True)
class Case:
    """One segment in a situation, as the rules see it."""

    of: Situation
    segment: Segment
    data_class: str
    about_child: bool
    others: frozenset[str]
    """Everybody beside those who decide for the child: other subjects, a confidential giver."""
    limited: bool = False
    """Whether what carries the segment carries some classes only."""
    _granting: Granting | None = None

    @property
    def right_holders(self) -> frozenset[str]:
        """All whose grant the segment needs."""
        return self.of.deciders | self.others if self.about_child else self.others

    @property
    def granting(self) -> Granting:
        """What carries the segment, weighed at the first rule that asks."""
        if self._granting is None:
            shared = self._shared_granting()
            self.limited = shared.by_one_parent or shared.to_reconfirm
            self._granting = _within_limits(shared, self.data_class) if self.limited else shared
        return self._granting

    def _shared_granting(self) -> Granting:
        of = self.of
        # Just after twelve the eve counts too, and it may have seen these classes otherwise.
        if of.capacity.turned_twelve is not None:
            return granting_of(self)
        # Classes that all decisions see alike share one answer: weighing is the costly part.
        key = (self.others, self.about_child, of.sight(self.data_class))
        known = of.grantings.get(key)
        if known is None:
            known = of.grantings[key] = granting_of(self)
        return known

    def granted(self, person: str) -> bool:
        """Whether this person stands granted on this segment."""
        return self.of.granted(person, self.segment.data_class)

    def grants_of(self, people: Iterable[str]) -> tuple[str, ...]:
        """Give the ids of these people's grants that cover the segment, in order."""
        return _ids([self.of.stand(name, self.data_class) for name in people])


def case_of(situation: Situation, segment: Segment) -> Case:
    """Join a segment with whom it belongs to."""
    about, data_class = segment.about, segment.data_class
    others = _NOBODY if about == _CHILD_ALONE else about - _CHILD_ALONE
    # What is about nobody belongs to nobody: its giver alone cannot release it.
    if data_class == "confidential" and about and segment.given_by:
        others |= {segment.given_by}
    return Case(situation, segment, data_class, CHILD in about, others)


def _within_limits(granting: Granting, data_class: str) -> Granting:
    """One parent for both, and grants from before the twelfth birthday, carry some classes only."""
    if granting.by_one_parent and data_class not in ONE_PARENT_CLASSES:
        return _NOT_CARRIED
    if granting.to_reconfirm and data_class in TWELFTH_BIRTHDAY_CLASSES:
        return _NOT_CARRIED
    return granting


def granting_of(case: Case) -> Granting:
    """Weigh the grants of everybody the segment belongs to; all of them must permit.

    The answer is shared by all classes the decisions see alike: limits of a class come after.
    """
    if not case.others:
        return _childs_part(case) if case.about_child else _NOT_CARRIED
    stands = tuple([case.of.stand(name, case.data_class) for name in sorted(case.others)])
    if not _all_granted(stands):
        return _NOT_CARRIED
    if not case.about_child:
        return _carried(stands)
    part = _childs_part(case)
    if not part.carried:
        return _NOT_CARRIED
    stands += part.stands
    return part._replace(stands=stands, rests_on=_ids(stands))


def _carried(stands: Sequence[Stand], *, by_one_parent: bool = False) -> Granting:
    return Granting(True, by_one_parent, False, tuple(stands), _ids(stands))  # noqa: FBT003


def _ids(stands: Iterable[Stand]) -> tuple[str, ...]:
    return tuple(sorted({grant.id for stand in stands for grant in stand.grants}))


def _all_granted(stands: Iterable[Stand]) -> bool:
    for stand in stands:  # noqa: SIM110 - a generator takes twice as long
        if stand.standing is not _GRANTED:
            return False
    return True


def _childs_part(case: Case) -> Granting:
    """Weigh the child's own decision, or that of those who decide for it."""
    capable = case.of.capacity.capable
    if capable is None:
        return _NOT_CARRIED
    if not capable:
        return _authoritys_part(case)
    stand = case.of.stand(CHILD, case.data_class)
    if stand.standing is _GRANTED:
        return _carried((stand,))
    return _carried_over_twelve(case)


def _authoritys_part(case: Case, *, before: date | None = None) -> Granting:
    """Weigh the holders of authority, and the foster parents to whom decisions were delegated."""
    authority, of, data_class = case.of.authority, case.of, case.data_class
    weigh = of.stand if before is None else partial(of.weigh, before=before)
    granted = [weigh(name, data_class) for name in authority.delegated]
    if granted and not _all_granted(granted):
        return _NOT_CARRIED
    silent = False
    for name in authority.holders:
        stand = weigh(name, data_class)
        if stand.standing is _GRANTED:
            granted.append(stand)
        elif _decided_nothing(case, name, stand):
            silent = True
        else:
            return _NOT_CARRIED
    if authority.uncertain or not granted or (before is not None and not authority.holders):
        return _NOT_CARRIED
    # A delegated foster parent stands in for silent holders, but not beyond the twelfth birthday.
    if not silent or (authority.delegated and before is None):
        return _carried(granted)
    if not authority.delegated and _one_parent_may_speak(case):
        return _carried(granted, by_one_parent=True)
    return _NOT_CARRIED


def _decided_nothing(case: Case, name: str, stand: Stand) -> bool:
    return stand.standing is Standing.NOTHING and not any(
        objection.by == name and covers_class(objection, case.data_class)
        for objection in case.of.decisions.objections
    )


def _one_parent_may_speak(case: Case) -> bool:
    """Good faith: two parents, and no disagreement known."""
    people, holders = case.of.facts.people, case.of.authority.holders
    return (
        len(holders) == 2  # noqa: PLR2004 - the other parent of two
        and all(people[name].relation == "parent" for name in holders)
        and not any(people[name].disagrees for name in holders)
    )


def _carried_over_twelve(case: Case) -> Granting:
    """Thirty days in which a child of twelve that decided nothing yet may take over."""
    day = case.of.capacity.turned_twelve
    if (
        day is None
        or _child_decided(case)
        or disagreement_known(case)
        or objected(case, case.of.authority.everyone)
        or not _carried_on_the_eve(case, day)
    ):
        return _NOT_CARRIED
    part = _authoritys_part(case, before=day)
    return part._replace(to_reconfirm=part.carried)


def _carried_on_the_eve(case: Case, birthday: date) -> bool:
    """Whether the segment was carried in the last moment before, by the decisions of that moment.

    A no that ended or was lifted since was still a no then.
    """
    midnight = instant_of(birthday)
    of = case.of
    eve = None if midnight is None else situation_of(of.request, of.facts, midnight - _MOMENT)
    if eve is None:
        return False
    then = case_of(eve, case.segment)
    everyone = eve.authority.everyone
    return then.granting.carried and not disagreement_known(then) and not objected(then, everyone)


def _child_decided(case: Case) -> bool:
    """The child said anything of its own, about whatever, that has not expired."""
    now = case.of.now
    return any(
        consent.by == CHILD and over(consent.until, now) is not True
        for consent in case.of.facts.consents
    )


def disagreement_known(case: Case) -> bool:
    """Those who decide for the child are known to differ, or one of them said no."""
    deciders = case.of.authority.everyone
    standings = {name: case.of.stand(name, case.data_class).standing for name in deciders}
    if Standing.REFUSED in standings.values():
        return True
    if Standing.WITHDRAWN in standings.values() and Standing.GRANTED in standings.values():
        return True
    return any(case.of.facts.people[name].disagrees for name in deciders)


def objected(case: Case, people: frozenset[str]) -> bool:
    """One of these people has an objection or restriction under the GDPR pending."""
    return any(
        objection.effect in GDPR_EFFECTS
        and objection.by in people
        and covers_class(objection, case.data_class)
        for objection in case.of.decisions.objections
    )
