"""Whether a segment is granted, by whom, and on which grants that rests (sections 3, 5, 7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.model import CHILD, Consent, Facts, Segment
from tests.second_engine import services
from tests.second_engine.family import (
    TWELVE,
    Family,
    birthday,
    givers_in,
    is_known,
    others_in,
    right_holders,
)
from tests.second_engine.ledger import (
    Ledger,
    covers_class,
    instant_of,
    is_grant,
    is_withdrawn,
)
from tests.second_engine.moments import has_passed, midnight

CARRY_OVER = timedelta(days=30)


@dataclass(frozen=True)
class Granted:
    """Who granted: everyone, one_parent or nobody; and each holder's grants."""

    by: str
    grants: tuple[tuple[Consent, ...], ...] = ()
    carried_over: bool = False


NOBODY = Granted("nobody")


def known_disagreement(segment: Segment, family: Family, ledger: Ledger) -> bool:
    """Tell whether the people who decide for the child are known to disagree."""
    if CHILD not in segment.about or family.capacity != "incapable":
        return False
    circle = family.holders + family.delegated
    words = {name: ledger.standing(name, segment.data_class).word for name in circle}
    if any(ledger.facts.people[name].disagrees for name in circle):
        return True
    standing = set(words.values())
    return "refused" in standing or {"withdrawn", "granted"} <= standing


def granted(segment: Segment, family: Family, ledger: Ledger) -> Granted:
    """Whether every right-holder granted, or one parent while the other decided nothing."""
    now = _granted(segment, family, ledger)
    return now if now.by != "nobody" else _carried_over(segment, family, ledger)


def _granted(segment: Segment, family: Family, ledger: Ledger) -> Granted:
    others = [*others_in(segment), *givers_in(segment)]
    if not all(ledger.granted(name, segment.data_class) for name in others):
        return NOBODY
    own = Granted("everyone")
    if CHILD in segment.about:
        own = _for_the_child(segment.data_class, family, ledger)
    grants = own.grants + _grants_of(others, segment.data_class, ledger)
    return Granted(own.by, grants) if grants and own.by != "nobody" else NOBODY


def _grants_of(
    holders: list[str] | tuple[str, ...], data_class: str, ledger: Ledger
) -> tuple[tuple[Consent, ...], ...]:
    standings = (ledger.standing(name, data_class) for name in dict.fromkeys(holders))
    return tuple(standing.grants for standing in standings if standing.grants)


def _for_the_child(data_class: str, family: Family, ledger: Ledger) -> Granted:
    unsure = family.uncertain and family.capacity == "incapable"
    if family.capacity == "unknown" or unsure or not family.deciders:
        return NOBODY
    grants = _grants_of(family.deciders, data_class, ledger)
    words = {name: _word(name, data_class, ledger) for name in family.deciders}
    if all(word == "granted" for word in words.values()):
        return Granted("everyone", grants)
    if family.capacity == "incapable" and _foster_stands_in(family, words):
        return Granted("everyone", grants)
    if family.capacity == "incapable" and _one_parent(family, words, ledger.facts):
        return Granted("one_parent", grants)
    return NOBODY


def _word(name: str, data_class: str, ledger: Ledger) -> str:
    word = ledger.standing(name, data_class).word
    if word == "nothing" and not ledger.decided_nothing(name, data_class):
        return "objected"
    return word


def _foster_stands_in(family: Family, words: dict[str, str]) -> bool:
    fosters = [words[name] for name in family.delegated]
    holders = [words[name] for name in family.holders]
    return (
        bool(fosters)
        and all(word == "granted" for word in fosters)
        and all(word in {"granted", "nothing"} for word in holders)
    )


def _one_parent(family: Family, words: dict[str, str], facts: Facts) -> bool:
    two_parents = [n for n in family.holders if facts.people[n].relation == "parent"]
    return (
        len(two_parents) == len(family.holders) == 2
        and not family.delegated
        and sorted(words[name] for name in two_parents) == ["granted", "nothing"]
    )


def _carried_over(segment: Segment, family: Family, ledger: Ledger) -> Granted:
    """What the parents granted before the 12th birthday, in the 30 days that begin with it."""
    if CHILD not in segment.about or family.age != TWELVE or not _nothing_decided(family, ledger):
        return NOBODY
    born = ledger.facts.child.born
    assert born is not None
    day = birthday(born, TWELVE)
    if ledger.at >= midnight(day + CARRY_OVER):
        return NOBODY
    before = _as_of_the_day_before(segment, family, ledger, midnight(day))
    older = _only_older(ledger, midnight(day), ledger.at)
    now = _as_incapable(segment, family, older)
    if NOBODY in (before, now) or _foster_carries(segment, family, older):
        return NOBODY
    return Granted(now.by, now.grants, carried_over=True)


def _foster_carries(segment: Segment, family: Family, ledger: Ledger) -> bool:
    """Tell whether it rests on a foster parent where a holder of authority granted nothing."""
    granting = [ledger.granted(name, segment.data_class) for name in family.holders]
    return not granting or (bool(family.delegated) and not all(granting))


def _nothing_decided(family: Family, ledger: Ledger) -> bool:
    presumed = ledger.facts.child.capacity == "presumed" and family.settled
    return presumed and not any(
        not has_passed(consent.until, ledger.at, unreadable=False) for consent in ledger.by(CHILD)
    )


def _as_of_the_day_before(
    segment: Segment, family: Family, ledger: Ledger, birth: datetime
) -> Granted:
    eve = birth - timedelta(microseconds=1)
    return _as_incapable(segment, family, _only_older(ledger, birth, eve))


def _only_older(ledger: Ledger, birth: datetime, at: datetime) -> Ledger:
    # A grant that was withdrawn is a refusal, whenever it was given.
    kept = [
        c
        for c in ledger.consents
        if not is_grant(c) or is_withdrawn(c, at) or instant_of(c) < birth
    ]
    return Ledger(ledger.facts, ledger.request, ledger.reader, at, kept)


def _as_incapable(segment: Segment, family: Family, ledger: Ledger) -> Granted:
    younger = Family(
        capacity="incapable",
        settled=True,
        adult=False,
        age=TWELVE - 1,
        uncertain=family.uncertain,
        holders=family.holders,
        delegated=family.delegated,
    )
    disagree = known_disagreement(segment, younger, ledger)
    if disagree or any(ledger.gdpr_pending(n, segment.data_class) for n in younger.deciders):
        return NOBODY
    return _granted(segment, younger, ledger)


def rests_on_changed_text(found: Granted) -> bool:
    """Tell whether a grant it cannot do without has a text that changed since."""
    return any(consent.text_changed for grants in found.grants for consent in grants)


def through_the_service(found: Granted) -> bool:
    """Tell whether some holder granted the service, and not its reader by name."""
    return any(all(consent.to_person is None for consent in grants) for grants in found.grants)


class NoGrant:
    """Why no grant reaches the asker: what the right-holders' running grants name instead."""

    def __init__(self, segment: Segment, family: Family, ledger: Ledger) -> None:
        self._class, self._ledger = segment.data_class, ledger
        self._holders = holders = right_holders(segment, family)
        self._grants = [grant for name in holders for grant in ledger.running_grants(name)]

    def reaches(self) -> bool:
        """Tell whether a grant by a right-holder covers the segment."""
        return any(self._ledger.covers(grant, self._class) for grant in self._grants)

    def _near(self) -> list[Consent]:
        return [
            grant
            for grant in self._grants
            if covers_class(grant, self._class) and self._ledger.matches_purpose_and_source(grant)
        ]

    def names_a_person(self) -> bool:
        """Tell whether one names the asker elsewhere, or somebody else where the asker works."""
        return any(self._names_other(grant) for grant in self._near())

    def _names_other(self, grant: Consent) -> bool:
        reader, actors = self._ledger.reader, self._ledger.facts.actors
        if grant.to_person is None or reader.type != "Professional":
            return False
        there = grant.to_person_at
        if there is None and grant.to_person in actors:
            there = actors[grant.to_person].service
        if grant.to_person == reader.name:
            return not self._ledger.reaches(grant)
        here = self._ledger.facts.services
        return there is not None and services.matches(there, reader.service, here)

    def names_a_merged_service(self) -> bool:
        """Tell whether one names a service that went up in this one, with another mission."""
        reader, known = self._ledger.reader, self._ledger.facts.services
        return reader.service is not None and any(
            services.lost_its_mission(named, reader.service, known)
            for grant in self._near()
            if grant.to_person is None
            for named in grant.to or ()
        )

    def names_other_classes(self) -> bool:
        """Tell whether no right-holder granted this class, but one granted the asker others."""
        if any(self._ledger.granted(name, self._class) for name in self._holders):
            return False
        return any(
            not covers_class(grant, self._class)
            and self._ledger.matches_purpose_and_source(grant)
            and self._ledger.reaches(grant)
            for grant in self._grants
        )


def known_giver_agrees(segment: Segment, ledger: Ledger) -> bool:
    """Tell whether a known giver granted what was said in confidence, or is who asks."""
    giver = segment.given_by
    if giver is None or not is_known(giver, ledger.facts):
        return False
    asks = ledger.reader.type == "Person" and ledger.reader.name == giver
    return asks or ledger.granted(giver, segment.data_class)
