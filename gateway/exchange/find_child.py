"""Which child is this about? Certain on a valid national number, otherwise a person decides."""

import unicodedata
from datetime import datetime
from uuid import UUID

from adapters.contract import Part
from gateway.exchange.hub import Hub
from gateway.store import children
from gateway.store.children import ChildFacts
from gateway.store.engine import Transaction


def find_child(tx: Transaction, hub: Hub, part: Part, *, at: datetime) -> UUID | None:
    """Return the child with this national number, made known if new; None without a number."""
    if part.subject.insz is None or not part.linkable:
        return None
    number = hub.vault.lookup("insz", part.subject.insz)
    children.lock_lookup(tx, number)
    known = children.find(tx, "insz", number)
    if known:
        return known[0]
    child = create_child(tx, hub, part, at=at)
    # At once: the next part of the same file may be about the same child.
    children.remember(tx, "insz", number, child)
    return child


def find_named(
    tx: Transaction, hub: Hub, partner: str, *, patient: str | None, insz: str | None
) -> UUID | None:
    """Return the child that a partner names by its pseudonym or national number, or None.

    The pseudonym of nobody leads to an id of nobody, as everywhere.
    """
    if patient is not None:
        return hub.vault.resolve(partner, patient)
    digits = "".join(character for character in insz or "" if character.isdigit())
    return next(iter(children.find(tx, "insz", hub.vault.lookup("insz", digits))), None)


def create_child(tx: Transaction, hub: Hub, part: Part, *, at: datetime) -> UUID:
    """Return a new child known by what this part says of it."""
    return children.create(tx, hub.vault, facts_in(part), at=at)


def facts_in(part: Part) -> ChildFacts:
    """Return what a part says of the child itself; a name that lost characters says nothing."""
    subject = part.subject
    return ChildFacts(born=subject.born or "", given="" if subject.damaged else subject.given)


def index_child(tx: Transaction, hub: Hub, part: Part, child: UUID) -> None:
    """Let the national number, and name with birth date, lead to this child from now on."""
    if part.subject.insz is not None:
        children.remember(tx, "insz", hub.vault.lookup("insz", part.subject.insz), child)
    # A name that lost characters on the way may never stand for the child.
    if part.subject.born and not part.subject.damaged:
        children.remember(tx, "name_birth", hub.vault.lookup("name_birth", name_key(part)), child)


def name_key(part: Part) -> str:
    """Return name and birth date in a form in which spelling of case and accents agrees."""
    subject = part.subject
    words = sorted(f"{subject.family} {subject.given}".split())
    plain = unicodedata.normalize("NFKD", " ".join(words)).casefold()
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return f"{letters}|{subject.born or ''}"
