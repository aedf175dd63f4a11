"""Two people look behind one pseudonym of the access log (rules of sharing, section 10).

One asks with a case and a reason, another approves, and for one day the first may see who it is.
The first is an auditor or an operator; the other is an auditor who signed in. Each step is a line
of the log that the family sees.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar
from uuid import UUID, uuid4

from gateway.exchange.hub import Hub
from gateway.identity.callers import AuditorCaller
from gateway.store import access_log, children, identities, reidentifications
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.vault import AUDITORS, decrypt, encrypt

APPROVE_WITHIN: Final = timedelta(days=7)
OPEN_FOR: Final = timedelta(days=1)
ASKED: Final = "reidentification_asked"
APPROVED: Final = "reidentification_approved"
SEEN: Final = "reidentified"

NOT_FOUND: Final = "not_found"
SAME_PERSON: Final = "same_person"
NOT_YOURS: Final = "not_yours"
NOT_OPEN: Final = "not_open"
NO_REASON: Final = "no_reason"
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Operator:
    """Who has a shell at the hub: may ask and look, and approves nothing, for nobody signed in."""

    operator: str
    """The opaque id that this person has as an auditor too."""


Asker: TypeAlias = AuditorCaller | Operator


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done or shown, and why: one of the codes of this module."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as auditors see it; the child is their pseudonym."""

    id: UUID
    child: str
    case: str
    reason: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    open_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who it is, as far as the hub can say: spellings that were heard, and birth dates."""

    child: str
    names: tuple[str, ...]
    born: tuple[str, ...]


def ask_who(
    hub: Hub, by: Asker, pseudonym: str, *, case: str, reason: str, at: datetime
) -> UUID | Refused:
    """Ask to see who a child of the log is; return the id under which another auditor approves."""
    if not (case.strip() and reason.strip()):
        return Refused(NO_REASON)
    child = hub.vault.resolve(AUDITORS, pseudonym)
    if child is None:
        return Refused(NOT_FOUND)

    def act(tx: Transaction, key: bytes) -> UUID | Refused:
        new = uuid4()
        words = json.dumps({"case": case, "reason": reason}, ensure_ascii=False).encode()
        sealed = encrypt(key, words, place=_place(new))
        reidentifications.ask(tx, new, child, sealed, by=_name(by), at=at)
        access_log.append(tx, _line(ASKED, by, child, new, at=at))
        return new

    return _under_key(hub, child, act)


def who_is_asked(hub: Hub, *, at: datetime) -> tuple[Asked, ...]:
    """Return what waits for an approval or is open, oldest first."""
    with transaction(hub.engine) as tx:
        rows = reidentifications.running(
            tx, asked_after=at - APPROVE_WITHIN, approved_after=at - OPEN_FOR
        )
        keys = {row.child: children.key_of(tx, hub.vault, row.child) for row in rows}
    return tuple(_asked(hub, row, key) for row in rows if (key := keys[row.child]) is not None)


def approve(hub: Hub, auditor: AuditorCaller, wanted: UUID, *, at: datetime) -> Refused | None:
    """Open somebody else's request for a day."""

    def act(tx: Transaction, _: bytes, row: AnyRow) -> Refused | None:
        # The same person may have asked at a shell.
        if person_of(row.asked_by) == auditor.auditor:
            return Refused(SAME_PERSON)
        if row.approved_at is not None or row.asked_at + APPROVE_WITHIN < at:
            return Refused(NOT_OPEN)
        reidentifications.approve(tx, wanted, by=_name(auditor), at=at)
        access_log.append(tx, _line(APPROVED, auditor, row.child, wanted, at=at))
        return None

    return _about(hub, wanted, act)


def who_is_it(hub: Hub, by: Asker, wanted: UUID, *, at: datetime) -> Identity | Refused:
    """Show who it is, to whoever asked, while it is open; each time is a line of the log."""

    def act(tx: Transaction, key: bytes, row: AnyRow) -> Identity | Refused:
        if row.asked_by != _name(by):
            return Refused(NOT_YOURS)
        if row.approved_at is None or not row.approved_at <= at < row.approved_at + OPEN_FOR:
            return Refused(NOT_OPEN)
        access_log.append(tx, _line(SEEN, by, row.child, wanted, at=at))
        return _identity(tx, hub, key, row.child)

    return _about(hub, wanted, act)


def person_of(name: str) -> str:
    """Return who somebody is, in whichever way that person came in."""
    return name.partition("/")[2]


def _about(
    hub: Hub, wanted: UUID, act: Callable[[Transaction, bytes, AnyRow], _Answer]
) -> _Answer | Refused:
    with transaction(hub.engine) as tx:
        child = reidentifications.child_of(tx, wanted)
    if child is None:
        return Refused(NOT_FOUND)

    def on_row(tx: Transaction, key: bytes) -> _Answer | Refused:
        row = reidentifications.lock(tx, wanted)
        return Refused(NOT_FOUND) if row is None else act(tx, key, row)

    return _under_key(hub, child, on_row)


def _under_key(
    hub: Hub, child: UUID, act: Callable[[Transaction, bytes], _Answer]
) -> _Answer | Refused:
    with transaction(hub.engine) as tx:
        children.lock_shared(tx, child)
        key = children.key_of(tx, hub.vault, child)
        return Refused(NOT_FOUND) if key is None else act(tx, key)


def _identity(tx: Transaction, hub: Hub, key: bytes, child: UUID) -> Identity:
    plain = identities.description_of(tx, key, child)
    known = json.loads(plain) if plain else {"names": [], "born": []}
    facts = children.facts_of(tx, hub.vault, child)
    assert facts is not None
    names = [f"{given} {family}".strip() for _, _, family, given in known["names"]]
    return Identity(
        child=hub.vault.pairwise(AUDITORS, child),
        names=tuple(dict.fromkeys(one for one in (*names, facts.given) if one)),
        born=tuple(dict.fromkeys(one for one in (facts.born, *known["born"]) if one)),
    )


def _asked(hub: Hub, row: AnyRow, key: bytes) -> Asked:
    words = json.loads(decrypt(key, row.words, place=_place(row.id)))
    return Asked(
        id=row.id,
        child=hub.vault.pairwise(AUDITORS, row.child),
        case=words["case"],
        reason=words["reason"],
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        approved_by=row.approved_by,
        open_until=row.approved_at + OPEN_FOR if row.approved_at else None,
    )


def _name(by: Asker) -> str:
    return f"operator/{by.operator}" if isinstance(by, Operator) else f"auditor/{by.auditor}"


def _place(wanted: UUID) -> str:
    return f"reidentification/{wanted}"


def _line(act: str, by: Asker, child: UUID, wanted: UUID, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=act,
        actor=_name(by),
        role="auditor" if isinstance(by, AuditorCaller) else None,
        purpose="audit",
        child=child,
        outcome="done",
        correlation=str(wanted),
    )
