"""Keep what a source says as versions: whatever the order of its deliveries, the same stands.

What stands is decided by `gateway/fhir/standing.py`; here it is read, compared and written.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from adapters.contract import dump, load
from gateway.exchange.hub import Hub
from gateway.exchange.records.amendments import as_value, opened_amendments
from gateway.fhir.ended import SUPERSEDED, ending_provenance
from gateway.fhir.standing import Amended, Base, Told, standing
from gateway.store import resources, reviews, scopes, statements
from gateway.store.engine import Transaction
from gateway.store.resources import ASSERTION, KEPT, NewVersion, Write
from gateway.store.statements import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose statements about whom: `partner` keeps them, `names` are all it delivered under.

    `file` is what an end of the whole file is known under, and `pictured_by` whose pictures of the
    child count.
    """

    child: UUID
    partner: str
    names: frozenset[str]
    file: frozenset[bytes]
    pictured_by: str
    receipt: UUID

    def ends_of(self, one: "_Statement") -> frozenset[bytes]:
        """Return the names under which an end of a statement may be known."""
        pictured = (scopes.name_of_child(self.child, name) for name in one.names)
        return self.file.union(one.names, pictured)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a delivery: statements that changed, and diagnoses that left a picture."""

    changed: frozenset[UUID] = frozenset()
    vanished: frozenset[UUID] = frozenset()


@dataclass(slots=True, kw_only=True)
class _Statement:
    """One statement while it is kept: how it is stored, and what waits to be written."""

    id: UUID
    base: NewVersion
    version: int = 0
    status: str = ""
    content: bytes = b""
    aside: bool = False
    """Whether it was superseded when this began."""
    newly_said: bool = False
    labels: tuple[object, ...] = ()
    """The labels it is stored with."""
    vanished: bool = False
    writes: list[Write] = field(default_factory=list)

    @property
    def names(self) -> tuple[bytes, ...]:
        return (self.base.key_hash, *self.base.above)

    @property
    def now(self) -> tuple[object, ...]:
        return self.status, self.content, self.labels

    def write(self, new: NewVersion) -> None:
        self.version += 1
        self.status, self.content, self.labels = new.status, new.content, _labels(new)
        self.writes.append((new, self.id, self.version))


_Held = dict[bytes, _Statement]
Ends = Mapping[bytes, Mapping[str, str]]
"""By name the newest end of each kind."""


def keep_statements(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    owner: Owner,
    new: Sequence[NewVersion],
    *,
    again: Collection[bytes] = (),
    at: datetime,
) -> Kept:
    """Store what is said now, and look `again` at other statements; return what became of it.

    The caller holds the child's lock and that of the source.
    """
    names = {one.key_hash for one in new} | set(again)
    if not names:
        return Kept()
    known = statements.known(tx, key, owner.child, owner.partner, names)
    held = {one.key_hash: _held(owner, one) for one in known}
    before = {one.id: one.now for one in held.values()}
    named = {one.id: (one.asserted_at, one.messages) for one in known}
    for chain in _chains(new):
        _say(tx, owner, held, chain, at=at)
    writes = _stand(tx, hub, key, owner, held, at=at)
    repeated = [
        (replace(one.base, status=one.status), one.id, one.version)
        for one in held.values()
        if not one.writes and (one.base.asserted_at, one.base.messages) != named[one.id]
    ]
    resources.write(tx, key, writes, again=repeated, at=at)
    return Kept(
        frozenset(one.id for one in held.values() if before.get(one.id) != one.now),
        frozenset(one.id for one in held.values() if one.vanished),
    )


def _held(owner: Owner, one: Known) -> _Statement:
    base = NewVersion(
        child=owner.child,
        partner=owner.partner,
        type=one.type,
        data_class=one.data_class,
        about=one.about,
        flags=one.flags,
        layer=ASSERTION,
        key_hash=one.key_hash,
        asserted_at=one.asserted_at,
        content=one.said,
        receipt=owner.receipt,
        above=one.above,
        messages=one.messages,
    )
    return _Statement(
        id=one.id,
        base=base,
        version=one.version,
        status=one.status,
        content=one.content,
        aside=one.status == SUPERSEDED,
        labels=_labels(base),
    )


def _labels(one: NewVersion) -> tuple[object, ...]:
    return one.data_class, one.about, one.flags


def _chains(new: Iterable[NewVersion]) -> Iterable[Sequence[NewVersion]]:
    """Return what a delivery says under each key, in its order."""
    found: dict[bytes, list[NewVersion]] = defaultdict(list)
    for one in new:
        found[one.key_hash].append(one)
    return found.values()


def _say(
    tx: Transaction, owner: Owner, held: _Held, chain: Sequence[NewVersion], *, at: datetime
) -> None:
    """Take in what a delivery says of one statement: the newest counts, and of those the last."""
    place = max(range(len(chain)), key=lambda one: (chain[one].asserted_at, one))
    new = chain[place]
    known = held.get(new.key_hash)
    if known is None:
        held[new.key_hash] = known = _Statement(id=uuid4(), base=new)
        _write_all(known, chain[: place + 1])
    elif new.asserted_at > known.base.asserted_at:
        since = known.base.asserted_at
        news = [one for one in chain[: place + 1] if one.asserted_at > since]
        before = known.base
        same = news == [new] and new.content == before.content and _labels(new) == _labels(before)
        known.base, known.newly_said = new, True
        _write_all(known, [] if same else news)
    elif new.asserted_at == known.base.asserted_at:
        _say_at_once(tx, owner, known, new, at=at)


def _say_at_once(
    tx: Transaction, owner: Owner, known: _Statement, new: NewVersion, *, at: datetime
) -> None:
    """Take in what is said of the same moment: of other words the greater bytes stand."""
    before = known.base
    if new.content == before.content:
        new = replace(new, messages=_messages_of_both(before, new))
        known.base = replace(before, messages=new.messages)
    else:
        _ask_about_conflict(tx, owner, known, at=at)
    if _rank(new) > _rank(before):
        known.base = new
        known.write(new)


def _messages_of_both(one: NewVersion, other: NewVersion) -> tuple[bytes, ...]:
    """Return the messages that say the same; none if it was said outside any message too."""
    both = one.messages and other.messages
    return tuple(sorted({*one.messages, *other.messages})) if both else ()


def _rank(one: NewVersion) -> tuple[object, ...]:
    return one.content, one.data_class, sorted(one.flags), sorted(one.about)


def _write_all(known: _Statement, said: Iterable[NewVersion]) -> None:
    for one in said:
        known.write(one)


def _stand(
    tx: Transaction, hub: Hub, key: bytes, owner: Owner, held: _Held, *, at: datetime
) -> list[Write]:
    """Return every version to write: what was said, and what became of it by all that is known."""
    called = {name: owner.ends_of(one) for name, one in held.items()}
    names = {name for one in held.values() for name in one.base.messages}.union(*called.values())
    ends = statements.ends_of(tx, owner.names, names, pictured_by=owner.pictured_by)
    amended = opened_amendments(
        tx, hub, key, child=owner.child, partner=owner.partner, names=list(held)
    )
    writes: list[Write] = []
    for name, one in held.items():
        told = _told(one, ends, called[name], amended.get(name, {}))
        if told.ending == SUPERSEDED and one.base.type == "Condition":
            # Partner systems, section 5.1 rule 5: a person decides about a diagnosis that vanished.
            one.vanished = True
            told = told.without_end(SUPERSEDED)
        wanted = _wanted(one.base, told)
        if one.aside and told.ending is None and (one.vanished or not one.newly_said):
            # A merger or a person put it aside: so it stays until it is said anew, which no picture
            # from before it vanished does.
            if one.writes:
                one.write(replace(wanted, status=SUPERSEDED, said=False, receipt=owner.receipt))
        elif one.now != (wanted.status, wanted.content, _labels(wanted)):
            one.write(replace(wanted, receipt=owner.receipt))
            if not wanted.said and wanted.type != "Provenance":
                writes.append(_evidence(hub, one, told.ending, at=at))
        writes += one.writes
    return writes


def _told(
    one: _Statement,
    ends: Ends,
    names: frozenset[bytes],
    amended: Mapping[str, Amended],
) -> Told:
    told = Told(base=Base(one.base.asserted_at, one.base.content), amended=amended)
    for name in names:
        for ending, order in ends.get(name, {}).items():
            told = told.with_end(ending, order)
    for ending, order in _deleted(one.base, ends):
        told = told.with_end(ending, order)
    return told


def _deleted(base: NewVersion, ends: Ends) -> list[tuple[str, str]]:
    """Return the ends of the messages that say it, if all of them are over."""
    found = [ends.get(message, {}) for message in base.messages]
    over = all(max(of.values(), default="") >= base.asserted_at for of in found)
    return [one for of in found for one in of.items()] if over else []


def _wanted(base: NewVersion, told: Told) -> NewVersion:
    if told.ending is None and not told.changes:
        return base
    changes = [(element, as_value(one.value)) for element, one in told.changes]
    stands = standing(load(base.content), changes, told.ending)
    return replace(base, content=dump(stands.content), status=stands.status, said=False)


def _evidence(hub: Hub, one: _Statement, ending: str | None, *, at: datetime) -> Write:
    """Return who made a version of what was said; it is kept beside it and never disclosed."""
    content = ending_provenance(
        load(one.content), one.version, ending, author=one.base.partner, recorded=at
    )
    new = replace(
        one.base,
        type="Provenance",
        data_class="logistics",
        key_hash=hub.vault.lookup("provenance", f"{one.id}/{one.version}"),
        content=dump(content),
        status=KEPT,
        above=(),
        said=False,
    )
    return new, uuid4(), 1


def _ask_about_conflict(tx: Transaction, owner: Owner, one: _Statement, *, at: datetime) -> None:
    """The source said two things at one moment, and only one of them can stand."""
    _ask(tx, reviews.CONFLICT, owner, one, at=at)


def _ask(tx: Transaction, kind: str, owner: Owner, one: _Statement, *, at: datetime) -> None:
    item = reviews.NewReview(
        kind=kind,
        receipt=owner.receipt,
        part=str(one.id),
        evidence={"source": owner.partner, "statement": str(one.id)},
    )
    reviews.raise_review(tx, item, at=at)
