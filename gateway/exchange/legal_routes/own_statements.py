"""What a source itself told about a child, as ids that it can speak of on a legal route."""

from dataclasses import dataclass
from datetime import datetime

from gateway.exchange.grounds.route_ground import may_be_spoken
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, resources
from gateway.store.engine import transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One resource of the caller's own; its content stays where it is."""

    id: str
    type: str
    data_class: str
    version: int


def own_statements(
    hub: Hub, caller: PartnerCaller, patient: str, *, at: datetime
) -> tuple[Statement, ...]:
    """Return the caller's own statements about a child; nothing for a child it told nothing of."""
    child = hub.vault.resolve(caller.partner, patient)
    with transaction(hub.engine) as tx:
        if child is not None:
            children.lock_shared(tx, child)
        # What each source said: a derived diagnosis would tell that another said the same.
        known = resources.of_child(tx, child, layer=resources.ASSERTION) if child else ()
        own = [part for part in known if may_be_spoken(part, caller.partner)]
        entry = access_log.Entry(
            at=at,
            act="own_listed",
            actor=caller.partner,
            partner=caller.partner,
            role="system",
            child=child if own else None,
            outcome="done",
        )
        access_log.append(tx, entry)
    return tuple(
        Statement(
            id=hub.vault.pairwise(caller.partner, part.id),
            type=part.type,
            data_class=part.data_class,
            version=part.version,
        )
        for part in own
    )
