"""Turns stored rows into the facts that the engine decides on; nothing is guessed on the way."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from consent.model import (
    CareRelation,
    Child,
    Consent,
    Facts,
    Person,
    Record,
    Segment,
    Service,
)
from gateway.store.children import open_facts
from gateway.store.facts import StoredFacts
from gateway.store.resources import StoredResource
from gateway.store.vault import Vault

CHILD = "child"


def facts_for(
    stored: StoredFacts,
    vault: Vault,
    child_id: UUID,
    source: str,
    parts: Iterable[StoredResource],
    *,
    at: datetime,
) -> tuple[bytes, Facts]:
    """Return the child's data key and the facts about resources of one source."""
    key, child = open_facts(vault, child_id, stored.wrapped_key, stored.facts)
    facts = Facts(
        child=Child(born=_birth_date(child.born)),
        people={str(row[0]): Person(relation=row[1], authority=row[2]) for row in stored.ties},
        services={row[0]: _service(row) for row in stored.services},
        actors={},
        relations=tuple(
            CareRelation(service=row[0], since=_instant(row[1]), until=_instant(row[2]))
            for row in stored.relations
        ),
        consents=tuple(_consent(row, at) for row in stored.consents),
        record=Record(source=source, segments=tuple(_segment(part) for part in parts)),
    )
    return key, facts


def _birth_date(text: str) -> date | None:
    # A partial date ("2017") leaves the age unknown, and unknown decides nothing.
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _service(row: list[str]) -> Service:
    return Service(
        kind=row[1],
        secrecy=row[2],
        youth_help=None if row[3] is None else bool(row[3]),
        status=row[4],
    )


def _segment(part: StoredResource) -> Segment:
    return Segment(
        id=str(part.id),
        data_class=part.data_class,
        about=part.about,
        reveals_place="reveals_place" in part.flags,
        reporter="reporter" in part.flags,
    )


def _consent(row: list[str], at: datetime) -> Consent:
    consent, person, effect, classes, purpose, partner, since, until, withdrawn = row
    return Consent(
        id=consent,
        by=person,
        effect=effect,
        classes=frozenset(classes),
        purpose=purpose,
        from_services=None,
        to=frozenset({partner}),
        since=_instant(since),
        until=date.fromisoformat(until),
        # It is committed, so it was made, even if this caller read its clock before.
        withdrawn=min(datetime.fromisoformat(withdrawn), at) if withdrawn else None,
    )
