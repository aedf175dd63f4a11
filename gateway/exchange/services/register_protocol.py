"""An operator's register of protocols: which flow between two services is agreed, and until when.

Until the register is in force every flow counts as covered. Once it is, a flow without a protocol
is denied (rule G2), and nothing brings back the time before (decision 0022).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid4

from gateway.clock import brussels_date
from gateway.errors import InvalidRequest
from gateway.exchange.hub import Hub
from gateway.exchange.services.carry_out_protocols import Carried, carry_out_protocols
from gateway.exchange.services.protocol_line import ended_line, protocol_line
from gateway.store import access_log, partners, protocols
from gateway.store.engine import Transaction, transaction
from gateway.store.protocols import Flow, Protocol

LONGEST_REFERENCE: Final = 500
_OPERATOR: Final = "operator"
_SEE = "see `deelregie partner protocol list`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What an operator says about a protocol; both days are included, and may be left out."""

    source: str
    to: str
    reference: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforced:
    """Since when the register is in force; None when it is not, because flows would stop."""

    in_force_since: datetime | None
    uncovered: tuple[Flow, ...] = ()
    carried: Carried = field(default_factory=Carried)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All protocols, and the flows in use that none of them covers."""

    in_force_since: datetime | None
    protocols: tuple[Protocol, ...]
    uncovered: tuple[Flow, ...]


def add_protocol(hub: Hub, agreed: Agreed, *, at: datetime) -> Carried:
    """Register a protocol, and queue what it lets go; raise `InvalidRequest` with the remedy."""
    today = brussels_date(at)
    _check(agreed, today)
    # An end that nobody carried out yet: what was unread then stays unreadable whatever comes next.
    carry_out_protocols(hub, at=at)
    flow = Flow(agreed.source, agreed.to)
    with transaction(hub.engine) as tx:
        _check_services(tx, flow)
        protocols.hold(tx)
        _check_free(tx, flow, agreed, today)
        new = Protocol(
            id=uuid4(),
            from_service=flow.source,
            to_service=flow.to,
            since=agreed.since,
            until=agreed.until,
            reference=agreed.reference,
            registered_by=_OPERATOR,
            registered_at=at,
        )
        protocols.insert(tx, new)
        access_log.append(tx, protocol_line("protocol_registered", new, actor=_OPERATOR, at=at))
    return carry_out_protocols(hub, at=at)


def end_protocol(hub: Hub, source: str, to: str, *, on: date | None, at: datetime) -> Carried:
    """End what covers a flow: at once, or after a day; raise `InvalidRequest` with the remedy.

    What was registered for later does not begin. At once, the keys of what was not opened are
    destroyed for every child before this returns.
    """
    today = brussels_date(at)
    if on is not None and on < today:
        raise InvalidRequest("use today or a later day; without --on it ends at once", where="on")
    carry_out_protocols(hub, at=at)
    with transaction(hub.engine) as tx:
        register = protocols.hold(tx)
        found = protocols.of_flow(tx, Flow(source, to))
        if not found:
            message = f"no protocol runs from {source} to {to}; {_SEE}"
            raise InvalidRequest(message, where="from")
        if on is None:
            _end(tx, found, settled=register.in_force_at is None, at=at)
        else:
            _end_on(tx, found, on, at=at)
    return carry_out_protocols(hub, at=at)


def enforce_protocols(hub: Hub, *, stop_uncovered: bool, at: datetime) -> Enforced:
    """Put the register in force, for good.

    Without `stop_uncovered` nothing changes while flows in use have no protocol: they are returned.
    """
    with transaction(hub.engine) as tx:
        since = protocols.hold(tx).in_force_at
        uncovered = _uncovered(tx, brussels_date(at)) if since is None else ()
        if uncovered and not stop_uncovered:
            return Enforced(in_force_since=None, uncovered=uncovered)
        if since is None:
            protocols.put_in_force(tx, at=at)
            entry = access_log.Entry(
                at=at, act="protocols_enforced", actor=_OPERATOR, outcome="done"
            )
            access_log.append(tx, entry)
    carried = carry_out_protocols(hub, at=at)
    return Enforced(in_force_since=since or at, uncovered=uncovered, carried=carried)


def read_register(hub: Hub, *, at: datetime) -> Register:
    """Return the protocols, and the flows that families granted or keys hang on without one."""
    with transaction(hub.engine) as tx:
        return Register(
            in_force_since=protocols.in_force_since(tx),
            protocols=protocols.everyone(tx),
            uncovered=_uncovered(tx, brussels_date(at)),
        )


def _uncovered(tx: Transaction, today: date) -> tuple[Flow, ...]:
    covered = {one.flow for one in protocols.everyone(tx) if one.covers(today)}
    return tuple(sorted(protocols.flows(tx, today=today) - covered))


def _end(tx: Transaction, found: Collection[Protocol], *, settled: bool, at: datetime) -> None:
    protocols.end(tx, [one.id for one in found], settled=settled, at=at)
    access_log.append(tx, *(ended_line(one, actor=_OPERATOR, at=at) for one in found))


def _end_on(tx: Transaction, found: Collection[Protocol], on: date, *, at: datetime) -> None:
    planned = tuple(one for one in found if one.since is not None and one.since > on)
    running = [one for one in found if one not in planned and (one.until is None or one.until > on)]
    if not planned and not running:
        last = max(one.until for one in found if one.until is not None)
        raise InvalidRequest(f"it ends on {last} already; name an earlier day", where="on")
    # What never began leaves nothing behind.
    _end(tx, planned, settled=True, at=at)
    for one in running:
        protocols.end_on(tx, one.id, on)
        line = protocol_line("protocol_end_planned", one, actor=_OPERATOR, at=at)
        access_log.append(tx, line)


def _check(agreed: Agreed, today: date) -> None:
    if agreed.source == agreed.to:
        message = "within one service no protocol is needed; name two services"
        raise InvalidRequest(message, where="to")
    if agreed.until is not None and agreed.until < today:
        raise InvalidRequest("this last day has passed; name today or a later day", where="until")
    if agreed.since and agreed.until and agreed.since > agreed.until:
        raise InvalidRequest("the first day comes after the last; swap them", where="since")
    text = agreed.reference
    if not text.strip() or len(text) > LONGEST_REFERENCE or not text.isprintable():
        message = f"give its address or number, of {LONGEST_REFERENCE} characters at most"
        raise InvalidRequest(message, where="reference")


def _check_services(tx: Transaction, flow: Flow) -> None:
    where = {flow.source: "from", flow.to: "to"}
    for name in sorted(where):
        known = partners.hold(tx, name)
        if known is None:
            message = f"no service is called {name}; see `deelregie partner list`"
            raise InvalidRequest(message, where=where[name])
        if known.over:
            into = f" into {known.merged_into}; name that one" if known.merged_into else ""
            message = f"{name} is {known.status}{into}; see `deelregie partner list`"
            raise InvalidRequest(message, where=where[name])


def _check_free(tx: Transaction, flow: Flow, agreed: Agreed, today: date) -> None:
    left = (*protocols.to_settle(tx), *protocols.passed(tx, today))
    if protocols.needs_settling(tx) or any(one.flow == flow for one in left):
        message = (
            "an earlier end of this flow is not carried out yet; run `deelregie calendar` first"
        )
        raise InvalidRequest(message, where="from")
    for one in protocols.of_flow(tx, flow):
        if _overlap(one, agreed):
            message = f"{one.reference} covers this flow {_period(one)}; {_remedy(one)}"
            raise InvalidRequest(message, where="since")


def _overlap(one: Protocol, agreed: Agreed) -> bool:
    before = one.until is not None and agreed.since is not None and one.until < agreed.since
    after = one.since is not None and agreed.until is not None and agreed.until < one.since
    return not before and not after


def _period(one: Protocol) -> str:
    since = f"from {one.since} " if one.since else ""
    return f"{since}until {one.until}" if one.until else f"{since}without a last day"


def _remedy(one: Protocol) -> str:
    if one.until is None:
        return f"end that one first, with `deelregie partner protocol end`, or {_SEE}"
    return f"let the new one begin on {one.until + timedelta(days=1)}, or end that one first"
