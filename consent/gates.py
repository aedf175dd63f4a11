"""Tier 0: may this flow exist at all, whoever consents; ids G1 to G7."""

from consent.asker import is_active
from consent.granting import Case
from consent.model import Protocol, Record
from consent.moments import over
from consent.profiles import purposes_of_person, purposes_of_role
from consent.situation import Situation
from consent.vocabulary import (
    ADMINISTRATIONS,
    JUDICIAL_KINDS,
    KNOWN_CLASSES,
    MANDATED_KINDS,
    NEAR_RELATIONS,
)

_PURPOSES_WITHOUT_CARE = frozenset({"subject_access", "audit", "inspection", "policy", "research"})


def parties_unfit(situation: Situation) -> bool:
    """G1: the asker is unknown or weakly identified, or a service is not active."""
    source = situation.facts.services.get(situation.facts.record.source)
    return not situation.asker.known or not is_active(source)


def without_protocol(situation: Situation) -> bool:
    """G2: a flow between two services without a protocol in force in that direction."""
    protocols, to = situation.facts.protocols, situation.asker.service
    source = situation.facts.record.source
    if protocols is None or to is None or to == source:
        return False
    return not any(
        protocol.from_service == source
        and protocol.to_service == to
        and _in_force(protocol, situation)
        for protocol in protocols
    )


def _in_force(protocol: Protocol, situation: Situation) -> bool:
    return over(protocol.until, situation.now) is False


def purpose_not_allowed(situation: Situation) -> bool:
    """G3: this kind and role may not ask for this purpose."""
    asker = situation.asker
    if asker.person is not None:
        return situation.request.purpose not in purposes_of_person(asker.relation)
    return situation.request.purpose not in purposes_of_role(asker.kind, asker.role)


def without_care_relation(situation: Situation) -> bool:
    """G4: neither care for this child nor a task by statute."""
    if situation.request.purpose in _PURPOSES_WITHOUT_CARE:
        return False
    if situation.asker.person is not None:
        return situation.asker.relation not in NEAR_RELATIONS
    return not situation.relations and not _has_statutory_task(situation)


def _has_statutory_task(situation: Situation) -> bool:
    kind, purpose = situation.asker.kind, situation.request.purpose
    return (
        kind in JUDICIAL_KINDS
        or (kind in MANDATED_KINDS and purpose == "safety")
        or (kind in ADMINISTRATIONS and purpose == "entitlement")
        or situation.between_clbs
    )


def may_be_mixed(situation: Situation) -> bool:
    """G6 looks at a document in one piece, or at a label nobody knows."""
    return situation.facts.record.unsplittable or not situation.classes <= KNOWN_CLASSES


def cannot_be_told_apart(case: Case) -> bool:
    """G6: no label, or one document that mixes classes or people."""
    record = case.of.facts.record
    return case.data_class not in KNOWN_CLASSES or (record.unsplittable and _mixes(record))


def _mixes(record: Record) -> bool:
    people = frozenset[str]().union(*(segment.about for segment in record.segments))
    classes = {segment.data_class for segment in record.segments}
    return len(classes) > 1 or len(people) > 1


def identifiable_research(situation: Situation) -> bool:
    """G7: policy and research get no data about one child."""
    return situation.request.purpose in {"policy", "research"}


def outside_profile(case: Case) -> bool:
    """G5: the recipient does not need this class for its work."""
    profile = case.of.profile
    if profile is None:
        return False
    match profile.get(case.data_class, "."):
        case "x" | "c" | "d":
            return False
        case "m":
            return case.of.asker.role != "medical"
        case "o":
            return case.of.asker.service != case.of.facts.record.source
        case _:
            return True
