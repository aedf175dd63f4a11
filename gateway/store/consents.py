"""What families decided: one row per decision, kept for ever, withdrawn at most once.

A grant names its classes, purpose, service and last day; in the other decisions None means any.
Every act on a decision also leaves an event, which is never changed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import consent_event
from gateway.store.partners import find as find_partner
from gateway.store.partners import heirs, successor
from gateway.store.tables import consent, partner

# `until` includes its whole day in Flanders; a day of slack here is narrowed by the decision.
# Built once: building a statement costs more processor time than sending it.
_GRANTED = (
    select(consent.c.partner, partner.c.merged_into)
    .where(
        consent.c.partner == partner.c.id,
        consent.c.child == bindparam("of"),
        consent.c.effect == "grant",
        consent.c.withdrawn_at.is_(None),
        consent.c.superseded_at.is_(None),
        consent.c.contested_at.is_(None),
        consent.c.ended_at.is_(None),
        consent.c.until >= func.date(bindparam("at", type_=DateTime(timezone=True))) - 1,
    )
    .distinct()
)
_BEFORE = select(partner.c.predecessors).where(partner.c.id == bindparam("to")).scalar_subquery()
_PURPOSES = (
    select(consent.c.child, consent.c.purpose)
    .where(
        consent.c.child == any_(bindparam("of_any", type_=ARRAY(Uuid))),
        (consent.c.partner == bindparam("to"))
        | (consent.c.partner == any_(cast(_BEFORE, ARRAY(Text)))),
        consent.c.effect == "grant",
    )
    .distinct()
)
# The shortest time that the database tells apart.
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A family's decision with the exact wording that was agreed to."""

    id: UUID
    child: UUID
    person: UUID
    effect: str
    classes: tuple[str, ...] | None
    purpose: str | None
    partner: str | None
    since: datetime
    until: date | None
    wording_id: str
    wording_version: str
    wording_language: str
    wording_sha256: bytes
    channel: str
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    giver: str = "parent"
    sources: tuple[str, ...] | None = None
    assisted_by: str | None = None
    rules_version: str | None = None
    supersedes: UUID | None = None
    superseded_at: datetime | None = None
    contested_at: datetime | None = None
    ended_at: datetime | None = None

    def covers(self, data_class: str) -> bool:
        """Whether the decision names this class, or any."""
        return self.classes is None or data_class in self.classes


def insert(tx: Transaction, row: ConsentRow) -> None:
    """Store a decision."""
    values = {name: getattr(row, name) for name in ConsentRow.__dataclass_fields__}
    lists = {name: _list(values[name]) for name in ("classes", "sources")}
    tx.execute(consent.insert().values({**values, **lists}))


def find(tx: Transaction, consent_id: UUID) -> ConsentRow | None:
    """Return one decision, or None."""
    row = tx.execute(select(consent).where(consent.c.id == consent_id)).first()
    return _row(row) if row else None


def of_child(tx: Transaction, child_id: UUID) -> tuple[ConsentRow, ...]:
    """Return every decision about a child, oldest first."""
    query = select(consent).where(consent.c.child == child_id)
    return tuple(_row(row) for row in tx.execute(query.order_by(consent.c.since, consent.c.id)))


def record_event(
    tx: Transaction, consent_id: UUID, act: str, *, actor: str, channel: str, at: datetime
) -> None:
    """Add what was done with a decision to its history."""
    values = {"consent": consent_id, "act": act, "actor": actor, "channel": channel, "at": at}
    tx.execute(consent_event.insert().values(**values))


def withdraw(tx: Transaction, consent_id: UUID, *, by: UUID | None, at: datetime) -> bool:
    """End a decision now; False when it had ended before. `by` is None for an annulment."""
    running = _running(consent_id)
    return _update(tx, running, {"withdrawn_at": at, "withdrawn_by": by})


def supersede(tx: Transaction, consent_id: UUID, *, narrowed: bool, at: datetime) -> bool:
    """Let a newer grant of the same person stand in its place; False when it had ended before.

    What a narrower one leaves out goes on speaking as a no, as after a withdrawal: else silence
    there might let the other parent speak for both. A moment earlier, because the newer grant
    lifts that no for what it names, and at equal time a no wins.
    """
    stopped = {"withdrawn_at": at - _MOMENT} if narrowed else {}
    return _update(tx, _running(consent_id), {"superseded_at": at, **stopped})


def contest(tx: Transaction, consent_id: UUID, *, at: datetime) -> bool:
    """Let a grant carry nothing until it is settled; False when that was so already."""
    open_now = _running(consent_id) & consent.c.contested_at.is_(None)
    return _update(tx, open_now, {"contested_at": at})


def uphold(tx: Transaction, consent_id: UUID) -> bool:
    """Let a contested grant count again; False when none waits."""
    waits = _running(consent_id) & consent.c.contested_at.is_not(None)
    return _update(tx, waits, {"contested_at": None})


def contested(tx: Transaction) -> tuple[ConsentRow, ...]:
    """Return the grants that wait to be settled, longest first."""
    waits = consent.c.contested_at.is_not(None) & consent.c.withdrawn_at.is_(None)
    query = select(consent).where(waits, consent.c.superseded_at.is_(None))
    running = query.where(consent.c.ended_at.is_(None))
    return tuple(_row(row) for row in tx.execute(running.order_by(consent.c.contested_at)))


def replaced_by(tx: Transaction, row: ConsentRow, *, today: date) -> tuple[ConsentRow, ...]:
    """Return the running grants of the same person to the same service and purpose, oldest first.

    Those to a service that merged into it too: they reach the successor. Contested ones too: the
    caller decides what a new grant may do to them.
    """
    known = find_partner(tx, row.partner or "")
    names = {row.partner, *(known.predecessors if known else ())}
    return tuple(
        one
        for one in of_child(tx, row.child)
        if (one.person, one.effect, one.purpose) == (row.person, "grant", row.purpose)
        if one.partner in names
        if one.withdrawn_at is None and one.superseded_at is None and one.ended_at is None
        if one.id != row.id
        if one.until is not None and one.until >= today
    )


def stopped_part(tx: Transaction, consent_id: UUID) -> ConsentRow | None:
    """Return a stopped decision as far as nothing took its place."""
    row = find(tx, consent_id)
    if row is None:
        return None
    left = row.classes
    if row.superseded_at is not None:
        newer = {name for one in _successors(tx, row) for name in one.classes or ()}
        left = tuple(name for name in row.classes or () if name not in newer)
    return replace(row, classes=left)


def _successors(tx: Transaction, row: ConsentRow) -> tuple[ConsentRow, ...]:
    # The newer grant began when it took the place of the earlier ones; `supersedes` names one.
    # It may name the service into which that of the earlier ones merged.
    to = consent.c.partner.in_(heirs(tx, row.partner or ""))
    same = (consent.c.person == row.person) & to
    query = select(consent).where(
        consent.c.child == row.child,
        same,
        consent.c.effect == "grant",
        consent.c.purpose == row.purpose,
        consent.c.since == row.superseded_at,
    )
    return tuple(_row(one) for one in tx.execute(query))


def _running(consent_id: UUID) -> ColumnElement[bool]:
    ended = consent.c.withdrawn_at.is_(None) & consent.c.superseded_at.is_(None)
    return (consent.c.id == consent_id) & ended


def _update(tx: Transaction, rows: ColumnElement[bool], values: dict[str, object]) -> bool:
    return tx.execute(update(consent).where(rows).values(**values)).rowcount == 1


def partners_granted(tx: Transaction, child_id: UUID, *, at: datetime) -> frozenset[str]:
    """Return the services to which some grant about this child runs."""
    # A grant to a service that merged may go on to its successor; the decision asks for more.
    return frozenset(
        successor(tx, into) if into else name
        for name, into in tx.execute(_GRANTED, {"of": child_id, "at": at})
    )


def purposes_granted(tx: Transaction, child_id: UUID, partner_id: str) -> tuple[str, ...]:
    """Return the purposes for which a family ever granted a service something, `care` first."""
    return purposes_for_each(tx, [child_id], partner_id).get(child_id, ())


def purposes_for_each(
    tx: Transaction, of_children: Sequence[UUID], partner_id: str
) -> Mapping[UUID, tuple[str, ...]]:
    """Return the same for several children; a child without any is left out."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in tx.execute(_PURPOSES, {"of_any": list(of_children), "to": partner_id}):
        found[row.child].append(row.purpose)
    return {
        one: tuple(sorted(names, key=lambda name: (name != "care", name)))
        for one, names in found.items()
    }


def _row(row: AnyRow) -> ConsentRow:
    values = row._asdict()
    lists = {name: _tuple(values[name]) for name in ("classes", "sources")}
    return ConsentRow(**{**values, **lists})


def _list(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
