"""Take a partner's record in: keep the exact original, promise a receipt, process it later.

Accepting is one short transaction, so that nothing accepted is lost whatever happens next;
`store_record` does the rest in the background and may be repeated.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text

from adapters.contract import Adapter, ReadOptions, Unreadable
from adapters.registry import ADAPTERS
from adapters.translate import open_record
from gateway.clock import brussels_date
from gateway.exchange.hub import Hub
from gateway.exchange.partners.sign_in_partner import registered_client
from gateway.identity.jose import decrypt_with
from gateway.identity.partner_token import (
    registered_keys,
    unverified_issuer,
    verify_intake_assertion,
)
from gateway.store import access_log, partners, receipts
from gateway.store.engine import Transaction, transaction
from gateway.store.receipts import NewReceipt

BAD_KEY = "idempotency-key-reused"
MAX_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Accepted:
    """The record is durable; `repeated` when this delivery was known already."""

    receipt: str
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The record as a whole was refused; `receipt` names the kept original, when there is one."""

    status: int
    code: str
    where: str
    message: str
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A record as it came in, from a sender that is known."""

    partner: str
    source: str
    raw: bytes
    content_type: str | None
    idempotency_key: str | None
    channel: str


def accept_record(hub: Hub, incoming: Incoming, *, at: datetime) -> Accepted | Refused:
    """Store the original durably and return its receipt, or say why it was refused as a whole."""
    adapter = ADAPTERS.get(incoming.source)
    if adapter is None:
        return _unknown_source()
    problem = _unreadable(hub, adapter, incoming, at=at)
    key = incoming.idempotency_key or hashlib.sha256(incoming.raw).hexdigest()
    with transaction(hub.engine) as tx:
        refused = _may_not_deliver(tx, incoming)
        return refused or _keep(tx, hub, incoming, key, problem, at=at)


def accept_from_stream(
    hub: Hub, source: str, headers: Mapping[str, str], value: bytes, *, at: datetime
) -> Accepted | Refused:
    """Accept a record from the intake topic: encrypted to the hub, signed by its partner."""
    raw = decrypt_with(hub.settings.intake_key.get_secret_value(), value)
    partner_id = _proven_sender(hub, headers.get("intake-assertion", ""), raw, at=at)
    if raw is None or partner_id is None:
        return Refused(
            status=401,
            code="not_authenticated",
            where="intake-assertion",
            message="encrypt the record to the hub's key and sign it with the registered key",
        )
    incoming = Incoming(
        partner=partner_id,
        source=source,
        raw=raw,
        content_type=headers.get("content-type"),
        idempotency_key=headers.get("idempotency-key"),
        channel="kafka",
    )
    return accept_record(hub, incoming, at=at)


def _proven_sender(hub: Hub, assertion: str, raw: bytes | None, *, at: datetime) -> str | None:
    claimed = unverified_issuer(assertion)
    if claimed is None or raw is None:
        return None
    client = registered_client(hub, claimed)
    if client is None or not client.active:
        return None
    keys = registered_keys(client)
    claims = verify_intake_assertion(assertion, keys=keys, issuer=hub.settings.issuer, at=at)
    whole = claims is not None and claims.get("sha256") == hashlib.sha256(raw).hexdigest()
    return client.id if whole else None


def _may_not_deliver(tx: Transaction, incoming: Incoming) -> Refused | None:
    partner = partners.find(tx, incoming.partner)
    if partner is None or partner.status != "active" or partner.source != incoming.source:
        return Refused(
            status=403,
            code="not_your_source",
            where="/intake/{source}",
            message="deliver to the source this service is registered for",
        )
    return None


def _unknown_source() -> Refused:
    return Refused(
        status=404,
        code="unknown_source",
        where="/intake/{source}",
        message=f"use one of: {', '.join(sorted(ADAPTERS))}",
    )


def _unreadable(
    hub: Hub, adapter: Adapter, incoming: Incoming, *, at: datetime
) -> Unreadable | None:
    media_type = _media_type(incoming)
    if media_type and media_type not in adapter.media_types:
        return Unreadable(
            code="wrong-content-type",
            where="Content-Type",
            message=f"send {' or '.join(sorted(adapter.media_types))}",
            status=415,
        )
    if len(incoming.raw) > hub.settings.max_body_bytes:
        return Unreadable(
            code="too-large",
            where="body",
            message=f"send at most {hub.settings.max_body_bytes} bytes, in several records",
            status=413,
        )
    if len(incoming.idempotency_key or "") > MAX_KEY_CHARACTERS:
        return Unreadable(
            code="idempotency-key-too-long",
            where="Idempotency-Key",
            message=f"use at most {MAX_KEY_CHARACTERS} characters",
            status=400,
        )
    found = open_record(incoming.source, incoming.raw, read_options(hub, at=at))
    return found if isinstance(found, Unreadable) else None


def _media_type(incoming: Incoming) -> str | None:
    return (incoming.content_type or "").split(";")[0].strip().lower() or None


def read_options(hub: Hub, *, at: datetime) -> ReadOptions:
    """Return how sources are read by this hub."""
    return ReadOptions(
        allow_test_numbers=hub.settings.allow_test_numbers,
        today=brussels_date(at),
        day_registrations=hub.settings.day_registrations,
    )


def _keep(
    tx: Transaction,
    hub: Hub,
    incoming: Incoming,
    key: str,
    problem: Unreadable | None,
    *,
    at: datetime,
) -> Accepted | Refused:
    new = _new_receipt(incoming, key, problem)
    if not receipts.save(tx, hub.vault, new, at=at):
        return _answer_again(tx, incoming, key, problem, at=at)
    outcome = "refused" if problem else "done"
    access_log.append(tx, _log_line(incoming, new.id, outcome, at=at))
    if problem:
        return _refusal(problem, new.id)
    tx.execute(text("notify deelregie_receipts"))
    return Accepted(str(new.id), repeated=False)


def _log_line(incoming: Incoming, receipt: UUID, outcome: str, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="intake",
        actor=incoming.partner,
        partner=incoming.partner,
        role="system",
        outcome=outcome,
        resources=(f"receipt/{receipt}",),
    )


def _new_receipt(incoming: Incoming, key: str, problem: Unreadable | None) -> NewReceipt:
    return NewReceipt(
        id=uuid4(),
        partner=incoming.partner,
        source=incoming.source,
        channel=incoming.channel,
        idempotency_key=key,
        # What a sender wrote in a header is kept only when it is one of the known words.
        content_type=_media_type(incoming) if problem is None else None,
        original=incoming.raw,
        status="refused" if problem else "accepted",
        refused_code=problem.code if problem else None,
        refused_where=problem.where if problem else None,
        refused_message=problem.message if problem else None,
        refused_status=problem.status if problem else None,
    )


def _answer_again(
    tx: Transaction, incoming: Incoming, key: str, problem: Unreadable | None, *, at: datetime
) -> Accepted | Refused:
    """Give a repeated delivery the answer of the first one; a reused key is the caller's slip."""
    known = receipts.find_by_key(tx, incoming.partner, incoming.source, key)
    assert known is not None
    if known.sha256 != hashlib.sha256(incoming.raw).digest():
        return Refused(
            status=409,
            code=BAD_KEY,
            where="Idempotency-Key",
            message="this key belongs to another record; use a new key for new content",
        )
    if known.status == "refused" and problem is None:
        # What stood in the way is mended, such as a wrong header: the same bytes are welcome now.
        receipts.reopen(tx, known.id)
        access_log.append(tx, _log_line(incoming, known.id, "done", at=at))
        tx.execute(text("notify deelregie_receipts"))
        return Accepted(str(known.id), repeated=True)
    if known.status == "refused":
        problem = Unreadable(
            code=known.refused_code,
            where=known.refused_where,
            message=known.refused_message,
            status=known.refused_status,
        )
        return _refusal(problem, known.id)
    return Accepted(str(known.id), repeated=True)


def _refusal(problem: Unreadable, receipt: UUID) -> Refused:
    return Refused(
        status=problem.status,
        code=problem.code,
        where=problem.where,
        message=problem.message,
        receipt=str(receipt),
    )
