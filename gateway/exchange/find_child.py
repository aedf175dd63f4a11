"""Which child is this about? Certain by number, otherwise a person decides.

Numbers are a valid national number, and a source's own number for the child within that source.
Nothing is ever merged: where numbers lead to two children, a person looks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.contract import NumberChange, Part
from gateway.exchange.describe_child import Sender, facts_in, learn, local_number, subject_of
from gateway.exchange.hub import Hub
from gateway.store import children, identities
from gateway.store.children import INSZ, LOCAL, OLD
from gateway.store.engine import Transaction

MISSING: Final = "missing-number"
CANCELLED: Final = "cancelled-number"
TWO_CHILDREN: Final = "numbers-lead-to-two-children"
REFUSED: Final = "a-person-said-no"


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody is certain to be meant: why, and to whom numbers led all the same."""

    reason: str
    children: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The keyed hashes of the numbers by which a part names its subject."""

    current: bytes | None = None
    old: bytes | None = None
    local: bytes | None = None

    def hashes(self) -> frozenset[bytes]:
        """Return those that there are."""
        return frozenset(one for one in (self.current, self.old, self.local) if one is not None)


def lock_numbers(tx: Transaction, hub: Hub, sender: Sender, parts: Iterable[Part]) -> None:
    """Serialise the first sight of these people's numbers, in one order for every worker."""
    found = {one for part in parts for one in numbers_in(hub, sender, part).hashes()}
    for number in sorted(found):
        children.lock_lookup(tx, number)


def find_child(
    tx: Transaction, hub: Hub, sender: Sender, part: Part, *, at: datetime
) -> UUID | Unsure:
    """Return the child that a part's numbers lead to, made known if new; else why it is unsure.

    The caller holds the locks of the numbers.
    """
    numbers = numbers_in(hub, sender, part)
    if part.identity is not None and part.identity.kind is NumberChange.CANCELLED:
        return _cancel(tx, numbers, at=at)
    if numbers.current is None:
        return _unless_refused(tx, hub, sender, part, _by_local(tx, numbers))
    if identities.is_cancelled(tx, numbers.current):
        return Unsure(CANCELLED, _led(tx, numbers.local, LOCAL))
    led = {*_led(tx, numbers.current, INSZ), *_led(tx, numbers.old, INSZ)}
    led |= {one for one in _led(tx, numbers.local, LOCAL) if not identities.has_number(tx, one)}
    if len(led) > 1:
        return Unsure(TWO_CHILDREN, tuple(sorted(led)))
    found = led.pop() if led else create_child(tx, hub, part, at=at)
    sure = _unless_refused(tx, hub, sender, part, found)
    if isinstance(sure, UUID):
        # At once: the next part of the same file may be about the same child.
        remember_numbers(tx, numbers, sure)
    return sure


def _unless_refused(
    tx: Transaction, hub: Hub, sender: Sender, part: Part, found: UUID | Unsure
) -> UUID | Unsure:
    """Return who was found, unless a person said before that this source means somebody else."""
    if isinstance(found, Unsure):
        return found
    verdicts = identities.verdicts_on(tx, subject_of(hub, sender, part))
    return Unsure(REFUSED, (found,)) if verdicts.get(found) is False else found


def _cancel(tx: Transaction, numbers: Numbers, *, at: datetime) -> UUID | Unsure:
    """Let a number lead to nobody any more; what tells of it still belongs to whom it led to."""
    cancelled = numbers.old or numbers.current
    led = identities.ever_led_to(tx, cancelled) if cancelled else ()
    if cancelled:
        identities.cancel(tx, cancelled, at=at)
    found = led or _led(tx, numbers.local, LOCAL)
    return found[0] if len(found) == 1 else Unsure(CANCELLED, found)


def _by_local(tx: Transaction, numbers: Numbers) -> UUID | Unsure:
    """Return whom a source's own number leads to; a number that it used twice leads to nobody."""
    led = _led(tx, numbers.local, LOCAL)
    if len(led) == 1:
        return led[0]
    return Unsure(TWO_CHILDREN, led) if led else Unsure(MISSING)


def _led(tx: Transaction, number: bytes | None, kind: str) -> tuple[UUID, ...]:
    return children.find(tx, kind, number) if number else ()


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
    if numbers.current is not None:
        children.remember(tx, INSZ, numbers.current, child)
    if numbers.old is not None:
        children.remember(tx, INSZ, numbers.old, child, state=OLD)
        if numbers.current is not None:
            identities.rekey_person(tx, numbers.old, numbers.current)
    if numbers.local is not None:
        children.remember(tx, LOCAL, numbers.local, child)


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
