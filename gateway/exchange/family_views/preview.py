"""What would a grant change? Decided on the facts as if it were given; nothing is kept or sent."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from consent.model import Request, ToService
from consent.vocabulary import AUTHORS_CLASSES, NAMED_ONLY_CLASSES
from gateway.exchange.disclose import IfGiven
from gateway.exchange.families.changing import Ways, ways
from gateway.exchange.families.give_consent import CLASSES, PURPOSES
from gateway.exchange.families.viewing import File, look_into, own_child
from gateway.exchange.families.weigh import Weighed, weigh
from gateway.exchange.family_views.who_can_see import Sees, told_as
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import children, partners
from gateway.store.engine import Transaction, transaction
from gateway.store.partners import Partner
from gateway.store.resources import StoredResource

NEVER_BY_ANY: Final = NAMED_ONLY_CLASSES | AUTHORS_CLASSES
"""What no grant covers that does not name it, and what stays with its author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A grant that somebody thinks of giving."""

    child: str
    classes: frozenset[str]
    purpose: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StillClosed:
    """A kind of data that would not go, by which rules, and what else would have to happen."""

    data_class: str
    sees: Sees
    rules: tuple[str, ...]
    changes: Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePreview:
    """What one service would see after the grant and does not see now, and what it would not."""

    service: str
    name: str
    kind: str
    opens: tuple[str, ...]
    extracts: tuple[str, ...]
    already: tuple[str, ...]
    stops: tuple[str, ...]
    """What an earlier yes opened and this one, which takes its place, leaves out."""
    closed: tuple[StillClosed, ...]

    @property
    def changes(self) -> bool:
        """Whether this service would see anything more."""
        return bool(self.opens or self.extracts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a grant would change, for the service it names and for every other one."""

    wish: Wish
    by_child: bool
    to: ServicePreview
    others: tuple[ServicePreview, ...]
    empty: tuple[str, ...]
    """Kinds of data that were chosen and of which there is nothing now."""
    never: tuple[str, ...]


def preview_if_granted(
    hub: Hub, person: PersonCaller, wish: Wish, *, at: datetime
) -> Preview | None:
    """Return what a grant of this person would change; None where there is nothing to grant.

    Absent, not yours, not around the child and not for you to decide are the same.
    """
    who = UUID(person.person)
    if not wish.classes or not wish.classes <= CLASSES or wish.purpose not in PURPOSES:
        return None
    with transaction(hub.engine) as tx:
        child = own_child(tx, hub, who, wish.child, at=at)
        if child is None:
            return None
        around = _around(tx, child, at=at)
        if wish.to not in around:
            return None
        file = look_into(tx, hub, child, who, around, at=at)
    if file is None or not file.viewer.sees_file:
        return None
    return _preview(hub, file, around, wish, at=at)


def _around(tx: Transaction, child: UUID, *, at: datetime) -> Mapping[str, Partner]:
    known = {one.id: one for one in partners.everyone(tx)}
    return {one: known[one] for one in children.services_around(tx, child, at=at)}


def _preview(
    hub: Hub, file: File, around: Mapping[str, Partner], wish: Wish, *, at: datetime
) -> Preview:
    known = frozenset(part.data_class for part in file.parts)
    views = {one: _service(hub, file, around[one], wish, at=at) for one in around}
    return Preview(
        wish=wish,
        by_child=file.viewer.is_child,
        to=views[wish.to],
        others=tuple(view for one, view in views.items() if one != wish.to),
        empty=tuple(sorted(wish.classes - known)),
        never=tuple(sorted(NEVER_BY_ANY - wish.classes)),
    )


def _service(hub: Hub, file: File, service: Partner, wish: Wish, *, at: datetime) -> ServicePreview:
    before = _seen(hub, file, service, wish, (), at=at)
    given = IfGiven(by=file.viewer.name, classes=wish.classes, to=frozenset({wish.to}))
    after = _seen(hub, file, service, wish, (given,), at=at)
    more = {one: part for one, part in after.items() if part.sees is not before[one].sees}
    return ServicePreview(
        service=service.id,
        name=service.name,
        kind=service.kind,
        opens=_classes(part for part in more.values() if part.sees is Sees.YES),
        extracts=_classes(part for part in more.values() if part.sees is Sees.EXTRACT),
        already=_classes(one for key, one in before.items() if one.goes and after[key].goes),
        stops=_classes(one for key, one in before.items() if one.goes and not after[key].goes),
        closed=tuple(_closed(after.values(), file.viewer.name)),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    part: StoredResource
    weighed: Weighed
    sees: Sees
    rule: str

    @property
    def goes(self) -> bool:
        return self.sees in {Sees.YES, Sees.EXTRACT}


def _seen(
    hub: Hub,
    file: File,
    service: Partner,
    wish: Wish,
    given: Collection[IfGiven],
    *,
    at: datetime,
) -> dict[UUID, _Part]:
    request = Request(to=ToService(service.id), purpose=wish.purpose, kind="pull")
    stored, viewer = file.towards[service.id], file.viewer.name
    others = file.parts_of_others(service.id)
    return {
        part.id: _Part(part, weighed, *told_as(weighed, part.id, viewer))
        for weighed in weigh(hub, stored, request, others, at=at, given=given)
        for part in weighed.parts
    }


def _classes(parts: Iterable[_Part]) -> tuple[str, ...]:
    return tuple(sorted({one.part.data_class for one in parts}))


def _closed(parts: Collection[_Part], viewer: str) -> Iterator[StillClosed]:
    """One answer for each kind of data; what there is nothing to tell of is left out."""
    going = {one.part.data_class for one in parts if one.goes}
    left = [one for one in parts if not one.goes and one.part.data_class not in going]
    for data_class in _classes(left):
        same = [one for one in left if one.part.data_class == data_class]
        told = [one for one in same if one.sees is not Sees.NOTHING]
        first = told[0] if told else same[0]
        yield StillClosed(
            data_class=data_class,
            sees=first.sees,
            rules=tuple(sorted({one.rule for one in told})),
            changes=ways(first.weighed.changed_by(first.part.id), first.weighed.facts, viewer)
            if told
            else (),
        )
