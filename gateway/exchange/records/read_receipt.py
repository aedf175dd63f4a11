"""Tell a partner what became of every part of its own record."""

import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from gateway.exchange.hub import Hub
from gateway.exchange.identities.propose_match import MATCH
from gateway.identity.callers import PartnerCaller
from gateway.store import receipts
from gateway.store.engine import transaction
from gateway.store.receipts import ReceiptPart


@dataclass(frozen=True, slots=True, kw_only=True)
class PartView:
    """One part: where it stood, what became of it, and the patient in the partner's pseudonym.

    Of a statement that the partner took back or changed, `resources` says how many that were.
    """

    part: str
    outcome: str
    resources: int
    patient: str | None
    where: str | None
    field: str | None
    code: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """The whole receipt; `account` says for every field of the source what became of it.

    `counts` says how many parts were stored, refused, taken back and so on.
    """

    id: str
    source: str
    status: str
    sha256: str
    size: int
    received_at: datetime
    processed_at: datetime | None
    refused: dict[str, str] | None
    parts: tuple[PartView, ...]
    counts: dict[str, int]
    account: tuple[dict[str, Any], ...]


def read_receipt(hub: Hub, caller: PartnerCaller, receipt: str) -> ReceiptView | None:
    """Return a partner's own receipt; None when there is none, or it is another's."""
    try:
        wanted = UUID(receipt)
    except ValueError:
        return None
    with transaction(hub.engine) as tx:
        found = receipts.find(tx, wanted)
        if found is None or found.partner != caller.partner:
            return None
        parts = receipts.parts_of(tx, wanted)
    refused = None
    if found.refused_code:
        refused = {
            "code": found.refused_code,
            "where": found.refused_where,
            "message": found.refused_message,
        }
    return ReceiptView(
        id=str(found.id),
        source=found.source,
        status=found.status,
        sha256=found.sha256.hex(),
        size=found.size,
        received_at=found.received_at,
        processed_at=found.processed_at,
        refused=refused,
        parts=tuple(_view(hub, caller.partner, part) for part in parts),
        counts=dict(sorted(Counter(part.outcome for part in parts).items())),
        account=tuple(orjson.loads(zlib.decompress(found.account))) if found.account else (),
    )


def _view(hub: Hub, partner: str, part: ReceiptPart) -> PartView:
    # What a person, or a number, decided since does not wait any more.
    over = part.code == MATCH and part.outcome != "review"
    return PartView(
        part=part.part,
        outcome=part.outcome,
        resources=part.resources,
        patient=hub.vault.pairwise(partner, part.child) if part.child else None,
        where=part.place,
        field=part.field,
        code=None if over else part.code,
        message=None if over else part.message,
    )
