"""What is left when the killing is over, and what may be said about it.

Each check takes plain facts and returns what it found, so that it can be shown facts that are
wrong. Order and precedence are proven by numbers: of messages and of lines of the log.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from gateway.exchange.hub import Hub
from gateway.store.engine import transaction
from gateway.store.vault import fingerprint
from tests.support.kill_programs import Entry
from tests.support.kill_traffic import Told

DISCLOSES = frozenset({"read", "search", "route", "key_release"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A record that the hub kept; the key as its fingerprint."""

    id: str
    key: bytes
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that was numbered."""

    id: str
    outbox: int
    partner: str
    child: UUID
    resource: UUID | None
    version: int | None
    sequence: int
    state: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the access log."""

    id: int
    act: str
    outcome: str
    partner: str | None
    child: UUID | None
    correlation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that is left."""

    told: Told
    receipts: Sequence[Receipt]
    consents: Mapping[str, bool]
    """Every decision, and whether it was taken back."""
    messages: Sequence[Message]
    queued: Mapping[tuple[str, UUID, int], int]
    """How often a version was queued for a service."""
    lines: Sequence[Line]
    journals: Mapping[str, Sequence[Entry]]
    losses: Mapping[str, Sequence[float]]
    """When a broker that forgets was killed, for each service that reads from it."""


def gathered(
    hub: Hub,
    told: Told,
    journals: Mapping[str, Sequence[Entry]],
    losses: Mapping[str, Sequence[float]],
) -> Evidence:
    """Read what is left in the database."""
    with transaction(hub.engine) as tx:
        receipts = tx.execute(text("select id, idempotency_key as key, status from receipt"))
        consents = tx.execute(text("select id, withdrawn_at is not null as ended from consent"))
        messages = tx.execute(
            text(
                "select id, outbox, partner, child, resource, version, sequence, state, sealed_at"
                " from delivery order by partner, sequence"
            )
        )
        queued = tx.execute(
            text(
                "select partner, resource, version, count(*) as n from outbox"
                " where kind = 'updated' group by 1, 2, 3"
            )
        )
        lines = tx.execute(
            text("select id, act, outcome, partner, child, correlation from access_log order by id")
        )
        return Evidence(
            told=told,
            receipts=[
                Receipt(id=str(one.id), key=bytes(one.key), status=one.status) for one in receipts
            ],
            consents={str(one.id): one.ended for one in consents},
            messages=[Message(**{**one._mapping, "id": str(one.id)}) for one in messages],
            queued={(one.partner, one.resource, one.version): one.n for one in queued},
            lines=[Line(**one._mapping) for one in lines],
            journals=journals,
            losses=losses,
        )


def lost_or_doubled_writes(found: Evidence) -> Iterator[str]:
    """Every accepted write is kept exactly once, and was dealt with."""
    kept: defaultdict[bytes, list[Receipt]] = defaultdict(list)
    for one in found.receipts:
        kept[one.key].append(one)
    for key, answered in found.told.receipts.items():
        here = kept[fingerprint(key.encode())]
        if [one.id for one in here] != sorted(answered):
            yield f"{key}: answered {sorted(answered)}, kept {[one.id for one in here]}"
        yield from (f"{key}: {one.status}" for one in here if one.status != "processed")
    for consent in sorted(found.told.given):
        if consent not in found.consents:
            yield f"consent {consent} was answered and is not kept"
    for consent in sorted(found.told.withdrawn):
        if not found.consents.get(consent):
            yield f"consent {consent} counts although its end was answered"


def doubled_effects(found: Evidence) -> Iterator[str]:
    """A queued change leads to one message, and a message to one effect."""
    rows = Counter(one.outbox for one in found.messages)
    yield from (f"outbox {row}: {n} messages" for row, n in rows.items() if n > 1)
    ids = {one.id: one for one in found.messages}
    for partner, journal in found.journals.items():
        for message, n in Counter(one.id for one in journal).items():
            if n > 1:
                yield f"{partner}: {message} took effect {n} times"
            if message not in ids or ids[message].partner != partner:
                yield f"{partner}: {message} is no message to it"
        opened = Counter(
            (partner, ids[one.id].resource, ids[one.id].version)
            for one in journal
            if one.state == "read" and one.id in ids
        )
        for version, n in opened.items():
            if n > _times_queued(found, *version):
                yield f"{partner}: one version took effect {n} times"


def _times_queued(found: Evidence, partner: str, resource: UUID | None, version: int | None) -> int:
    """How often something was queued that a version fulfils: what is sent is the newest."""
    return sum(
        times
        for (to, of, queued), times in found.queued.items()
        if (to, of) == (partner, resource) and queued <= (version or 0)
    )


def gaps(found: Evidence) -> Iterator[str]:
    """Numbers of a service have no gap, in the database and at the recipient."""
    for partner in found.journals:
        messages = [one for one in found.messages if one.partner == partner]
        if [one.sequence for one in messages] != list(range(1, len(messages) + 1)):
            yield f"{partner}: numbers with a gap"
    yield from (
        f"{one.partner}: number {one.sequence} ({one.state}) never came" for one in missing(found)
    )


def missing(found: Evidence) -> list[Message]:
    """Return what never took effect at its recipient, and should have.

    A broker that forgets may keep back what was stopped, and what was read as far as the hub can
    know: its key was released, and the recipient died before it had done anything with it.
    """
    came = {one.id for journal in found.journals.values() for one in journal}
    return [
        one
        for one in found.messages
        if one.id not in came
        and not (
            one.state in {"gone", "released"}
            and any(at > one.sealed_at.timestamp() for at in found.losses[one.partner])
        )
    ]


def out_of_order(found: Evidence) -> Iterator[str]:
    """What is about one child comes in its order; a broker that forgot may bring it later."""
    for partner, journal in found.journals.items():
        messages = {one.id: one for one in found.messages if one.partner == partner}
        last: dict[UUID, int] = {}
        for entry in journal:
            if entry.id not in messages:
                continue
            about = messages[entry.id]
            if entry.sequence < last.get(about.child, 0) and not _was_forgotten(
                found.losses[partner], about.sealed_at.timestamp(), entry.at
            ):
                yield f"{partner}: number {entry.sequence} after {last[about.child]}"
            last[about.child] = max(last.get(about.child, 0), entry.sequence)
        yield from _versions_out_of_order(partner, messages.values())


def _versions_out_of_order(partner: str, messages: Iterable[Message]) -> Iterator[str]:
    last: dict[UUID, int] = {}
    for one in sorted(messages, key=lambda one: one.sequence):
        if one.resource and one.version:
            if one.version < last.get(one.resource, 0):
                yield f"{partner}: version {one.version} as number {one.sequence}"
            last[one.resource] = one.version


def _was_forgotten(losses: Sequence[float], sealed: float, came: float) -> bool:
    """Whether the broker died after a message was sealed and before it came."""
    return bisect_right(losses, came) > bisect_right(losses, sealed)


def opened_without_a_line(found: Evidence) -> Iterator[str]:
    """Before a message takes effect the log says that its key was released."""
    releases = {
        one.id: one for one in found.lines if one.act == "key_release" and one.outcome != "deny"
    }
    for partner, journal in found.journals.items():
        for entry in journal:
            line = releases.get(entry.line or 0)
            right = line and (line.correlation, line.partner) == (entry.id, partner)
            if entry.state == "read" and not right:
                yield f"{partner}: {entry.id} was opened and the log did not say so"
    searches = sum(one.act == "search" and one.outcome != "deny" for one in found.lines)
    if found.told.searches > searches:
        yield f"{found.told.searches} searches were answered, the log has {searches}"


def given_after_a_stop(found: Evidence) -> Iterator[str]:
    """While the last word about a child and a service was a stop, nothing went to that service.

    Who stops has the child's lock alone while the line is numbered; who discloses shares it.
    """
    open_now: Counter[tuple[UUID, str]] = Counter()
    for one in found.lines:
        if one.child is None or one.partner is None:
            continue
        about = (one.child, one.partner)
        if one.act == "consent_given":
            open_now[about] += 1
        elif one.act == "consent_withdrawn":
            open_now[about] = 0
        elif one.act in DISCLOSES and one.outcome != "deny" and not open_now[about]:
            yield f"line {one.id}: {one.act} for {one.partner} after a stop"


CHECKS = (
    lost_or_doubled_writes,
    doubled_effects,
    gaps,
    out_of_order,
    opened_without_a_line,
    given_after_a_stop,
)
