"""Who can see this, and why? Answered for a person of the family by the code that decides.

Every service around the child is asked about as a delivery to it. Nothing goes out, and nothing is
told that this person may not know: parts that are not for the asker do not exist here, and a
service that somebody else shut out silently looks like one for which there is nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from consent.model import Request, ToService
from consent.profiles import purposes_of_role
from consent.vocabulary import KINDS
from gateway.exchange.families.changing import Ways, ways
from gateway.exchange.families.viewing import File, Viewer, look_into, own_child, viewed
from gateway.exchange.families.weigh import Weighed, weigh
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children, consents, partners
from gateway.store.engine import Transaction, transaction
from gateway.store.partners import Partner
from gateway.store.resources import StoredResource

USUAL: Final = "care"
# Rules of sharing, section 6: what fell to these must look like nothing to share (R2 to others).
_NEVER_TOLD: Final = frozenset({"H7", "R1", "R2"})
_OWN_NO: Final = frozenset({"R1", "R2"})


class Sees(StrEnum):
    """What a service sees of one kind of data, from the most to the least."""

    YES = "yes"
    EXTRACT = "extract"
    WAITING = "waiting"
    NO = "no"
    NOTHING = "nothing"


_SEES: Final = {
    "permit": Sees.YES,
    "extract": Sees.EXTRACT,
    "hold": Sees.WAITING,
    "withhold": Sees.NO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAnswer:
    """What one service sees of one kind of data, why, and what would change it."""

    service: str
    name: str
    kind: str
    sees: Sees
    partly: bool
    """Whether it sees some of this kind and not the rest."""
    rules: tuple[str, ...]
    purposes: tuple[str, ...]
    changes: Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAnswer:
    """One kind of data in the file, who wrote it, and what each other service sees of it."""

    data_class: str
    written_by: tuple[str, ...]
    services: tuple[ServiceAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """Everything one person of the family may know about who can see what of one child."""

    child: str
    given_name: str
    viewer: Viewer
    parts: tuple[PartAnswer, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """One part towards one service for one purpose, as the viewer may know it."""

    part: StoredResource
    weighed: Weighed
    sees: Sees
    rule: str


def who_can_see(hub: Hub, person: PersonCaller, child: str, *, at: datetime) -> FileAnswer | None:
    """Return who can see what of a child of this person, and why; None for any other child."""
    who = UUID(person.person)
    with transaction(hub.engine) as tx:
        own = own_child(tx, hub, who, child, at=at)
        found = _answer(tx, hub, own, who, at=at) if own else None
        if found is not None:
            access_log.append(tx, viewed("sharing_viewed", person, found.viewer, at=at))
    return found


def purposes_towards(tx: Transaction, child: UUID, service: Partner) -> tuple[str, ...]:
    """Return the purposes to answer for: those ever granted to a service, and its usual one."""
    granted = consents.purposes_granted(tx, child, service.id)
    return tuple(dict.fromkeys([*granted, usual_purpose(service.kind)]))


def usual_purpose(kind: str) -> str:
    """Return why a service of this kind usually asks."""
    known = KINDS.get(kind)
    purposes = purposes_of_role(kind, known.role) if known else frozenset[str]()
    return USUAL if USUAL in purposes or not purposes else min(purposes)


def told_as(weighed: Weighed, part: UUID, viewer: str) -> tuple[Sees, str]:
    """Return the answer about a part and its rule, as this person may know them.

    A no is told only where the own decisions of this person would do: an own no about another
    class, purpose, source or service must not tell that somebody else said no to this one.
    """
    decision = weighed.decision.segments[str(part)]
    if decision.rule in _NEVER_TOLD:
        own = weighed.by_own(part, viewer)
        if own.rule not in _OWN_NO:
            return Sees.NOTHING, ""
        decision = own
    return _SEES[decision.effect], decision.rule


def _answer(
    tx: Transaction, hub: Hub, child: UUID, person: UUID, *, at: datetime
) -> FileAnswer | None:
    known = {one.id: one for one in partners.everyone(tx)}
    around = [known[one] for one in children.services_around(tx, child, at=at)]
    file = look_into(tx, hub, child, person, [one.id for one in around], at=at)
    about = children.facts_of(tx, hub.vault, child)
    if file is None or about is None:
        return None
    told = [(one, tuple(_told(tx, hub, file, one, at=at))) for one in around]
    return FileAnswer(
        child=str(child),
        given_name=about.given,
        viewer=file.viewer,
        parts=tuple(_parts(file, told, known)),
    )


def _told(
    tx: Transaction, hub: Hub, file: File, service: Partner, *, at: datetime
) -> Iterator[_Told]:
    stored, viewer = file.towards[service.id], file.viewer.name
    others = file.parts_of_others(service.id)
    for purpose in purposes_towards(tx, file.viewer.child, service):
        request = Request(to=ToService(service.id), purpose=purpose, kind="pull")
        for weighed in weigh(hub, stored, request, others, at=at):
            for part in weighed.parts:
                yield _Told(part, weighed, *told_as(weighed, part.id, viewer))


def _parts(
    file: File, told: Sequence[tuple[Partner, tuple[_Told, ...]]], known: Mapping[str, Partner]
) -> Iterator[PartAnswer]:
    writers: dict[str, set[str]] = defaultdict(set)
    for part in file.parts:
        writers[part.data_class].add(known[part.partner].name)
    for data_class in sorted(writers):
        asked = [
            (service, [one for one in its if one.part.data_class == data_class])
            for service, its in told
        ]
        yield PartAnswer(
            data_class=data_class,
            written_by=tuple(sorted(writers[data_class])),
            services=tuple(_service(service, its, file.viewer) for service, its in asked if its),
        )


def _service(service: Partner, told: list[_Told], viewer: Viewer) -> ServiceAnswer:
    best = min((one.sees for one in told), key=[*Sees].index)
    deciding = [one for one in told if one.sees is best]
    seen = {one.part.id for one in deciding}
    silent = best is Sees.NOTHING
    return ServiceAnswer(
        service=service.id,
        name=service.name,
        kind=service.kind,
        sees=best,
        partly=best in {Sees.YES, Sees.EXTRACT} and bool({one.part.id for one in told} - seen),
        rules=() if silent else tuple(sorted({one.rule for one in deciding})),
        purposes=tuple(dict.fromkeys(one.weighed.request.purpose for one in deciding)),
        changes=() if silent else _changes(deciding[0], viewer),
    )


def _changes(told: _Told, viewer: Viewer) -> Ways:
    return ways(told.weighed.changed_by(told.part.id), told.weighed.facts, viewer.name)
