"""Tier 0: may this flow exist at all, whoever consents; ids G1 to G7."""

from consent.granting import Case
from consent.model import Record
from consent.outline import Outline
from consent.profiles import purposes_of_person, purposes_of_role
from consent.vocabulary import (
    ADMINISTRATIONS,
    JUDICIAL_KINDS,
    KNOWN_CLASSES,
    MANDATED_KINDS,
    NEAR_RELATIONS,
)

_NEEDED = frozenset({"x", "c", "d"})
_PURPOSES_WITHOUT_CARE = frozenset({"subject_access", "audit", "inspection", "policy", "research"})


def parties_unfit(request: Outline) -> bool:
    """G1: the asker is unknown or weakly identified, or a service is not active."""
    return not request.asker.known or not request.source_active


def without_protocol(request: Outline) -> bool:
    """G2: a flow between two services without a protocol in force in that direction."""
    return not request.has_protocol


def purpose_not_allowed(request: Outline) -> bool:
    """G3: this kind and role may not ask for this purpose."""
    asker = request.asker
    if asker.is_person:
        return request.purpose not in purposes_of_person(asker.relation)
    return request.purpose not in purposes_of_role(asker.kind, asker.role)


def without_care_relation(request: Outline) -> bool:
    """G4: neither care for this child nor a task by statute."""
    if request.purpose in _PURPOSES_WITHOUT_CARE:
        return False
    if request.asker.is_person:
        return request.asker.relation not in NEAR_RELATIONS
    return not request.in_care and not _has_statutory_task(request)


def _has_statutory_task(request: Outline) -> bool:
    kind, purpose = request.asker.kind, request.purpose
    return (
        kind in JUDICIAL_KINDS
        or (kind in MANDATED_KINDS and purpose == "safety")
        or (kind in ADMINISTRATIONS and purpose == "entitlement")
        or request.between_clbs
    )


def may_be_mixed(request: Outline) -> bool:
    """G6 looks at a document in one piece, or at a label nobody knows."""
    return request.unsplittable or not request.classes <= KNOWN_CLASSES


def cannot_be_told_apart(case: Case) -> bool:
    """G6: no label, or one document that mixes classes or people."""
    record = case.of.facts.record
    return case.data_class not in KNOWN_CLASSES or (record.unsplittable and _mixes(record))


def _mixes(record: Record) -> bool:
    people = frozenset[str]().union(*(segment.about for segment in record.segments))
    classes = {segment.data_class for segment in record.segments}
    return len(classes) > 1 or len(people) > 1


def identifiable_research(request: Outline) -> bool:
    """G7: policy and research get no data about one child."""
    return request.purpose in {"policy", "research"}


def outside_profile(case: Case) -> bool:
    """G5: the recipient does not need this class for its work."""
    profile = case.of.profile
    if profile is None:
        return False
    need = profile.get(case.data_class, ".")
    if need in _NEEDED:
        return False
    if need == "m":
        return case.of.asker.role != "medical"
    return need != "o" or case.of.asker.service != case.of.facts.record.source
