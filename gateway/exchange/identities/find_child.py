"""Which child is this about? Certain by number, otherwise a person decides.

Numbers are a valid national number, and a source's own number for the child within that source.
Nothing is ever merged: where numbers lead to two children, a person looks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.contract import NumberChange, Part
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import (
    Sender,
    facts_in,
    learn,
    local_number,
    subject_of,
)
from gateway.store import children, identities
from gateway.store.children import CURRENT, INSZ, LOCAL, OLD
from gateway.store.engine import Transaction
from gateway.store.identities import Lead

MISSING: Final = "missing-number"
CANCELLED: Final = "cancelled-number"
TWO_CHILDREN: Final = "numbers-lead-to-two-children"
REFUSED: Final = "a-person-said-no"


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody is certain to be meant: why, and to whom numbers led all the same."""

    reason: str
    children: tuple[UUID, ...] = ()
    refused: frozenset[UUID] = frozenset()
    """Who a person said is not meant by these numbers together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The keyed hashes of the numbers by which a part names its subject."""

    current: bytes | None = None
    old: bytes | None = None
    local: bytes | None = None

    def hashes(self) -> frozenset[bytes]:
        """Return those that there are."""
        return frozenset(self.kinds())

    def together(self, hub: Hub) -> bytes | None:
        """Return the keyed hash of these numbers beside each other; None of fewer than two."""
        found = sorted(one.hex() for one in self.hashes())
        return hub.vault.lookup("numbers", "|".join(found)) if len(found) > 1 else None

    def kinds(self) -> dict[bytes, str]:
        """Return each hash with what it is one of."""
        found = {self.current: INSZ, self.old: INSZ, self.local: LOCAL}
        return {number: kind for number, kind in found.items() if number is not None}


def lock_numbers(tx: Transaction, hub: Hub, sender: Sender, parts: Iterable[Part]) -> None:
    """Serialise the first sight of these people's numbers, in one order for every worker."""
    found = {one for part in parts for one in numbers_in(hub, sender, part).hashes()}
    children.lock_lookups(tx, found)


def find_child(
    tx: Transaction, hub: Hub, sender: Sender, part: Part, *, at: datetime
) -> UUID | Unsure:
    """Return the child that a part's numbers lead to, made known if new; else why it is unsure.

    The caller holds the locks of the numbers.
    """
    numbers = numbers_in(hub, sender, part)
    if not numbers.hashes():
        return Unsure(MISSING)
    leads = identities.leads_of(tx, numbers.kinds(), subject_of(hub, sender, part))
    if part.identity is not None and part.identity.kind is NumberChange.CANCELLED:
        return _cancel(tx, numbers, leads, at=at)
    led = _led_to(tx, hub, leads, numbers)
    if isinstance(led, Unsure):
        return led
    found = led or create_child(tx, hub, part, at=at)
    # At once: the next part of the same file may be about the same child.
    if not _all_known(leads, numbers, found):
        remember_numbers(tx, numbers, found)
    return found


def _led_to(
    tx: Transaction, hub: Hub, leads: Sequence[Lead], numbers: Numbers
) -> UUID | Unsure | None:
    """Return whom the numbers lead to; None where a national number is nobody's yet."""
    if any(one.cancelled and one.value_hash == numbers.current for one in leads):
        return Unsure(CANCELLED, _children(_to(leads, numbers.local)))
    led = _children(_lead(leads, numbers))
    found = _decided(tx, hub, numbers, led) if len(led) > 1 else next(iter(led), None)
    if isinstance(found, Unsure):
        return found
    if any(one.refused and one.child == found for one in leads):
        return Unsure(REFUSED, led)
    return Unsure(MISSING) if found is None and numbers.current is None else found


def _decided(tx: Transaction, hub: Hub, numbers: Numbers, led: tuple[UUID, ...]) -> UUID | Unsure:
    """Return which child a person said these numbers are, when they were seen to lead to these.

    One number alone is never decided about: a source that uses it twice uses it twice again.
    """
    subject = numbers.together(hub)
    verdicts = identities.verdicts_on(tx, subject) if subject else {}
    same = [child for child, agreed in verdicts.items() if agreed]
    if len(same) == 1 and verdicts.keys() >= set(led):
        return same[0]
    return Unsure(TWO_CHILDREN, led, frozenset(verdicts) - set(same))


def _lead(leads: Iterable[Lead], numbers: Numbers) -> Iterator[Lead]:
    """Yield what counts: a national number goes before a source's own, if the child has one."""
    for one in leads:
        national = one.kind == INSZ and not one.cancelled
        own = one.kind == LOCAL and (numbers.current is None or not one.numbered)
        if national or own:
            yield one


def _to(leads: Iterable[Lead], number: bytes | None) -> Iterator[Lead]:
    return (one for one in leads if one.value_hash == number)


def _children(leads: Iterable[Lead]) -> tuple[UUID, ...]:
    return tuple(sorted({one.child for one in leads if one.child is not None}))


def _all_known(leads: Iterable[Lead], numbers: Numbers, child: UUID) -> bool:
    """Whether every number leads to this child already, the old one as old."""
    known = {one.value_hash: one for one in leads if one.child == child}
    old = known.get(numbers.old or b"")
    replaced = numbers.old is None or (old is not None and old.state == OLD)
    return replaced and known.keys() == numbers.hashes()


def _cancel(
    tx: Transaction, numbers: Numbers, leads: Sequence[Lead], *, at: datetime
) -> UUID | Unsure:
    """Let a number lead to nobody any more; what tells of it still belongs to whom it led to."""
    cancelled = numbers.old or numbers.current
    if cancelled:
        identities.cancel(tx, cancelled, at=at)
    found = _children(_to(leads, cancelled)) or _children(_to(leads, numbers.local))
    return found[0] if len(found) == 1 else Unsure(CANCELLED, found)


def numbers_in(hub: Hub, sender: Sender, part: Part) -> Numbers:
    """Return the numbers of a part's subject as they are looked up; anonymous help has none."""
    if not part.linkable:
        return Numbers()
    change, own = part.identity, part.subject.insz
    new, old = (change.new, change.old) if change else (None, None)
    local = part.subject.local
    current = new or (own if own != old else None)
    return Numbers(
        current=hub.vault.lookup(INSZ, current) if current else None,
        old=hub.vault.lookup(INSZ, old) if old else None,
        local=local_number(hub, sender, local) if local else None,
    )


def remember_numbers(tx: Transaction, numbers: Numbers, child: UUID) -> None:
    """Let a part's numbers lead to a child from now on; the replaced one is known as old."""
    kinds = numbers.kinds()
    if kinds:
        states = {number: OLD if number == numbers.old else CURRENT for number in kinds}
        children.remember(tx, child, [(kinds[one], one, states[one]) for one in kinds])
    if numbers.old is not None and numbers.current is not None:
        identities.rekey_person(tx, numbers.old, numbers.current)


def find_named(
    tx: Transaction, hub: Hub, partner: str, *, patient: str | None, insz: str | None
) -> UUID | None:
    """Return the child that a partner names by its pseudonym or national number, or None.

    The pseudonym of nobody leads to an id of nobody, as everywhere.
    """
    if patient is not None:
        return hub.vault.resolve(partner, patient)
    digits = "".join(character for character in insz or "" if character.isdigit())
    return next(iter(children.find(tx, INSZ, hub.vault.lookup(INSZ, digits))), None)


def create_child(tx: Transaction, hub: Hub, part: Part, *, at: datetime) -> UUID:
    """Return a new child known by what this part says of it."""
    return children.create(tx, hub.vault, facts_in(part), at=at)


def index_child(
    tx: Transaction, hub: Hub, sender: Sender, part: Part, child: UUID, *, key: bytes
) -> None:
    """Let a part's numbers lead to this child, and its spellings propose it, from now on."""
    remember_numbers(tx, numbers_in(hub, sender, part), child)
    learn(tx, hub, key, child, [part])
