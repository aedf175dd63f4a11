"""Who is family of a child: what sources claim, weighed the same in whatever order it came."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from adapters.contract import RelatedKey
from consent.model import CHILD
from gateway.exchange.hub import Hub
from gateway.store import children, ties
from gateway.store.children import Tie
from gateway.store.engine import Transaction
from gateway.store.ties import Claim

UNKNOWN = "unknown"
# A weaker claim never takes away what another source established.
_STRENGTH = {"none": 0, UNKNOWN: 1}
_ESTABLISHED = 2


def claim_family(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    related: Sequence[RelatedKey],
    *,
    partner: str,
    source: str,
    asserted_at: str,
    at: datetime,
) -> dict[str, str]:
    """Record who the source says is family; return its names for them with the hub's own ids."""
    hashes = {one.insz: hub.vault.lookup("insz", one.insz) for one in related if one.insz}
    # In one order for every worker: siblings name the same parents in any.
    people = children.ensure_people(tx, hashes.values())
    # The subject is the record's own person, also from 18 on.
    known, told = {"adult": CHILD}, list[tuple[UUID, Claim]]()
    for position, relative in enumerate(related, start=1):
        if relative.insz is not None:
            person = people[hashes[relative.insz]]
            claim = Claim(
                partner=partner,
                source=source,
                relation=relative.relation,
                authority=relative.authority,
                asserted_at=asserted_at,
            )
            told.append((person, claim))
            known[f"related-{position}"] = str(person)
    _claim(tx, child, told, at=at)
    return known


def _claim(
    tx: Transaction, child: UUID, told: Iterable[tuple[UUID, Claim]], *, at: datetime
) -> None:
    """Take in one source's claims; a person may be named twice, such as once for each home."""
    new = list(told)
    said: dict[UUID, Claim] = {}
    claims = ties.claims_of(tx, child, sorted({person for person, _ in new}))
    for person, claim in new:
        claims[person], said[person] = _take_in(claims[person], claim)
    ties.save_claims(tx, child, said)
    ties.set_ties(tx, child, dict(_counting(*one) for one in claims.items()), at=at)


def _take_in(known: Iterable[Claim], new: Claim) -> tuple[tuple[Claim, ...], Claim]:
    """Return all claims that count then, and which of them is that of this source."""
    before = list(known)
    said = newest([*(one for one in before if _same_source(one, new)), new])
    return (*(one for one in before if not _same_source(one, new)), said), said


def _counting(person: UUID, claims: Iterable[Claim]) -> tuple[Tie, str]:
    """Return the tie that counts by these claims, and on what it rests."""
    counts = strongest(claims)
    tie = Tie(person=person, relation=counts.relation, authority=counts.authority)
    return tie, f"source:{counts.source}"


def hand_over_claims(tx: Transaction, child: UUID, old: str, into: str, *, at: datetime) -> None:
    """Let a service's claims be its successor's: of each person the newest of both."""
    claimed = ties.claims_of(tx, child, ties.people_claimed_by(tx, child, old))
    for person, known in claimed.items():
        claims = tuple(one for one in known if one.partner != old)
        for claim in known:
            if claim.partner == old:
                claims, said = _take_in(claims, replace(claim, partner=into))
                ties.save_claims(tx, child, {person: said})
        before, after = strongest(known), strongest(claims)
        if (before.relation, before.authority) != (after.relation, after.authority):
            ties.set_ties(tx, child, dict([_counting(person, claims)]), at=at)
    ties.forget_claims(tx, child, old)


def newest(claims: Iterable[Claim]) -> Claim:
    """Return what a source claims now: it may correct itself, though not with silence."""
    return max(claims, key=lambda one: (one.authority != UNKNOWN, one.asserted_at, _rank(one)))


def strongest(claims: Iterable[Claim]) -> Claim:
    """Return the claim that counts: of what is established the newest."""
    return max(claims, key=lambda one: (_rank(one)[0], one.asserted_at, _rank(one)))


def _rank(one: Claim) -> tuple[int, str, str, str, str]:
    strength = _STRENGTH.get(one.authority, _ESTABLISHED)
    return strength, one.authority, one.relation, one.source, one.partner


def _same_source(one: Claim, other: Claim) -> bool:
    return (one.partner, one.source) == (other.partner, other.source)
