"""Siblings' records name the same parents in any order, and no two workers wait for each other."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from adapters.contract import RelatedKey
from gateway.exchange.identities import claim_ties
from gateway.store import children
from gateway.store.engine import Transaction, transaction
from tests.integration.identity.world import Desk, number, somebody
from tests.support.running_hub import CLB, VAPH

MOTHER, FATHER = number(8, year="90"), number(9, year="88")


def test_two_workers_claim_the_same_parents_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    siblings = [
        desk.child_of(desk.tell(partner, somebody("Peeters", name, insz=number(place))))
        for place, (partner, name) in enumerate([(VAPH, "Noor"), (CLB, "Emma")], start=1)
    ]
    look, met, made = children._people, Barrier(2), list[list[bytes]]()

    def look_and_meet(tx: Transaction, hashes: list[bytes]) -> dict[bytes, UUID]:
        found = look(tx, hashes)
        # Neither knows a parent yet, and both make both known at once: in two orders, each would
        # wait for the other's. Whoever looks again, having made them, meets nobody.
        with contextlib.suppress(BrokenBarrierError):
            if not found:
                met.wait(timeout=5)
        return found

    def note(_1: Any, _2: Any, statement: str, rows: Any, *_3: Any) -> None:
        if statement.startswith("INSERT INTO person"):
            made.append([bytes(one["insz_hash"].obj) for one in rows])

    def claim(child: UUID, parents: tuple[str, ...]) -> int:
        related = tuple(
            RelatedKey(insz=one, relation="parent", authority="exercised") for one in parents
        )
        with transaction(desk.hub.engine) as tx:
            known = claim_ties.claim_family(
                tx,
                desk.hub,
                child,
                related,
                partner=VAPH,
                source="vaph",
                asserted_at="1",
                at=desk.at,
            )
        return len(known)

    monkeypatch.setattr(children, "_people", look_and_meet)
    event.listen(desk.hub.engine, "before_cursor_execute", note)
    with ThreadPoolExecutor() as workers:
        orders = [(MOTHER, FATHER), (FATHER, MOTHER)]
        claimed = [
            workers.submit(claim, child, order)
            for child, order in zip(siblings, orders, strict=True)
            if child is not None
        ]
        assert [one.result() for one in claimed] == [3, 3]
    assert len(desk.rows("select 1 from family_tie")) == 4
    assert [len(one) for one in made] == [2, 2], "both made them known at once"
    assert made[0] == made[1]
