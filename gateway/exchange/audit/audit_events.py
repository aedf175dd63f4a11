"""Lines of the access log, to be read as FHIR AuditEvents, by who may see them today.

Nothing is decided here: auditors find what their search finds, and a family what its page of who
looked shows. What they see of it is the same too, so that this is no second door to the log.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from gateway.exchange.audit.log_key import log_key
from gateway.exchange.audit.search_log import LogLine, LogQuery, found_lines, line_of
from gateway.exchange.families.family import own_children
from gateway.exchange.family_views.family_view import LookView, who_looked
from gateway.exchange.hub import Hub
from gateway.fhir.audit_event import HUB, AuditLine, Leaf, Party
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.store import log_tree
from gateway.store.engine import Transaction, transaction
from gateway.store.log_tree import Line
from gateway.transparency.leaf import leaf_bytes, stored_commitment

_DENIED: Final = "denied"
_CHILD_DIGITS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Lines, newest first, and whether more follow."""

    lines: tuple[AuditLine, ...]
    more: bool


def auditors_page(hub: Hub, auditor: AuditorCaller, query: LogQuery, *, at: datetime) -> AuditPage:
    """Return a page of the log; the search is a line of the log, as that of `search_log` is."""
    with transaction(hub.engine) as tx:
        rows, more = found_lines(tx, hub, auditor, query, at=at)
        leaves = _leaves(tx, hub, rows)
    lines = tuple(_as_auditors_see_it(hub, row, leaves.get(row["id"])) for row in rows)
    return AuditPage(lines=lines, more=more)


def auditors_line(
    hub: Hub, auditor: AuditorCaller, number: int, *, at: datetime
) -> AuditLine | None:
    """Return one line by its number; that it was looked for is logged as a search."""
    query = LogQuery(after=number + 1, limit=1)
    found = auditors_page(hub, auditor, query, at=at).lines
    return next((one for one in found if one.id == str(number)), None)


def familys_lines(
    hub: Hub, person: PersonCaller, child: str | None = None, *, at: datetime
) -> tuple[AuditLine, ...]:
    """Return who looked at one own child, or at all of them, newest first.

    As many as the page of who looked shows; that it was viewed is logged for each child.
    """
    with transaction(hub.engine) as tx:
        own = [str(one) for one in own_children(tx, hub, UUID(person.person), at=at)]
    lines = [
        _as_the_family_sees_it(one, look)
        for one in own
        if child in {None, one}
        for look in who_looked(hub, person, one, at=at)
    ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


def familys_line(hub: Hub, person: PersonCaller, name: str, *, at: datetime) -> AuditLine | None:
    """Return one line of who looked by its id; absent, not yours and not for you are the same."""
    try:
        child = UUID(name[:_CHILD_DIGITS])
    except ValueError:
        return None
    found = familys_lines(hub, person, str(child), at=at)
    return next((one for one in found if one.id == name), None)


def _leaves(tx: Transaction, hub: Hub, rows: Iterable[RowMapping]) -> Mapping[int, Leaf]:
    by_number = {row["id"]: row for row in rows}
    found = log_tree.leaves_of(tx, by_number)
    # Read after the leaves, so that it covers each of them.
    newest = log_tree.newest(tx)
    size = newest.size if newest else 0
    return {
        number: leaf_of(hub, by_number[number], kept, size=size)
        for number, kept in found.items()
        if kept["index"] < size
    }


def leaf_of(hub: Hub, line: Mapping[Any, Any], kept: Line, *, size: int) -> Leaf:
    """Return where a line stands in a tree of a size, with the bytes that were hashed."""
    committed = stored_commitment(line, kept["salt"], kept["commitment"])
    return Leaf(
        log=log_key(hub).name,
        index=kept["index"],
        bytes=leaf_bytes(line, committed),
        tree_size=size,
    )


def _as_auditors_see_it(hub: Hub, row: RowMapping, leaf: Leaf | None) -> AuditLine:
    seen = line_of(hub, row)
    asker = _asker(seen)
    named = seen.partner and asker != _service(seen.partner)
    return AuditLine(
        id=str(seen.id),
        at=seen.at,
        act=seen.act,
        outcome=seen.outcome,
        asker=asker,
        services=(_service(seen.partner),) if seen.partner and named else (),
        role=row["role"],
        purpose=seen.purpose,
        child=seen.child,
        classes=seen.classes,
        rules=seen.rules,
        consents=seen.consents,
        edition=row["rules_version"],
        leaf=leaf,
    )


def _asker(seen: LogLine) -> Party:
    if seen.actor == "hub":
        return HUB
    if seen.partner and seen.actor == seen.partner:
        return _service(seen.partner)
    kind, _, name = seen.actor.partition("/")
    if kind in {"person", "auditor"} and name:
        return Party(kind=kind, id=name)
    return Party(kind="other", name=seen.actor)


def _service(partner: str) -> Party:
    return Party(kind="service", id=partner)


def _as_the_family_sees_it(child: str, look: LookView) -> AuditLine:
    """What the page shows and no more: services by name, and no number or place in the log."""
    failed = look.act == _DENIED or look.act.endswith(f"_{_DENIED}")
    named = look.partner_name
    return AuditLine(
        id=f"{UUID(child).hex}{look.line}",
        at=look.at,
        act=look.act,
        outcome="deny" if failed else "done",
        asker=Party(kind="service", name=named) if named else Party(kind="other"),
        services=(Party(kind="service", name=look.about),) if look.about else (),
        role=look.role or None,
        purpose=look.purpose or None,
        child=child,
        classes=tuple(sorted(look.classes)),
        rules=tuple(one for one in look.reason.split(", ") if one),
    )
