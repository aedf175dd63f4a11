"""Versions of a wrong link leave a statement that another child goes on with.

Two services may call two things by one name: when one goes on in the other, what they said of two
children is kept as versions of one resource. It is divided, so that no version stays under a child
that its delivery was not about (docs/identity.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.contract import Resource, dump, load
from gateway.exchange.diagnoses.known_statements import confirm_proposal, inactivate_proposal
from gateway.exchange.hub import Hub
from gateway.exchange.links.what_moves import Brought, Plan
from gateway.exchange.links.whose_versions import Going, names_of
from gateway.fhir.diagnosis_forms import inactive
from gateway.fhir.diagnosis_groups import group_of
from gateway.fhir.statement import Assertion
from gateway.store import dividing, moving, reviews, unlinking
from gateway.store.diagnoses import ENDED
from gateway.store.dividing import Again, History, Version
from gateway.store.engine import Transaction
from gateway.store.moving import Move

_ACTIVE: Final = "active"


def divide_statements(
    tx: Transaction, hub: Hub, plan: Plan, move: Move, going: Going, *, at: datetime
) -> Mapping[UUID, UUID]:
    """Move the versions that go; return which resource each of the divided ones is there."""
    new = dict[UUID, UUID]()
    for one in going.divided.values():
        gone = going.versions[one.id]
        new[one.id] = dividing.divide(
            tx,
            move,
            one,
            gone,
            retire=False,
            again=_stands_again(one, gone, plan),
            asserted_at=_newest(plan.goes, one),
            at=at,
        )
        _take_evidence(tx, hub, move, one.id, new[one.id])
    return new


def keep_unsure(tx: Transaction, plan: Plan, unsure: Iterable[UUID], *, at: datetime) -> None:
    """Keep what may be either child's as evidence with neither, and ask a person.

    Both children's own parts are told again, as they read today. What no adapter reads any more is
    seen again when its source sends it anew; until then it lies encrypted.
    """
    for one in unsure:
        item = reviews.NewReview(
            kind=reviews.NOT_TOLD_APART,
            receipt=plan.goes[0].linked.receipt,
            part=str(one),
            evidence={"source": plan.goes[0].kept_by, "statement": str(one)},
        )
        reviews.raise_review(tx, item, at=at)
        moving.keep_aside(tx, [one])


def _stands_again(one: History, gone: frozenset[int], plan: Plan) -> Again | None:
    """Return what this child's own parts said last, if somebody else's word is the newest."""
    if one.current not in gone:
        return None
    own = _said_last(one.without(gone))
    told = _newest(plan.stays, one)
    # What gave up its name to another statement gave way, whatever was said of it since.
    status = own.status if told is not None else one.status
    return Again(version=own, status=status, asserted_at=told)


def _said_last(own: Sequence[Version]) -> Version:
    """Return what was said last.

    Of what had ended before migration 0005 nobody knows which versions were said: the last counts.
    """
    said = [each for each in own if each.said]
    return said[-1] if said else replace(own[-1], said=True)


def _newest(parts: tuple[Brought, ...], one: History) -> str | None:
    """Return when these parts said something last under the name of a statement."""
    said = (each.words.get(one.key_hash) for each in parts)
    return max((found.order for found in said if found is not None), default=None)


def _take_evidence(tx: Transaction, hub: Hub, move: Move, one: UUID, new: UUID) -> None:
    """Let who ended or changed a version that moved be known beside it."""
    names = {
        hub.vault.lookup("provenance", f"{one}/{number}"): hub.vault.lookup(
            "provenance", f"{new}/{number}"
        )
        for _, number in unlinking.versions_of(tx, [new])
    }
    moving.move_resources(tx, move, unlinking.known_as(tx, move.source, names), retire=False)
    dividing.rename(tx, move.target, names)


def give_names_back(tx: Transaction, child: UUID, parts: Iterable[Brought]) -> frozenset[bytes]:
    """Let statements have their names again that gave way to what is with another child now.

    Return what is left of names that a merger took away: nothing ends or changes what has one.
    """
    told = {name for one in parts for name in one.words}
    known = unlinking.names_with(tx, child)
    taken, left = {(row.partner, bytes(row.key_hash)) for row in known}, set[bytes]()
    for row in known:
        called = bytes(row.key_hash)
        # A name that was taken away is the hash of the name and the id, once or twice.
        own = () if called in told else (one for one in told if called in names_of(one, row.id))
        for name in own:
            if (row.partner, name) in taken:
                left.add(called)
            else:
                taken.add((row.partner, name))
                dividing.rename(tx, child, {called: name})
    return frozenset(left)


def divide_derived(
    tx: Transaction, move: Move, one: History, gone: frozenset[int], *, at: datetime
) -> None:
    """Move versions of what was derived; they are evidence of a wrong link, and nobody's words."""
    again = None
    if one.current in gone:
        last = one.without(gone)[-1]
        again = Again(version=_over(last), status=one.status)
    dividing.divide(tx, move, one, gone, retire=True, again=again, at=at)


def _over(last: Version) -> Version:
    """Return what led before the wrong link as it is once nothing leads any more."""
    content = load(last.content)
    if content["resourceType"] != "Condition" or last.status != _ACTIVE:
        return last
    return Version(
        number=last.number,
        said=False,
        receipt=last.receipt,
        status=ENDED,
        content=dump(inactive(content)),
    )


def renamed_proposals(
    hub: Hub, plan: Plan, going: Going, new: Mapping[UUID, UUID]
) -> Mapping[bytes, bytes]:
    """Return how what was decided about divided statements is called with the other child."""
    found = dict[bytes, bytes]()
    for old, one in going.divided.items():
        for each in one.versions:
            if each.number in going.versions[old]:
                found |= _proposals(hub, plan, one, each, new[old])
    return found


def _proposals(
    hub: Hub, plan: Plan, one: History, each: Version, new: UUID
) -> Mapping[bytes, bytes]:
    content, found = load(each.content), dict[bytes, bytes]()
    if content["resourceType"] != "Condition":
        return found
    group = group_of(content) or ""
    told = (part.words.get(one.key_hash) for part in plan.goes)
    for order in {said.order for said in told if said is not None} | {""}:
        old, now = (_assertion(one, content, name, order) for name in (one.id, new))
        found[confirm_proposal(hub, group, old)] = confirm_proposal(hub, group, now)
        found[inactivate_proposal(hub, old)] = inactivate_proposal(hub, now)
    return found


def _assertion(one: History, content: Resource, name: UUID, asserted_at: str) -> Assertion:
    return Assertion(
        id=name,
        partner=one.partner,
        content=content,
        hypothesis="hypothesis" in one.flags,
        asserted_at=asserted_at,
    )
