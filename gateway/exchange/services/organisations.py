"""Services that merge, split or close, and what becomes of what families granted them.

The first transaction changes the service: from then on the engine lets nothing go to it or come
from it. Its children follow one by one, each under its lock; what broke off is taken up by the
same command or by the calendar (rules of sharing, section 8).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from gateway.clock import brussels_date
from gateway.errors import InvalidRequest, SourceUnavailable
from gateway.exchange.families.end_consents import GRANT, ORGANISATION, end_decisions
from gateway.exchange.families.whom_to_tell import family_of
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes.end_routes import close_routes
from gateway.exchange.services.take_over import (
    children_overtaken,
    hand_over_memory,
    lock_successor,
    take_over,
)
from gateway.exchange.succession import same_mission
from gateway.observability import Event, warn
from gateway.store import (
    access_log,
    calendar,
    children,
    notices,
    partners,
    stopping,
    succession,
)
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction
from gateway.store.notices import Notice
from gateway.store.partners import ACTIVE, Partner

Told: TypeAlias = Callable[[], bool]
_TRIES: Final = 20
_SEE = "see `deelregie partner list`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reorganised:
    """What was done: for how many children, and whether the grants went along.

    When some child failed it is not settled: the calendar takes it up again.
    """

    partner: str
    status: str
    into: str | None = None
    grants_follow: bool = False
    settled: bool = True
    children: int = 0
    consents_ended: int = 0
    failed: int = 0


def merge_partner(hub: Hub, old: str, into: str, *, at: datetime) -> Reorganised:
    """Let a service go on in another; raise `InvalidRequest` naming the argument and the remedy.

    Grants, care and statements follow a service of the same mission and regime; into another they
    end. Said again, it finishes what broke off.
    """
    with transaction(hub.engine) as tx:
        known = partners.lock(tx, old, into)
        _check_merger(known, old, into)
        _check_settled(tx, old, "old")
        if not known[old].over:
            partners.end(tx, old, into=into, at=at)
            access_log.append(tx, _line("partner_merged", old, at=at, into=(into,)))
        if same_mission(known[old], known[into]):
            hand_over_memory(tx, hub, old, into)
    return _finish(hub, old, at=at)


def close_partner(hub: Hub, partner: str, *, at: datetime) -> Reorganised:
    """Close a service and end what was granted to it; raise `InvalidRequest` with the remedy."""
    with transaction(hub.engine) as tx:
        known = partners.lock(tx, partner)
        _check_closing(known, partner)
        _check_settled(tx, partner, "partner")
        if not known[partner].over:
            partners.end(tx, partner, into=None, at=at)
            access_log.append(tx, _line("partner_closed", partner, at=at))
    return _finish(hub, partner, at=at)


def split_partner(
    hub: Hub, source: str, new: Sequence[str], *, close_source: bool, at: datetime
) -> Reorganised:
    """Record that units went on beside a service: nothing follows them, each asks the family anew.

    Its grants stay where its care relation is, and end where it has none. Raise `InvalidRequest`
    with the remedy.
    """
    with transaction(hub.engine) as tx:
        known = partners.lock(tx, source, *new)
        _check_split(known, source, new)
        if close_source:
            _check_settled(tx, source, "source")
        access_log.append(tx, _line("partner_split", source, at=at, into=tuple(new)))
    if close_source:
        return close_partner(hub, source, at=at)
    ended = _end_without_care(hub, source, at=at)
    return Reorganised(
        partner=source,
        status=ACTIVE,
        children=ended["children"],
        consents_ended=ended["consents_ended"],
    )


def finish_organisations(hub: Hub, *, at: datetime, told: Told) -> Counter[str]:
    """Carry out what mergers and closures left behind; return how many services are settled."""
    with transaction(hub.engine) as tx:
        waiting = partners.unsettled(tx)
    kept: Counter[str] = Counter()
    for partner in waiting:
        done = _finish(hub, partner, at=at, told=told)
        kept["organisations_settled"] += done.settled
        kept["consents_ended"] += done.consents_ended
        kept["failed"] += done.failed
    return kept


def _finish(hub: Hub, partner: str, *, at: datetime, told: Told = lambda: False) -> Reorganised:
    """Carry a merger or closure out for every child; children done before change no more."""
    with transaction(hub.engine) as tx:
        old = _known(tx, partner)
        into = _known(tx, old.merged_into) if old.merged_into else None
        names = (old.id, *old.predecessors)
        waiting = set(succession.children_with(tx, old.id, names, at=at))
        if into is not None and same_mission(old, into):
            waiting |= set(children_overtaken(tx, old, into.id))
    done: Counter[str] = Counter()
    for child in sorted(waiting):
        if told():
            break
        done += _one(hub, child, old, into, at=at)
    if into is not None:
        # Of whatever mission: with the service went the copies that it must remove.
        with transaction(hub.engine) as tx:
            succession.move_notices(tx, old.id, partners.successor(tx, into.id))
    settled = not done["failed"] and not told()
    if settled:
        with transaction(hub.engine) as tx:
            partners.settle(tx, old.id, at=at)
    return Reorganised(
        partner=old.id,
        status=old.status,
        into=into.id if into else None,
        grants_follow=into is not None and same_mission(old, into),
        settled=settled,
        children=done["children"],
        consents_ended=done["consents_ended"],
        failed=done["failed"],
    )


def _one(
    hub: Hub, child: UUID, old: Partner, into: Partner | None, *, at: datetime
) -> Counter[str]:
    try:
        for _ in range(_TRIES):
            with transaction(hub.engine) as tx:
                if into is not None and same_mission(old, into):
                    lock_successor(tx, old.id, into.id)
                # A relay holds rows of the outbox and then waits for the child; so does an erasure.
                succession.lock_waiting(tx, child, old.id)
                children.lock(tx, child)
                if succession.waiting_is_ours(tx, child, old.id):
                    return _carry_out(tx, hub, child, old, into, at=at)
        warn(Event.CALENDAR_FAILED, error="Busy")
        return Counter(failed=1)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one child: the others are not to wait
        warn(Event.CALENDAR_FAILED, error=type(error).__name__)
        return Counter(failed=1)


def _carry_out(
    tx: Transaction, hub: Hub, child: UUID, old: Partner, into: Partner | None, *, at: datetime
) -> Counter[str]:
    granted = _granted(tx, child, (old.id, *old.predecessors))
    _tell_family(tx, hub, child, old, granted, at=at)
    if into is not None and same_mission(old, into):
        return take_over(tx, hub, child, old, into.id, at=at)
    ended = succession.end_routes(tx, child, old.id, at=at)
    keys = close_routes(tx, child, ended, at=at)
    cared = succession.end_care(tx, child, old.id, at=at)
    day = brussels_date(old.ended_at or at)
    end_decisions(tx, [(one, day) for one in granted], channel=ORGANISATION, at=at)
    keys += stopping.destroy_of_partner(tx, child, old.id, at=at)
    changed = cared or bool(granted) or keys > 0
    return Counter(children=int(changed), consents_ended=len(granted))


def _granted(tx: Transaction, child: UUID, names: Sequence[str]) -> tuple[ConsentRow, ...]:
    return tuple(
        one for one in calendar.running(tx, child) if one.effect == GRANT and one.partner in names
    )


def _tell_family(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    old: Partner,
    granted: Sequence[ConsentRow],
    *,
    at: datetime,
) -> None:
    """Tell who decides for the child, and who granted something, once for each event."""
    cared = succession.has_care(tx, child, old.id, at=at)
    family = family_of(tx, hub, child, at=at)
    if family is None or not (granted or cared):
        return
    kind = notices.SERVICE_MERGED if old.merged_into else notices.SERVICE_CLOSED
    people = family.right_holders | {one.person for one in granted}
    told = [
        Notice(
            child=child,
            person=person,
            kind=kind,
            subject=old.id,
            day=brussels_date(old.ended_at or at),
            release_at=at,
        )
        for person in sorted(people)
    ]
    notices.notify(tx, told, at=at)


def _end_without_care(hub: Hub, source: str, *, at: datetime) -> Counter[str]:
    with transaction(hub.engine) as tx:
        waiting = succession.children_with(tx, source, (source,), at=at)
    done: Counter[str] = Counter()
    for child in waiting:
        with transaction(hub.engine) as tx:
            children.lock(tx, child)
            granted = _granted(tx, child, (source,))
            if granted and not succession.has_care(tx, child, source, at=at):
                over = [(one, brussels_date(at)) for one in granted]
                end_decisions(tx, over, channel=ORGANISATION, at=at)
                stopping.destroy_of_partner(tx, child, source, at=at)
                done += Counter(children=1, consents_ended=len(granted))
    return done


def _check_merger(known: dict[str, Partner], old: str, into: str) -> None:
    if old == into:
        raise InvalidRequest("a service cannot merge into itself; name two services", where="into")
    _check_known(known, old, "old")
    _check_known(known, into, "into")
    if known[old].merged_into == into and known[old].settled_at is None:
        return
    _check_running(known[old], "old")
    if known[into].merged_into == old or into in known[old].predecessors:
        raise InvalidRequest(f"{into} merged into {old} before; name another one", where="into")
    if known[into].status != ACTIVE:
        message = f"{into} is {known[into].status}; name an active service, {_SEE}"
        raise InvalidRequest(message, where="into")


def _check_closing(known: dict[str, Partner], partner: str) -> None:
    _check_known(known, partner, "partner")
    if known[partner].status == "closed" and known[partner].settled_at is None:
        return
    _check_running(known[partner], "partner")


def _check_settled(tx: Transaction, partner: str, where: str) -> None:
    """What still comes from a service that merged into this one would be stranded here."""
    coming = partners.unsettled_into(tx, partner)
    if coming:
        message = (
            f"{', '.join(coming)} merged into {partner} and that is not carried out yet;"
            " run `deelregie calendar`, then again"
        )
        raise InvalidRequest(message, where=where)


def _check_split(known: dict[str, Partner], source: str, new: Sequence[str]) -> None:
    _check_known(known, source, "source")
    _check_running(known[source], "source")
    if source in new or len(set(new)) != len(new):
        raise InvalidRequest("name each new unit once, and not the service itself", where="new")
    for one in new:
        _check_known(known, one, "new")
        if known[one].status != ACTIVE:
            message = f"{one} is {known[one].status}; name an active service, {_SEE}"
            raise InvalidRequest(message, where="new")


def _check_known(known: dict[str, Partner], partner: str, where: str) -> None:
    if partner not in known:
        message = f"no service is called {partner}; {_SEE}, or register it with `partner add`"
        raise InvalidRequest(message, where=where)


def _check_running(partner: Partner, where: str) -> None:
    if partner.over:
        into = f" into {partner.merged_into}" if partner.merged_into else ""
        message = f"{partner.id} is {partner.status}{into} already; {_SEE}"
        raise InvalidRequest(message, where=where)


def _known(tx: Transaction, partner: str) -> Partner:
    found = partners.find(tx, partner)
    assert found is not None
    return found


def _line(act: str, partner: str, *, at: datetime, into: Sequence[str] = ()) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=act,
        actor="operator",
        partner=partner,
        outcome="done",
        resources=tuple(f"to/{one}" for one in into),
    )
