"""What a service is asked about diagnoses: its own statements, and what its supporter may read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from adapters.contract import Resource, load
from gateway.exchange.diagnoses.confirm_diagnosis import SUPPORTER, may_decide
from gateway.exchange.hub import Hub
from gateway.fhir.diagnosis import DISAGREEMENT
from gateway.fhir.diagnosis_task import Asked, task_resource
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, diagnosis_tasks, partners, resources
from gateway.store.diagnosis_tasks import REQUESTED, StoredTask
from gateway.store.engine import Transaction, transaction
from gateway.store.resources import StoredResource

MOST_CHILDREN = 100


def list_diagnosis_tasks(
    hub: Hub, caller: PartnerCaller, patient: str | None, *, role: str, at: datetime
) -> tuple[Resource, ...]:
    """Return the open tasks of a service, of one child or of the first hundred that wait.

    A trajectory supporter asks about one child. Unknown and nothing to do are the same.
    """
    with transaction(hub.engine) as tx:
        asked = [
            one
            for child in _children(tx, hub, caller, patient)
            for one in _open(tx, hub, caller.partner, child, role=role, at=at)
        ]
        shown = {one.id: _statement(tx, caller.partner, one) for one in asked}
        found = [_task(tx, hub, caller.partner, one, shown[one.id]) for one in asked]
        repeated = [one for one in shown.values() if one is not None]
        access_log.append(tx, _line(caller, role, at=at), *_repeated(caller, role, repeated, at=at))
    return tuple(found)


def _children(
    tx: Transaction, hub: Hub, caller: PartnerCaller, patient: str | None
) -> Iterable[UUID]:
    if patient is not None:
        child = hub.vault.resolve(caller.partner, patient)
        return [child] if child else []
    service = partners.find(tx, caller.partner)
    names = (caller.partner, *(service.predecessors if service else ()))
    return diagnosis_tasks.requested_of(tx, names, limit=MOST_CHILDREN)


def _open(
    tx: Transaction, hub: Hub, partner: str, child: UUID, *, role: str, at: datetime
) -> Iterator[StoredTask]:
    children.lock_shared(tx, child)
    for one in diagnosis_tasks.of_child(tx, child):
        if one.status != REQUESTED:
            continue
        as_owner = may_decide(tx, hub, partner, one, role="", at=at)
        as_supporter = role == SUPPORTER and may_decide(tx, hub, partner, one, role=role, at=at)
        if as_owner or as_supporter:
            yield one


def _task(
    tx: Transaction, hub: Hub, partner: str, one: StoredTask, own: StoredResource | None
) -> Resource:
    owner = partners.find(tx, one.owner)
    return task_resource(
        Asked(
            id=hub.vault.pairwise(partner, one.id),
            kind=one.kind,
            status=one.status,
            focus=hub.vault.pairwise(partner, one.focus),
            version=one.version,
            patient=hub.vault.pairwise(partner, one.child),
            owner=owner.name if owner else one.owner,
            # That another service disagrees tells what it said, whoever may not read that.
            reasons=tuple(why for why in one.reasons if why != DISAGREEMENT),
            raised_at=one.raised_at,
            changed_at=one.changed_at,
            own=_opened(tx, hub, own) if own else None,
        )
    )


def _statement(tx: Transaction, partner: str, one: StoredTask) -> StoredResource | None:
    """Return the statement that a task repeats: to the service that made it, and to no other."""
    own = partners.successor(tx, one.owner) == partner
    return resources.find(tx, one.statement) if own else None


def _opened(tx: Transaction, hub: Hub, own: StoredResource) -> Resource | None:
    key = children.key_of(tx, hub.vault, own.child)
    return load(resources.open_content(key, own)) if key else None


def _line(caller: PartnerCaller, role: str, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="diagnosis_tasks_listed",
        actor=caller.partner,
        partner=caller.partner,
        role=role,
        outcome="done",
    )


def _repeated(
    caller: PartnerCaller, role: str, shown: Iterable[StoredResource], *, at: datetime
) -> Iterator[access_log.Entry]:
    """Yield a line for each child of whom a service was shown what it said itself."""
    of_child: dict[UUID, set[str]] = defaultdict(set)
    for one in shown:
        of_child[one.child].add(f"{one.id}/{one.version}")
    for child, told in sorted(of_child.items()):
        yield access_log.Entry(
            at=at,
            act="own_diagnosis_shown",
            actor=caller.partner,
            partner=caller.partner,
            role=role,
            child=child,
            resources=tuple(sorted(told)),
            classes=("diagnosis",),
            outcome="done",
        )
