"""Tier 1: hard bars no consent of another person lifts; ids H1 to H7."""

from consent.asker import may_use_number
from consent.granting import Case
from consent.lapsing import ground_lapsed
from consent.model import CHILD
from consent.outline import Outline
from consent.routes import danger_invoked
from consent.vocabulary import JUDICIAL_KINDS, RAISING_RELATIONS

_NAMES = frozenset({"identity", "national_number"})
_BASIC_HELP_DATA = frozenset({"identity", "logistics"})
_NOBODY: frozenset[str] = frozenset()


def place_may_show(request: Outline) -> bool:
    """H1 looks at placement, and at whatever a secret address makes telling."""
    return "placement" in request.classes or "secret_address" in request.flags


def reveals_secret_place(case: Case) -> bool:
    """H1: where a hidden child lives."""
    return case.data_class == "placement" or (
        case.segment.reveals_place and "secret_address" in case.of.facts.child.flags
    )


def outside_court(request: Outline) -> bool:
    """H2 looks at pieces of the court, when somebody else asks."""
    return "judicial" in request.classes and request.asker.kind != "judiciary"


def piece_of_court(case: Case) -> bool:
    """H2: pieces of the court stay with the court."""
    return case.data_class == "judicial"


def to_judiciary(request: Outline) -> bool:
    """H3 looks at the judiciary and the police only."""
    return request.asker.kind in JUDICIAL_KINDS


def without_judicial_agreement(case: Case) -> bool:
    """H3: neither basic data under a validated order, nor everybody's agreement."""
    return not _ordered_basic_data(case) and not _everybody_agreed(case)


def _ordered_basic_data(case: Case) -> bool:
    ground = case.of.request.ground
    return (
        ground is not None
        and ground.kind in {"statutory", "court_order"}
        and ground.validated is True
        and case.data_class in ground.classes
        and case.data_class in _BASIC_HELP_DATA
        and not ground_lapsed(ground.kind, case.of.facts)
    )


def _everybody_agreed(case: Case) -> bool:
    return (
        case.of.capacity.capable_minor
        and not case.of.authority.uncertain
        and bool(case.of.authority.holders)
        and all(case.granted(name) for name in _all_who_agree(case))
    )


def _all_who_agree(case: Case) -> frozenset[str]:
    return case.of.authority.holders | {CHILD}


def told_in_confidence(case: Case) -> bool:
    """H4: who reported, always; what was told in confidence, unless its giver or danger speaks."""
    if case.segment.reporter:
        return True
    if case.data_class != "confidential":
        return False
    if danger_invoked(case.of):
        return False
    giver = case.segment.given_by
    if giver is None or (giver != CHILD and giver not in case.of.facts.people):
        return True
    return giver != case.of.asker.person and not case.granted(giver)


def to_who_raises_the_child(request: Outline) -> bool:
    """H7 looks at parents, guardians and foster parents only."""
    return request.asker.relation in RAISING_RELATIONS and "sexual_health" in request.classes


def intimate_health(case: Case) -> bool:
    """H7: a capable child's intimate health, without that child's own grant."""
    return _intimate_to_child(case) and not case.granted(CHILD)


def _intimate_to_child(case: Case) -> bool:
    return (
        case.data_class == "sexual_health" and case.about_child and case.of.capacity.may_be_capable
    )


def others_may_show(request: Outline) -> bool:
    """H5 looks at classes that tell about other people."""
    asker = request.asker
    others = _classes_of_others(asker.relation, is_person=asker.is_person)
    return not request.classes.isdisjoint(others)


def about_somebody_else(case: Case) -> bool:
    """H5: data of other people, who have not granted it themselves."""
    return any(not case.granted(name) for name in _others_told_about(case))


def _others_told_about(case: Case) -> frozenset[str]:
    """Everybody but the child and who asks, if this class tells about them."""
    asker = case.of.asker
    if case.data_class in _classes_of_others(asker.relation, is_person=asker.person is not None):
        return case.segment.about - {CHILD, asker.person}
    return _NOBODY


def _classes_of_others(relation: str, *, is_person: bool) -> frozenset[str]:
    if not is_person or relation in {CHILD, "confidant"}:
        return _OTHERS
    return _OTHERS_TO_PERSONS


_OTHERS = frozenset({"parent_data", "third_party"})
_OTHERS_TO_PERSONS = _OTHERS | {"context"}


def names_may_show(request: Outline) -> bool:
    """H6 looks at names and numbers."""
    return not request.classes.isdisjoint(_NAMES)


def identifies(case: Case) -> bool:
    """H6: the national number without authorisation, or a name while help is anonymous."""
    services, asker = case.of.facts.services, case.of.asker
    if case.data_class == "national_number":
        ends = [case.of.facts.record.source, *([asker.service] if asker.service else [])]
        if not all(may_use_number(services.get(end)) for end in ends):
            return True
    return (
        case.data_class in _NAMES
        and asker.service is not None
        and "anonymous_help" in case.of.facts.child.flags
    )


def lifted_by(case: Case) -> frozenset[str]:
    """Whose own grants lifted a bar, for a segment that no bar stops: H3, H4, H7 and H5."""
    asker = case.of.asker.position
    to_judge = asker.kind in JUDICIAL_KINDS
    if not to_judge and case.data_class not in _LIFTED_BY_GRANT:
        return _NOBODY
    if danger_invoked(case.of):
        return _NOBODY  # it goes over these bars, and asks nobody
    names = set(_others_told_about(case))
    if to_judge and not _ordered_basic_data(case):
        names |= _all_who_agree(case)
    if asker.relation in RAISING_RELATIONS and _intimate_to_child(case):
        names.add(CHILD)
    giver = case.segment.given_by
    if case.data_class == "confidential" and giver is not None and giver != case.of.asker.person:
        names.add(giver)
    return frozenset(names)


_LIFTED_BY_GRANT = _OTHERS_TO_PERSONS | {"confidential", "sexual_health"}
