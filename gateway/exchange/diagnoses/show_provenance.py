"""Who said a diagnosis, and when: each author only to whom the rules let that author's words go.

A Provenance is shown beside the Condition that it is about and never without it, so that it cannot
betray a diagnosis, or a source, that the reader may not see.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from adapters.contract import Resource, load
from gateway.exchange.disclose import (
    Asked,
    Disclosed,
    Judged,
    Judgement,
    judge,
    log_line,
    readable,
)
from gateway.exchange.hub import Hub
from gateway.fhir.diagnosis_provenance import for_reader, target_of
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, resources
from gateway.store.diagnoses import PROVENANCE
from gateway.store.engine import Transaction, transaction
from gateway.store.resources import StoredResource

ACT = "search"


def show_provenance(
    hub: Hub, caller: PartnerCaller, condition: str, purpose: str, *, at: datetime
) -> tuple[Disclosed, ...]:
    """Return the Provenances of a Condition that this partner may read; nothing for any other."""
    asked = Asked(type="Condition", purpose=purpose, resource=condition)
    with transaction(hub.engine) as tx:
        found = readable(tx, hub, caller, asked)
        judgement = _judge(tx, hub, caller, asked, found, at=at) if found else None
        access_log.append(tx, log_line(hub, caller, asked, judgement, act=ACT, at=at))
    if judgement is None or found is None:
        return ()
    shown = [one for one in judgement.released if one.stored.type == "Provenance"]
    return tuple(_shown(hub, caller.partner, judgement.key, one, found.id) for one in shown)


def _judge(
    tx: Transaction,
    hub: Hub,
    caller: PartnerCaller,
    asked: Asked,
    found: StoredResource,
    *,
    at: datetime,
) -> Judgement | None:
    children.lock_shared(tx, found.child)
    # Read again under the lock: what was found before it may have ended.
    again = readable(tx, hub, caller, asked)
    if again is None or again.child != found.child:
        return None
    alone = _decided(tx, hub, caller, asked.purpose, [again], at=at)
    # Only beside the whole Condition: an extract of it has no author.
    if alone is None or not all(one.decision.effect == "permit" for one in alone.judged):
        return alone
    parts = [again, *_of_condition(tx, alone.key, again)]
    return _decided(tx, hub, caller, asked.purpose, parts, at=at)


def _decided(
    tx: Transaction,
    hub: Hub,
    caller: PartnerCaller,
    purpose: str,
    parts: Iterable[StoredResource],
    *,
    at: datetime,
) -> Judgement | None:
    parts = list(parts)
    return judge(
        tx,
        hub,
        recipient=caller.partner,
        child=parts[0].child,
        parts=parts,
        purpose=purpose,
        kind="pull",
        at=at,
    )


def _of_condition(tx: Transaction, key: bytes, condition: StoredResource) -> list[StoredResource]:
    told = resources.of_child(tx, condition.child, layer=PROVENANCE)
    return [one for one in told if target_of(_opened(key, one)) == condition.id]


def _opened(key: bytes, one: StoredResource) -> Resource:
    return load(resources.open_content(key, one))


def _shown(hub: Hub, partner: str, key: bytes, one: Judged, condition: UUID) -> Disclosed:
    own_id = hub.vault.pairwise(partner, one.stored.id)
    content = for_reader(
        resources.open_content(key, one.stored),
        own_id=own_id,
        condition_id=hub.vault.pairwise(partner, condition),
        version=one.stored.version,
    )
    return Disclosed(
        id=own_id,
        version=one.stored.version,
        recorded_at=one.stored.recorded_at,
        content=content,
    )
