"""Rows of a child that is erased: what goes, what is emptied, and which shells are kept.

The fate of every column stands in docs/erasure.md, and a test compares it with the database.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, text, update

from gateway.store.corrections import Received
from gateway.store.engine import Transaction
from gateway.store.outbox import destroy_keys
from gateway.store.tables import child, delivery, metadata, outbox, person

_OUTBOX = text("select id from outbox where child = :child order by id for update")
_OUTBOX_NOW = text("select id from outbox where child = :child for update skip locked")
_OUTBOX_ALL = text("select count(*) from outbox where child = :child")
# Also who was told of an end before: what it holds is erased here.
_RECEIVED = text("""
select d.partner, d.resource, d.version, d.id as delivery
  from delivery d
 where d.child = :child and d.kind = 'updated' and d.state = 'released' and d.resource is not null
   and (cast(:only as uuid[]) is null or d.resource = any(:only))
union
select l.partner, cast(split_part(r, '/', 1) as uuid), cast(split_part(r, '/', 2) as integer), null
  from access_log l, unnest(l.resources) r
 where l.child = :child and l.act in ('read', 'search', 'emergency_access')
   and l.outcome in ('permit', 'redact') and l.partner is not null and r like '%/%'
   and (cast(:only as uuid[]) is null or cast(split_part(r, '/', 1) as uuid) = any(:only))
order by 1, 2, 3, 4
""")
_PEOPLE = text("""
select person from family_tie where child = :child
union select person from tie_claim where child = :child
union select person from consent where child = :child
union select withdrawn_by from consent where child = :child and withdrawn_by is not null
union select person from family_notice where child = :child
union select contested_by from capacity_assessment
       where child = :child and contested_by is not null
union select a.person from proposal_answer a join consent_proposal p on p.id = a.proposal
       where p.child = :child
""")
# In an order in which nothing is left that names what goes.
_GONE: Final = (
    "delete from message_key where child = :child",
    "delete from diagnosis_task where child = :child",
    """delete from proposal_answer a using consent_proposal p
        where p.id = a.proposal and p.child = :child""",
    "delete from consent_proposal where child = :child",
    "delete from review_item where part in (select id::text from legal_route where child = :child)",
    "delete from route_review w using legal_route l where l.id = w.route and l.child = :child",
    "delete from legal_route where child = :child",
    "delete from consent where child = :child",
    "delete from review_item where part in (select id::text from resource where child = :child)",
    "delete from resource_version v using resource r where r.id = v.resource and r.child = :child",
    "delete from resource where child = :child",
    "delete from statement_amendment where child = :child",
    "delete from capacity_assessment where child = :child",
    "delete from family_notice where child = :child",
    "delete from age_event where child = :child",
    "delete from relayed_request where child = :child",
    "delete from reidentification where child = :child",
    "delete from known_description where child = :child",
    "delete from match_key where child = :child",
    "delete from match_again where child = :child",
    "delete from match_verdict where child = :child",
    """delete from cancelled_number n using child_lookup l
        where l.value_hash = n.value_hash and l.child = :child and not exists (
          select from child_lookup o where o.value_hash = n.value_hash and o.child <> :child)""",
    "delete from child_lookup where child = :child",
    "delete from family_tie where child = :child",
    "delete from tie_claim where child = :child",
    "delete from care_relation where child = :child",
    """delete from statement_end e using scope_statement s
        where substring(s.scope_hash for 16) = uuid_send(:child)
          and e.key_hash = sha256(uuid_send(:child) || s.key_hash)""",
    "delete from scope_statement where substring(scope_hash for 16) = uuid_send(:child)",
    "delete from scope_delivery where substring(scope_hash for 16) = uuid_send(:child)",
    # A finding that is closed names nobody any more; an open one stands in the way of an erasure.
    """update review_item
          set candidates = array_remove(candidates, :child), evidence = '{}', subject = null
        where :child = any(candidates) or evidence::text like '%' || :child || '%'""",
)
_BY_NAME: Final = (
    "delete from statement_end where key_hash = any(:names)",
    "delete from statement_amendment where key_hash = any(:names)",
    "delete from scope_statement where key_hash = any(:names)",
)
_OWN_NAMES = text("""
select name from resource r, unnest(r.above || r.key_hash) name where r.child = :child
except
select name from resource r, unnest(r.above || r.key_hash) name
 where r.child <> :child and (r.above && cast(:names as bytea[]) or r.key_hash = any(:names))
""")
_NAMES = text("""
select distinct name from resource r, unnest(r.above || r.key_hash) name where r.child = :child
""")


def lock_outbox(tx: Transaction, child_id: UUID) -> None:
    """Wait until no relay holds a row of this child; before the child's own lock."""
    tx.execute(_OUTBOX, {"child": child_id})


def outbox_is_ours(tx: Transaction, child_id: UUID) -> bool:
    """Whether every row of this child is locked here, now that its own lock is held."""
    ours = len(tx.execute(_OUTBOX_NOW, {"child": child_id}).all())
    return bool(ours == tx.execute(_OUTBOX_ALL, {"child": child_id}).scalar_one())


def received(
    tx: Transaction, child_id: UUID, only: Collection[UUID] | None = None
) -> tuple[Received, ...]:
    """Return what services have of a child, in messages they opened or by reading over HTTP."""
    given = {"child": child_id, "only": None if only is None else sorted(only)}
    return tuple(Received(**row._asdict()) for row in tx.execute(_RECEIVED, given))


def destroy_message_keys(
    tx: Transaction, child_id: UUID, only: Collection[UUID] | None = None, *, at: datetime
) -> int:
    """Destroy every content key of a child's messages, also of those that were read."""
    mine = (delivery.c.child == child_id) & delivery.c.wrapped_key.is_not(None)
    if only is not None:
        mine &= delivery.c.resource.in_(sorted(only))
    query = select(delivery.c.id).where(mine).order_by(delivery.c.id).with_for_update()
    ids = tx.execute(query).scalars().all()
    destroy_keys(tx, ids, at=at)
    return len(ids)


def name_one_by_one(tx: Transaction, child_id: UUID) -> None:
    """Let earlier notices name their messages themselves, and no more by the decision that goes.

    They are sealed again when a broker lost them.
    """
    tx.execute(_NAME_ONE_BY_ONE, {"child": child_id})


def empty_messages(tx: Transaction, child_id: UUID) -> None:
    """Keep of messages only who got one and when; what waited to go out goes nowhere."""
    empty = {"resource": None, "version": None, "route": None}
    nothing: dict[str, object] = {
        "consents": [],
        "purpose": None,
        "effect": None,
        "message_key": None,
    }
    mine = delivery.c.child == child_id
    tx.execute(update(delivery).where(mine).values(**empty, **nothing))
    tx.execute(_UNSENT, {"child": child_id})
    mine = outbox.c.child == child_id
    tx.execute(update(outbox).where(mine).values(**empty, consent=None))


_NAME_ONE_BY_ONE = text("""
update delivery d set notice = n.outbox
  from delivery n join partner p on p.id = n.partner
 where d.child = :child and d.state = 'released' and d.kind = 'updated' and d.notice is null
   and n.child = :child and (n.partner = d.partner or d.partner = any(p.predecessors))
   and n.kind = 'withdrawn' and n.state in ('sealed', 'sent')
""")
_UNSENT = text("""
delete from outbox o where o.child = :child
   and not exists (select from delivery d where d.outbox = o.id or d.notice = o.id)
   and not exists (select from corrected c where c.notice = o.id)
""")


def people_of(tx: Transaction, child_id: UUID) -> tuple[UUID, ...]:
    """Return everybody who was family, decided or was told something about a child."""
    return tuple(sorted(tx.execute(_PEOPLE, {"child": child_id}).scalars()))


def names_of(tx: Transaction, child_id: UUID) -> frozenset[bytes]:
    """Return the names of a child's statements and of what they lie under, and of nobody else's."""
    names = sorted(bytes(one) for one in tx.execute(_NAMES, {"child": child_id}).scalars())
    found = tx.execute(_OWN_NAMES, {"child": child_id, "names": names}).scalars()
    return frozenset(bytes(one) for one in found)


def destroy_key(tx: Transaction, child_id: UUID, *, at: datetime) -> None:
    """Destroy the data key; a shell stays, to which lines of the log and notices lead."""
    mine = update(child).where(child.c.id == child_id)
    tx.execute(mine.values(wrapped_key=None, facts=b"", known_since=at))


def delete_rows(tx: Transaction, child_id: UUID, names: Iterable[bytes]) -> None:
    """Delete everything that is kept of a child beside its messages."""
    for statement in _GONE:
        tx.execute(text(statement), {"child": child_id})
    for statement in _BY_NAME:
        tx.execute(text(statement), {"names": sorted(names)})


def forget_people(tx: Transaction, people: Sequence[UUID]) -> None:
    """Forget who is known by nothing any more; who has another child here stays."""
    unused: ColumnElement[bool] = person.c.id.in_(people)
    for table in metadata.tables.values():
        for column in table.columns:
            if any(one.column is person.c.id for one in column.foreign_keys):
                unused &= ~select(column).where(column == person.c.id).exists()
    tx.execute(delete(person).where(unused))


def candidate_of_open_match(tx: Transaction, child_id: UUID) -> bool:
    """Whether a person must still say if some record is about this child."""
    query = text("""
    select exists (select from review_item
                    where state = 'open' and kind in ('identity_match', 'number_of_two_children')
                      and :child = any(candidates))
    """)
    return bool(tx.execute(query, {"child": child_id}).scalar())


def accepted_before(tx: Transaction, at: datetime) -> bool:
    """Whether a record that came in before an instant still waits to be stored."""
    query = text("""
    select exists (select from receipt where status = 'accepted' and received_at <= :at)
    """)
    return bool(tx.execute(query, {"at": at}).scalar())
