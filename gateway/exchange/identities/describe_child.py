"""What a child is recognised by: every spelling that was heard, the better ones first.

Any order of hearing ends in the same description; a damaged name never takes a better one's place.
"""

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Final
from uuid import UUID

from adapters.contract import Part
from gateway.exchange.hub import Hub
from gateway.exchange.identities.compare_names import is_initial, is_no_name
from gateway.exchange.identities.match_keys import keys_to_index
from gateway.exchange.identities.score_match import Description, Name
from gateway.store import children, identities, waiting_matches
from gateway.store.children import ChildFacts, open_facts, open_key
from gateway.store.engine import Transaction
from gateway.store.identities import StoredDescription

MOST: Final = 12
"""More spellings than this are kept of nobody; the damaged ones go first."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who delivered something, and from which of its systems."""

    partner: str
    source: str


def facts_in(part: Part) -> ChildFacts:
    """Return what a part says of the child itself; a name that is not whole says nothing."""
    subject = part.subject
    unsure = subject.damaged or is_no_name(subject.given) or is_initial(subject.given)
    return ChildFacts(born=subject.born or "", given="" if unsure else subject.given)


def description_in(part: Part, *, parents: Iterable[UUID] = ()) -> Description:
    """Return what a part says to recognise its subject by."""
    subject = part.subject
    name = Name.heard(
        subject.family,
        subject.given,
        damaged=subject.damaged,
        abbreviated=subject.abbreviated,
    )
    named = not (is_no_name(subject.family) and is_no_name(subject.given))
    return Description(
        names=(name,) if named else (),
        born=frozenset({subject.born} if subject.born else ()),
        genders=frozenset({subject.gender} if subject.gender else ()),
        parents=frozenset(parents),
    )


def together(one: Description, other: Description) -> Description:
    """Return everything that two descriptions say, in one order."""
    return Description(
        names=tuple(sorted({*one.names, *other.names})[:MOST]),
        born=frozenset(sorted(one.born | other.born, key=lambda day: (-len(day), day))[:MOST]),
        genders=one.genders | other.genders,
        parents=one.parents | other.parents,
    )


def parents_in(tx: Transaction, hub: Hub, part: Part) -> tuple[UUID, ...]:
    """Return the people of a part's family that the hub knows already."""
    numbers = [one.insz for one in part.related if one.insz is not None]
    found = (children.person_by_insz(tx, hub.vault.lookup("insz", one)) for one in numbers)
    return tuple(one for one in found if one is not None)


def learn(tx: Transaction, hub: Hub, key: bytes, child: UUID, parts: Iterable[Part]) -> None:
    """Add what parts say to what a child is recognised and proposed by."""
    plain = identities.description_of(tx, key, child)
    before = _read(plain) if plain else Description()
    told = [description_in(part) for part in parts]
    after = reduce(together, told, before)
    if after != before:
        identities.describe(tx, key, child, _write(after))
        identities.index(tx, child, hashed_keys(hub, after))
        # What waits for a person may be about this child (`propose_again`).
        waiting_matches.look_again_at(tx, child)


def describe_anew(
    tx: Transaction, hub: Hub, key: bytes, child: UUID, parts: Iterable[Part]
) -> None:
    """Describe a child anew by these parts alone."""
    after = reduce(together, (description_in(part) for part in parts), Description())
    identities.describe(tx, key, child, _write(after))
    identities.index_only(tx, child, hashed_keys(hub, after))


def hashed_keys(hub: Hub, known: Description) -> frozenset[bytes]:
    """Return the keyed hashes under which somebody with this description is proposed."""
    keys = {hub.vault.lookup("match", key)[:16] for key in keys_to_index(known)}
    # A damaged name never stands for the child as a whole.
    whole = (name for name in known.names if not name.damaged)
    exact = {_name_key(name, born) for name in whole for born in known.born}
    return frozenset(keys | {hub.vault.lookup("name_birth", one) for one in exact})


def waiting_keys(hub: Hub, part: Part) -> frozenset[bytes]:
    """Return by what a part that waits is found when its child becomes known, or a parent's."""
    parents = {one.insz for one in part.related if one.insz is not None}
    numbers = {hub.vault.lookup("insz", one) for one in parents}
    return hashed_keys(hub, description_in(part)) | numbers


def stored_description(hub: Hub, stored: StoredDescription) -> Description:
    """Return what a child is recognised by, decrypted."""
    if stored.content is None:
        _, facts = open_facts(hub.vault, stored.child, stored.wrapped_key, stored.facts)
        named = (Name.heard("", facts.given),) if facts.given else ()
        born = frozenset({facts.born} if facts.born else ())
        return Description(names=named, born=born, parents=stored.parents)
    key = open_key(hub.vault, stored.child, stored.wrapped_key)
    known = _read(identities.open_description(key, stored.child, stored.content))
    return together(known, Description(parents=stored.parents))


def subject_of(hub: Hub, sender: Sender, part: Part) -> bytes:
    """Return the keyed hash of what a source calls a person by.

    Its own number if it has one; else the words it uses, which mean no more than that.
    """
    subject = part.subject
    if subject.local:
        return local_number(hub, sender, subject.local)
    words = (subject.family, subject.given, subject.born or "", subject.gender or "")
    told = json.dumps([sender.partner, sender.source, *words])
    return hub.vault.lookup("subject", told)


def local_number(hub: Hub, sender: Sender, number: str) -> bytes:
    """Return the keyed hash of a source's own number, which means a child in that source only."""
    return hub.vault.lookup("local", json.dumps([sender.partner, sender.source, number]))


def _name_key(name: Name, born: str) -> str:
    """Return name and birth date in a form in which spelling of case and accents agrees."""
    words = sorted(f"{name.family} {name.given}".split())
    plain = unicodedata.normalize("NFKD", " ".join(words)).casefold()
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return f"{letters}|{born}"


def _write(known: Description) -> bytes:
    names = [[one.damaged, one.abbreviated, one.family, one.given] for one in known.names]
    plain = {"names": names, "born": sorted(known.born), "genders": sorted(known.genders)}
    return json.dumps(plain, ensure_ascii=False).encode()


def _read(plain: bytes) -> Description:
    found = json.loads(plain)
    return Description(
        names=tuple(Name(*one) for one in found["names"]),
        born=frozenset(found["born"]),
        genders=frozenset(found["genders"]),
    )
