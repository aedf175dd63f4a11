"""Everything a decision rests on, in one round trip."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.store import children, protocols, resources
from gateway.store.engine import AnyRow, Question, Transaction, ask_together
from gateway.store.resources import StoredResource

_FACTS = text("""
select
  c.id as child,
  asked.recipient,
  c.wrapped_key,
  c.facts,
  (select coalesce(json_agg(json_build_array(t.person, t.relation, t.authority)), '[]')
     from family_tie t where t.child = c.id) as ties,
  (select coalesce(json_agg(json_build_array(r.partner, r.since, r.until)
     order by r.partner), '[]')
     from care_relation r where r.child = c.id) as relations,
  (select coalesce(json_agg(json_build_array(
       k.id, k.person, k.effect, k.classes, k.purpose, k.sources, k.partner, k.since, k.until,
       -- A grant that is contested carries nothing, and is no silence for which the other
       -- parent might speak: until it is settled it counts as withdrawn.
       coalesce(k.withdrawn_at, case when k.effect = 'grant' then k.contested_at end),
       k.wording_id, k.wording_version
     ) order by k.since, k.id), '[]')
     from consent k
    where k.child = c.id
      -- What a newer grant left out of an earlier one was withdrawn a moment before.
      and (k.superseded_at is null or k.withdrawn_at is not null)
      -- One that ended by itself carries nothing, whatever becomes of the service it went to;
      -- one that was stopped or contested before stays a stop.
      and (k.ended_at is null or k.withdrawn_at is not null or k.contested_at is not null
           or k.effect <> 'grant')
      and (k.partner is null or k.partner = asked.recipient or k.partner = any(asked.before)
           or k.effect in ('object', 'object_gdpr', 'restrict_gdpr'))
  ) as consents,
  (select json_build_array(
       a.outcome, a.reasons is not null, a.contested_at is not null and a.settled_at is null)
     from capacity_assessment a where a.child = c.id
    order by a.assessed_at desc, a.id limit 1) as assessment,
  (select coalesce(json_agg(json_build_array(
       p.id, p.kind, p.secrecy, p.youth_help, p.status, p.merged_into)), '[]')
     from partner p
    where p.id = any(
       array(select s.partner from resource s where s.child = c.id)
       || asked.recipient || asked.before
       -- A decision may name a source that merged into the one that holds it today.
       || array(select b.name from partner h, unnest(h.predecessors) as b(name)
                 where h.id = any(array(select s.partner from resource s where s.child = c.id))))
  ) as services
from (select a.child, a.recipient, coalesce(r.predecessors, '{}') as before
        from unnest(cast(:children as uuid[]), cast(:recipients as text[])) as a(child, recipient)
        left join partner r on r.id = a.recipient) as asked
join child c on c.id = asked.child
where c.wrapped_key is not null
""")
_LOAD = Question.of(_FACTS)

Asked = tuple[UUID, str]
"""A child, and the service that asks about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFacts:
    """Rows as JSON arrays in the order of the statement above."""

    child: UUID
    recipient: str
    wrapped_key: bytes
    facts: bytes
    ties: list[list[Any]]
    relations: list[list[Any]]
    consents: list[list[Any]]
    assessment: list[Any] | None
    """What was assessed last: outcome, whether with reasons, whether contested now."""
    services: list[list[Any]]
    protocols: Mapping[str, list[AnyRow]] | None
    """What covers flows to this recipient, by source; None while no register is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What holds about several children while their locks are shared; `locked` are those."""

    locked: frozenset[UUID]
    facts: Mapping[Asked, StoredFacts]
    parts: Mapping[UUID, Sequence[StoredResource]]


def load(tx: Transaction, child_id: UUID, recipient: str) -> StoredFacts | None:
    """Return the stored facts about a child towards one recipient; None if unknown or erased."""
    asked = {"children": [child_id], "recipients": [recipient]}
    found, covered = ask_together(tx, (_LOAD, asked), (protocols.COVERS, asked))
    return _stored(found, covered)[0] if found else None


def load_locked(
    tx: Transaction, asked: Iterable[Asked], types: Iterable[str], *, wait: bool
) -> Held:
    """Share the children's locks, and return the facts and resources that hold under them.

    Without `wait` a child whose lock somebody else wants alone is left out.
    """
    pairs = sorted(set(asked))
    names = sorted({child for child, _ in pairs})
    lock = children.SHARE_LOCKS if wait else children.TRY_LOCKS
    of_each = {"children": [child for child, _ in pairs], "recipients": [to for _, to in pairs]}
    by_type = {"of_any": names, "types": sorted(set(types))}
    towards = {"children": names, "recipients": sorted({to for _, to in pairs})}
    locks, found, parts, covered = ask_together(
        tx,
        (lock, {"children": names}),
        (_LOAD, of_each),
        (resources.BY_TYPE, by_type),
        (protocols.COVERS, towards),
    )
    locked = frozenset(one.child for one in locks if one.held)
    # What was read without its lock may change before the log is written: it does not count.
    stored = _stored((row for row in found if row.child in locked), covered)
    return Held(
        locked=locked,
        facts={(one.child, one.recipient): one for one in stored},
        parts=_by_child(part for part in map(resources.stored, parts) if part.child in locked),
    )


def _stored(rows: Iterable[AnyRow], covered: Iterable[AnyRow]) -> list[StoredFacts]:
    """Once for all of them, because what covers a flow is the same for every child."""
    by_recipient = protocols.covering(covered)
    return [
        StoredFacts(
            **row._asdict(),
            protocols=None if by_recipient is None else by_recipient.get(row.recipient, {}),
        )
        for row in rows
    ]


def _by_child(parts: Iterable[StoredResource]) -> Mapping[UUID, Sequence[StoredResource]]:
    grouped: dict[UUID, list[StoredResource]] = defaultdict(list)
    for part in parts:
        grouped[part.child].append(part)
    return grouped
