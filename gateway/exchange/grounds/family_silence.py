"""Under which purpose a part of a legal route is decided: a no for any purpose is an answer.

Who says `unanswered` tells what the family did not answer about (rule L6). A withdrawal or refusal
of the same words for another purpose is no silence, so it stops the part there too (rule L6b).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from consent.model import Ground
from gateway.exchange.disclose import judge
from gateway.exchange.grounds.route_record import UNANSWERED
from gateway.exchange.hub import Hub
from gateway.store.engine import Transaction
from gateway.store.resources import StoredResource

PURPOSES: Final = ("care", "diagnosis", "referral", "safety")
"""For which youth help asks; what the recipient's kind may not ask for is denied as such."""
SAID_NO: Final = "L6b"


def by_purpose(
    tx: Transaction,
    hub: Hub,
    *,
    recipient: str,
    child: UUID,
    parts: Iterable[StoredResource],
    purpose: str,
    ground: Ground | None,
    at: datetime,
) -> Mapping[str, list[StoredResource]]:
    """Return the parts by the purpose to decide them for: the route's own, or where a no stops it.

    The caller holds the child's lock, and decides and logs each group by its purpose.
    """
    left, grouped = [*parts], dict[str, list[StoredResource]]()
    if ground is None or ground.kind != UNANSWERED:
        return {purpose: left}
    # The route's own purpose first: what is stopped there has its reason there.
    for one in dict.fromkeys((purpose, *PURPOSES)):
        judgement = judge(
            tx,
            hub,
            recipient=recipient,
            child=child,
            parts=left,
            purpose=one,
            kind="routed",
            ground=ground,
            at=at,
        )
        judged = judgement.judged if judgement else ()
        stopped = {item.stored.id for item in judged if item.decision.rule == SAID_NO}
        grouped[one] = [part for part in left if part.id in stopped]
        left = [part for part in left if part.id not in stopped]
    grouped[purpose] += left
    return {one: found for one, found in grouped.items() if found}
