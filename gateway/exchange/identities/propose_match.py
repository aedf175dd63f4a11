"""A record that no number leads to: a person is asked, with candidates and what speaks for each.

What agreed is named; the values that were compared stay where they lie. Nothing is linked here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from adapters.contract import Part
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import (
    Sender,
    description_in,
    hashed_keys,
    parents_in,
    stored_description,
    subject_of,
    waiting_keys,
)
from gateway.exchange.identities.find_child import MISSING, TWO_CHILDREN, Unsure, numbers_in
from gateway.exchange.identities.score_match import Description, Evidence, score_match, weigh_rivals
from gateway.store import children, identities, reviews, waiting_matches
from gateway.store.children import LOCAL
from gateway.store.engine import AnyRow, Transaction
from gateway.store.receipts import ReceiptPart

CONFIRMED_BEFORE: Final = "confirmed-before"
NUMBER_LEADS_HERE: Final = "a-number-leads-here"
REJECTED: Final = "identity-rejected"
MATCH: Final = "identity-match"
# More are not weighed: what fewer keys agree on is no better.
_WEIGHED: Final = 60
_SHOWN: Final = 5


def propose_match(
    tx: Transaction,
    hub: Hub,
    receipt: UUID,
    sender: Sender,
    part: Part,
    *,
    unsure: Unsure,
    at: datetime,
) -> ReceiptPart:
    """Queue a part for a person, or leave it where that person said no to all who resemble it."""
    new = _review(tx, hub, receipt, sender, part, unsure=unsure)
    if new is None:
        return _left_alone(part)
    reviews.raise_review(tx, new, at=at)
    waiting_matches.keep_keys(tx, receipt, part.id, waiting_keys(hub, part))
    return ReceiptPart(
        part=part.id,
        outcome="review",
        code=MATCH,
        message="no number leads to one child for certain; a person confirms which child this is",
    )


def propose_again(tx: Transaction, hub: Hub, item: AnyRow, sender: Sender, part: Part) -> bool:
    """Weigh again whom a waiting part resembles by now; return whether other children do.

    The caller holds the item. Where all whom it resembles were refused for it, it goes on waiting
    as it is: only a person can give another answer. Two numbers that lead to two children are a
    question of their own, about these two.
    """
    reason = item.evidence.get("reason", MISSING)
    if reason == TWO_CHILDREN:
        return False
    led = [one for one in item.evidence.get("proposals", ()) if NUMBER_LEADS_HERE in one["notes"]]
    unsure = Unsure(reason, tuple(UUID(one["child"]) for one in led))
    new = _review(tx, hub, item.receipt, sender, part, unsure=unsure)
    if new is None or set(new.candidates) <= set(item.candidates):
        return False
    waiting_matches.propose(tx, item.id, new.candidates, new.evidence)
    return True


def _review(
    tx: Transaction, hub: Hub, receipt: UUID, sender: Sender, part: Part, *, unsure: Unsure
) -> reviews.NewReview | None:
    """Return what a person is asked; None if that person said no to all who resemble it."""
    subject = subject_of(hub, sender, part)
    verdicts = identities.verdicts_on(tx, subject)
    found = weighed(tx, hub, part, unsure)
    refused = {child for child, same in verdicts.items() if not same} | unsure.refused
    left = {child: one for child, one in found.items() if child not in refused}
    if found and not left:
        return None
    shown = dict(list(left.items())[:_SHOWN])
    return reviews.NewReview(
        kind=reviews.IDENTITY_MATCH,
        receipt=receipt,
        part=part.id,
        candidates=tuple(shown),
        evidence=_evidence(part, unsure, shown, {one for one, same in verdicts.items() if same})
        | _numbers(hub, sender, part, unsure),
        subject=subject,
    )


def weighed(tx: Transaction, hub: Hub, part: Part, unsure: Unsure) -> dict[UUID, Evidence]:
    """Return whom a part may be about with the evidence, best first; numbers come before names."""
    parents = parents_in(tx, hub, part)
    told = description_in(part, parents=parents)
    found = _scored(tx, hub, told, unsure.children)
    led = {child: found[child] for child in unsure.children if child in found}
    return {**led, **weigh_rivals(found)}


def ask_about_number(
    tx: Transaction,
    hub: Hub,
    receipt: UUID,
    sender: Sender,
    part: Part,
    *,
    at: datetime,
) -> None:
    """Have a person look where a source uses its own number for two children."""
    local = numbers_in(hub, sender, part).local
    led = children.find(tx, LOCAL, local) if local else ()
    # Once for the same children: who looked, and closed it, is not asked again.
    if local and len(led) > 1 and not identities.was_asked(tx, reviews.NUMBER_OF_TWO, local, led):
        new = reviews.NewReview(
            kind=reviews.NUMBER_OF_TWO,
            receipt=receipt,
            part=part.id,
            candidates=led,
            evidence={"reason": "the source uses its own number for two children"},
            subject=local,
        )
        reviews.raise_review(tx, new, at=at)


def _scored(
    tx: Transaction, hub: Hub, told: Description, also: Iterable[UUID]
) -> dict[UUID, Evidence]:
    by_key = identities.candidates(tx, hashed_keys(hub, told), limit=_WEIGHED)
    by_parent = identities.children_of(tx, told.parents, limit=_WEIGHED)
    stored = identities.descriptions(tx, {*by_key, *by_parent, *also})
    return {one.child: score_match(told, stored_description(hub, one)) for one in stored}


def _left_alone(part: Part) -> ReceiptPart:
    # Whether anybody resembles it is not told: that a child is known is a secret too.
    return ReceiptPart(
        part=part.id,
        outcome="not_linked",
        code=REJECTED,
        message="a person decided before that whom this describes is not linked to a child",
    )


def _evidence(
    part: Part, unsure: Unsure, shown: Mapping[UUID, Evidence], confirmed: set[UUID]
) -> dict[str, object]:
    """Return what the queue shows; `agrees` sums up the first candidate."""
    first = next(iter(shown.values()), None)
    features = first.features if first else {}
    return {
        "reason": unsure.reason,
        "agrees": [name.replace("_", " ") for name, value in features.items() if _agrees(value)],
        "missing": ["national number"] if unsure.reason == MISSING else [],
        "damaged_name": part.subject.damaged,
        "proposals": [
            {"child": str(child), **one.plain(), "notes": _notes(child, one, unsure, confirmed)}
            for child, one in shown.items()
        ],
    }


def _numbers(hub: Hub, sender: Sender, part: Part, unsure: Unsure) -> dict[str, object]:
    """Return the keyed hash by which others that wait with the same two numbers are found."""
    together = numbers_in(hub, sender, part).together(hub)
    return {"numbers": together.hex()} if together and unsure.reason == TWO_CHILDREN else {}


def _agrees(value: str) -> bool:
    return value in {"agrees", "shared"}


def _notes(child: UUID, one: Evidence, unsure: Unsure, confirmed: set[UUID]) -> list[str]:
    notes = [*one.notes]
    notes += [CONFIRMED_BEFORE] if child in confirmed else []
    notes += [NUMBER_LEADS_HERE] if child in unsure.children else []
    return notes
