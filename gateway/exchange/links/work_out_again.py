"""After a wrong link: what stands for both children is worked out again from what is about them.

What sources said is immutable and moved as it is; what ended or left out something is kept by
child, and would otherwise still hold for the wrong one. Both children then are as if the record had
always been linked to the right one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from adapters.registry import ADAPTERS
from gateway.exchange.hub import Hub
from gateway.exchange.links.move_versions import give_names_back
from gateway.exchange.links.what_moves import Brought, Plan
from gateway.exchange.links.whose_versions import Going
from gateway.exchange.records.keep_statements import Kept, Owner, keep_statements
from gateway.exchange.records.replace_scope import replace_picture
from gateway.exchange.records.settle_part import store_part
from gateway.exchange.records.statement_names import file_called, file_name, picture_name
from gateway.exchange.records.struck_files import names_of_numbers
from gateway.store import unlinking
from gateway.store.engine import Transaction
from gateway.store.moving import Move
from gateway.store.unlinking import System


def work_out_again(
    tx: Transaction, hub: Hub, plan: Plan, move: Move, *, at: datetime
) -> tuple[Kept, Kept]:
    """Let every end and picture hold for whom it is about; return what became of each child.

    What gave way at a merger to what is with the other child now has its name again.

    Numbers and statements moved before; the caller holds the sources' locks and the children's.
    """
    _divide_pictures(tx, hub, plan, move)
    sides = ((move.source, move.source_key), (move.target, move.target_key))
    nameless = {
        move.source: give_names_back(tx, move.source, plan.stays),
        move.target: give_names_back(tx, move.target, plan.goes),
    }
    known = {child: unlinking.systems_of(tx, child) for child, _ in sides}
    sources = {one.source for systems in known.values() for one in systems} | ADAPTERS.keys()
    names = [file_name(hub, one, child) for one in sorted(sources) for child in known]
    # The end of a file stays known by the number that was told, and holds for whom that leads to.
    unlinking.drop_ends(tx, names)
    for child, systems in known.items():
        for system in systems:
            _bind(tx, hub, child, system)
    kept = [
        _look_at_all(tx, hub, key, child, known[child], but=nameless[child], at=at)
        for child, key in sides
    ]
    return kept[0], kept[1]


def say_again(
    tx: Transaction,
    hub: Hub,
    plan: Plan,
    move: Move,
    *,
    going: Going,
    divided: Collection[UUID],
    at: datetime,
) -> None:
    """Store once more what went, and what names the same organisations as what went.

    A statement that both children's parts make is each child's own, as its own parts made it; so is
    what was `divided`, which the other child has by these ids. What went as a whole and gave way to
    what stays has nothing to give way to any more.

    What a person put aside is told again too, so that it has the labels of its own part, and is put
    aside again by what was decided (`supersede.carry_out`).
    """
    both = plan.shared
    unlinking.said_anew(tx, move.source, {name for _, name in both})
    unlinking.said_anew_there(tx, divided)
    unlinking.stands_anew(tx, going.whole, {name for one in plan.goes for name in one.words})
    # The newest first: what is older then says nothing new once more.
    for one in _newest_first(plan.stays):
        if one.statements & both:
            store_part(tx, hub, one.origin, one.part, move.source, at=at)
    for one in _newest_first(plan.goes):
        store_part(tx, hub, one.origin, one.part, move.target, at=at)


def _newest_first(parts: Iterable[Brought]) -> list[Brought]:
    return sorted(parts, key=lambda one: one.origin.order_of(one.part), reverse=True)


def _divide_pictures(tx: Transaction, hub: Hub, plan: Plan, move: Move) -> None:
    """Let each child's pictures be those of its own parts, and leave out what those leave out."""
    went: dict[str, list[Brought]] = defaultdict(list)
    for one in plan.goes:
        if one.origin.snapshot:
            went[one.origin.source].append(one)
    ended: list[tuple[frozenset[str], frozenset[bytes]]] = []
    for source, parts in sorted(went.items()):
        partners = frozenset(name for one in parts for name in one.origin.names)
        names = unlinking.forget_picture(
            tx,
            partners,
            picture_name(source, move.source),
            said={name for one in parts for _, name in one.statements},
            files={one.origin.sha256 for one in parts},
        )
        ended.append((partners, names))
    _say_pictures(tx, hub, plan.stays, move.source)
    _say_pictures(tx, hub, plan.goes, move.target)
    for partners, names in ended:
        unlinking.put_back(tx, (move.source, move.target), partners, names)


def _say_pictures(tx: Transaction, hub: Hub, parts: Iterable[Brought], child: UUID) -> None:
    # The newest first: what an older one says again was not left out before it said so.
    newest = sorted(parts, key=lambda one: one.told, reverse=True)
    for one in newest:
        if one.origin.snapshot:
            replace_picture(tx, hub, one.origin, one.part, child)


def _bind(tx: Transaction, hub: Hub, child: UUID, system: System) -> None:
    """Let what this source struck under a number of the child end its file, and nobody else's."""
    numbers = unlinking.numbers_of(tx, child)
    called = [file_called(hub, system.source, one) for one in numbers]
    unlinking.strike(tx, system, file_name(hub, system.source, child), called)


def _look_at_all(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    child: UUID,
    systems: Iterable[System],
    *,
    but: frozenset[bytes],
    at: datetime,
) -> Kept:
    changed, vanished = set[UUID](), set[UUID]()
    for one in systems:
        owner = Owner(
            child=child,
            partner=one.partner,
            names=one.partners,
            receipt=one.receipt,
            file=frozenset({file_name(hub, one.source, child)})
            | names_of_numbers(tx, hub, one.source, child),
            pictured_by=one.sender,
        )
        kept = keep_statements(tx, hub, key, owner, (), again=one.names - but, at=at)
        changed |= kept.changed
        vanished |= kept.vanished
    return Kept(frozenset(changed), frozenset(vanished))
