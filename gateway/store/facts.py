"""Everything a decision rests on, in one statement: one snapshot, one round trip."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.store import children, resources
from gateway.store.engine import Question, Transaction, ask_together
from gateway.store.resources import StoredResource

_FACTS = text("""
select
  c.wrapped_key,
  c.facts,
  (select coalesce(json_agg(json_build_array(t.person, t.relation, t.authority)), '[]')
     from family_tie t where t.child = c.id) as ties,
  (select coalesce(json_agg(json_build_array(r.partner, r.since, r.until)), '[]')
     from care_relation r where r.child = c.id) as relations,
  (select coalesce(json_agg(json_build_array(
       k.id, k.person, k.effect, k.classes, k.purpose, k.partner, k.since, k.until, k.withdrawn_at
     ) order by k.since, k.id), '[]')
     from consent k where k.child = c.id and k.partner = :recipient) as consents,
  (select coalesce(json_agg(json_build_array(
       p.id, p.kind, p.secrecy, p.youth_help, p.status)), '[]')
     from partner p
    where p.id = any(
       array(select s.partner from resource s where s.child = c.id) || cast(:recipient as text))
  ) as services
from child c
where c.id = :child and c.wrapped_key is not null
""")
_LOAD = Question.of(_FACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFacts:
    """Rows as JSON arrays in the order of the statement above."""

    wrapped_key: bytes
    facts: bytes
    ties: list[list[Any]]
    relations: list[list[Any]]
    consents: list[list[Any]]
    services: list[list[Any]]


def load(tx: Transaction, child_id: UUID, recipient: str) -> StoredFacts | None:
    """Return the stored facts about a child towards one recipient; None if unknown or erased."""
    row = tx.execute(_FACTS, {"child": child_id, "recipient": recipient}).first()
    return StoredFacts(**row._asdict()) if row else None


def load_locked(
    tx: Transaction, child_id: UUID, recipient: str, resource_type: str
) -> tuple[StoredFacts | None, tuple[StoredResource, ...]]:
    """Share the child's lock, and return the facts and resources that hold under it."""
    lock = (children.LOCK_SHARED, {"child": str(child_id)})
    load = (_LOAD, {"child": child_id, "recipient": recipient})
    by_type = (resources.BY_TYPE, {"of": child_id, "types": [resource_type]})
    _, found, parts = ask_together(tx, lock, load, by_type)
    stored = StoredFacts(**found[0]._asdict()) if found else None
    return stored, tuple(resources.stored(part) for part in parts)
