"""Every decision about a child that somebody of the family may know of, and its state."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from consent.lifecycle import SELF, Recorded, State, state_of
from gateway.exchange.families.family import Member, member_of, own_children
from gateway.exchange.hub import Hub
from gateway.exchange.wording import changed_in_substance
from gateway.identity.callers import PersonCaller
from gateway.store import consents, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction

_ENDED = frozenset({State.WITHDRAWN, State.SUPERSEDED, State.EXPIRED})
_COUNTS = frozenset({State.ACTIVE, State.RECONFIRM_DUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """One decision as somebody of the family may see it; None means any."""

    id: str
    child: str
    effect: str
    giver: str
    mine: bool
    state: State
    classes: frozenset[str] | None
    purpose: str | None
    partner: str | None
    partner_name: str | None
    sources: frozenset[str] | None
    since: datetime
    until: date | None
    withdrawn: datetime | None
    assisted_by: str | None
    wording_id: str
    wording_version: str
    wording_language: str
    can: frozenset[str]
    """The acts that are open to who sees this: withdraw, reconfirm, contest."""


def decisions_of(
    hub: Hub, person: PersonCaller, child: str | None, *, at: datetime
) -> tuple[DecisionView, ...] | None:
    """Return the decisions about one own child, or about all; None when that child is not."""
    who = UUID(person.person)
    with transaction(hub.engine) as tx:
        own = own_children(tx, hub, who, at=at)
        wanted = [one for one in own if child in {None, str(one)}]
        if child is not None and not wanted:
            return None
        found = [view for one in wanted for view in decisions_about(tx, hub, one, who, at=at)]
    return tuple(found)


def decisions_about(
    tx: Transaction, hub: Hub, child: UUID, person: UUID, *, at: datetime
) -> tuple[DecisionView, ...]:
    """Return what this viewer may know, newest first; nothing for who has no say.

    The child sees every decision about itself. Nobody else sees what the child decided, nor that
    it took a decision over: for others an own decision of the child looks like none.
    """
    member = member_of(tx, hub, child, person, at=at)
    if member is None:
        return ()
    rows = consents.of_child(tx, child)
    names = {one.id: one.name for one in partners.everyone(tx)}
    views = (_view(one, member, names, at=at) for one in visible(rows, member))
    return tuple(sorted(views, key=lambda view: (view.since, view.id), reverse=True))


def visible(rows: Sequence[ConsentRow], member: Member) -> Iterator[ConsentRow]:
    """Yield the decisions that a member of the family may know of, as that member knows them.

    Who does not decide, or not surely, knows of the own decisions only. For the child, its own
    grant stands in the place of its parents' to the same service and purpose; that is not written
    on theirs, where they would read it.
    """
    if member.giver != SELF:
        known = (one for one in rows if member.may_know or one.person == member.person)
        yield from (one for one in known if one.giver != SELF)
        return
    own = [one for one in rows if one.giver == SELF and one.effect == "grant"]
    for one in rows:
        later = (mine.since for mine in own if _in_place_of(mine, one))
        yield replace(one, superseded_at=one.superseded_at or min(later, default=None))


def _in_place_of(mine: ConsentRow, one: ConsentRow) -> bool:
    same = (mine.effect, mine.partner, mine.purpose) == (one.effect, one.partner, one.purpose)
    return one.giver != SELF and same and mine.since >= one.since


def state_of_row(row: ConsentRow, member: Member, *, at: datetime) -> State:
    """Return the state of a stored decision."""
    recorded = Recorded(
        effect=row.effect,
        giver=row.giver,
        since=row.since,
        until=row.until,
        withdrawn_at=row.withdrawn_at,
        superseded_at=row.superseded_at,
        contested_at=row.contested_at,
        ended_at=row.ended_at,
        text_changed=changed_in_substance(row.wording_id, row.wording_version),
    )
    return state_of(recorded, member.facts.child, at=at)


def acts_open(row: ConsentRow, member: Member, state: State) -> frozenset[str]:
    """Return what this member of the family may do with a decision it sees."""
    mine = row.person == member.person
    grant = row.effect == "grant" and state in _COUNTS
    # A parent's yes is taken over by the child that decides; an own yes only when its text changed.
    renewable = state is State.RECONFIRM_DUE and member.decides and (mine or member.giver == SELF)
    found = {
        "withdraw": mine and state not in _ENDED,
        "reconfirm": grant and renewable,
        # Not the child its parents' yes: they would read there what it thinks. It can say no.
        "contest": grant and (mine or (member.decides and member.giver != SELF)),
    }
    return frozenset(name for name, is_open in found.items() if is_open)


def _view(
    row: ConsentRow, member: Member, names: Mapping[str, str], *, at: datetime
) -> DecisionView:
    state = state_of_row(row, member, at=at)
    return DecisionView(
        id=str(row.id),
        child=str(row.child),
        effect=row.effect,
        giver=row.giver,
        mine=row.person == member.person,
        state=state,
        classes=None if row.classes is None else frozenset(row.classes),
        purpose=row.purpose,
        partner=row.partner,
        partner_name=names.get(row.partner or ""),
        sources=None if row.sources is None else frozenset(row.sources),
        since=row.since,
        until=row.until,
        withdrawn=row.withdrawn_at if state is State.WITHDRAWN else None,
        assisted_by=row.assisted_by,
        wording_id=row.wording_id,
        wording_version=row.wording_version,
        wording_language=row.wording_language,
        can=acts_open(row, member, state),
    )
