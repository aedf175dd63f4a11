"""Turns stored rows into the facts that the engine decides on; nothing is guessed on the way."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from consent.model import (
    CHILD,
    Actor,
    CareRelation,
    Child,
    Consent,
    Facts,
    Person,
    Protocol,
    Record,
    Segment,
    Service,
    words,
)
from gateway.clock import brussels_date
from gateway.exchange.wording import changed_in_substance
from gateway.store.children import open_facts
from gateway.store.facts import StoredFacts
from gateway.store.resources import StoredResource
from gateway.store.vault import Vault
from schemas import lapsed_bases

SELF: Final = "self"
"""The tie of a youngster to the own file; the engine calls that person the child."""
GRANT: Final = "grant"


def facts_for(
    stored: StoredFacts,
    vault: Vault,
    child_id: UUID,
    source: str,
    parts: Iterable[StoredResource],
    *,
    at: datetime,
    speaker: str | None = None,
    doctor: str | None = None,
) -> tuple[bytes, Facts]:
    """Return the child's data key and the facts about resources of one source.

    `speaker` is who of that source invokes a legal route, `doctor` who of the recipient reads.
    """
    key, child = open_facts(vault, child_id, stored.wrapped_key, stored.facts)
    own = {str(row[0]) for row in stored.ties if row[1] == SELF}
    facts = Facts(
        child=_child(child.born, stored.assessment),
        people={
            str(row[0]): Person(relation=row[1], authority=row[2])
            for row in stored.ties
            if row[1] != SELF
        },
        services={row[0]: _service(row) for row in stored.services},
        actors=_actors(stored.recipient, source, speaker, doctor),
        relations=tuple(
            CareRelation(service=row[0], since=_instant(row[1]), until=_instant(row[2]))
            for row in stored.relations
        ),
        consents=tuple(_consent(row, own, at) for row in stored.consents),
        record=Record(source=source, segments=tuple(_segment(part) for part in parts)),
        protocols=_protocols(stored, source, at),
        lapsed_bases=lapsed_bases(brussels_date(at)),
    )
    return key, facts


def _actors(
    recipient: str, source: str, speaker: str | None, doctor: str | None
) -> dict[str, Actor]:
    speaking = {speaker: Actor(service=source, role="care")} if speaker else {}
    reading = {doctor: Actor(service=recipient, role="medical")} if doctor else {}
    return speaking | reading


def _child(born: str, assessment: list[Any] | None) -> Child:
    if assessment is None:
        return Child(born=_birth_date(born))
    outcome, motivated, contested = assessment
    return Child(
        born=_birth_date(born),
        capacity=outcome,
        capacity_motivated=motivated,
        capacity_contested=contested,
    )


def _birth_date(text: str) -> date | None:
    # A partial date ("2017") leaves the age unknown, and unknown decides nothing.
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _service(row: list[Any]) -> Service:
    return Service(
        kind=row[1],
        secrecy=row[2],
        youth_help=None if row[3] is None else bool(row[3]),
        status=row[4],
        merged_into=row[5],
    )


def _segment(part: StoredResource) -> Segment:
    return Segment(
        id=str(part.id),
        data_class=part.data_class,
        about=part.about,
        reveals_place="reveals_place" in part.flags,
        reporter="reporter" in part.flags,
        # Nobody can object to handing over who the pupil is (rules of sharing, A3 7).
        compulsory="compulsory" in part.flags or part.data_class == "identity",
    )


def _protocols(stored: StoredFacts, source: str, at: datetime) -> tuple[Protocol, ...] | None:
    """What covers this flow and has begun; None while the hub keeps no register of them."""
    if stored.protocols is None:
        return None
    today = brussels_date(at)
    return tuple(
        Protocol(from_service=source, to_service=stored.recipient, until=row.until)
        for row in stored.protocols.get(source, ())
        if row.since is None or row.since <= today
    )


def _consent(row: list[Any], own: set[str], at: datetime) -> Consent:
    (consent, person, effect, classes, purpose, sources, partner, since, until, withdrawn,
     text_id, version) = row  # fmt: skip
    return Consent(
        id=consent,
        by=CHILD if person in own else person,
        effect=effect,
        classes=_set(classes),
        purpose=purpose,
        from_services=_set(sources),
        to=words(partner) if partner else None,
        # A no is committed, so it was made, even if this caller read its clock before.
        since=_instant(since) if effect == GRANT else _made(since, at),
        until=date.fromisoformat(until) if until else None,
        withdrawn=_made(withdrawn, at),
        text_changed=changed_in_substance(text_id, version),
    )


def _made(text: str | None, at: datetime) -> datetime | None:
    return min(datetime.fromisoformat(text), at) if text else None


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else words(*names)
