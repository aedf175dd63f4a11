"""Siblings' records name the same parents in any order, and no two workers wait for each other."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError
from uuid import UUID

import pytest

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
    ensure, met = children.ensure_person, Barrier(2)

    def ensure_and_meet(tx: Transaction, insz_hash: bytes) -> UUID:
        found = ensure(tx, insz_hash)
        # Each holds its first parent by now: in two orders, both would wait for the other's. In
        # one order the second never gets here before the first is done, which does not wait long.
        with contextlib.suppress(BrokenBarrierError):
            met.wait(timeout=0.3)
        return found

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

    monkeypatch.setattr(children, "ensure_person", ensure_and_meet)
    with ThreadPoolExecutor() as workers:
        orders = [(MOTHER, FATHER), (FATHER, MOTHER)]
        claimed = [
            workers.submit(claim, child, order)
            for child, order in zip(siblings, orders, strict=True)
            if child is not None
        ]
        assert [one.result() for one in claimed] == [3, 3]
    assert len(desk.rows("select 1 from family_tie")) == 4
