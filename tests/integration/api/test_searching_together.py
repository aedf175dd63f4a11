"""Searches that arrive together share a transaction, and neither answers nor each other's waits."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, text, update

from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.tables import access_log, resource, resource_version
from tests.support.families import a_family
from tests.support.running_hub import CAW, CLB, PATIENCE, VAPH, RunningHub

ABSENT = "0123456789abcdef0123456789abcdef"
CLIENTS, ROUNDS = 12, 6


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield pool


def a_child(system: RunningHub, *, granted: bool) -> UUID:
    """Return a child the CLB knows; both parents let it see the diagnosis, or nobody does."""
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    patient = system.delivered(CLB, family.clb_2024)["parts"][0]["patient"]
    if granted:
        for parent in system.parents(family):
            parent.given(CLB, ["diagnosis"])
    found = system.hub.vault.resolve(CLB, patient)
    assert found is not None
    return found


def spoil(system: RunningHub, child: UUID) -> None:
    """Damage what lies in the database about a child."""
    with transaction(system.hub.engine) as tx:
        mine = select(resource.c.id).where(resource.c.child == child)
        versions = update(resource_version).where(resource_version.c.resource.in_(mine))
        tx.execute(versions.values(content=b"damaged"))


def searches_in_the_log(system: RunningHub, child: UUID) -> int:
    with transaction(system.hub.engine) as tx:
        lines = select(func.count()).where(
            access_log.c.child == child, access_log.c.act == "search"
        )
        return tx.execute(lines).scalar_one()


def test_each_gets_its_own_answer_and_its_own_line(
    system: RunningHub, clients: ThreadPoolExecutor
) -> None:
    open_ones = [a_child(system, granted=True) for _ in range(3)]
    closed = a_child(system, granted=False)
    pairwise = system.hub.vault.pairwise
    asked = [(CLB, pairwise(CLB, one)) for one in (*open_ones, closed)]
    asked += [(CAW, pairwise(CAW, one)) for one in (*open_ones, closed)] + [(CLB, ABSENT)]
    before = {one: searches_in_the_log(system, one) for one in (*open_ones, closed)}

    waiting: list[tuple[str, str, Future[list[dict[str, Any]]]]] = [
        (partner, patient, clients.submit(system.search, partner, "Condition", patient))
        for _ in range(ROUNDS)
        for partner, patient in asked
    ]
    for partner, patient, answer in waiting:
        found = [one["subject"]["reference"] for one in answer.result(PATIENCE)]
        mine = partner == CLB and patient in {pairwise(CLB, one) for one in open_ones}
        assert found == ([f"Patient/{patient}"] if mine else [])
    for child, known in before.items():
        assert searches_in_the_log(system, child) == known + 2 * ROUNDS


def test_a_child_that_is_being_written_makes_nobody_else_wait(
    system: RunningHub, clients: ThreadPoolExecutor
) -> None:
    written, quiet = a_child(system, granted=True), a_child(system, granted=True)
    of_written, of_quiet = (system.hub.vault.pairwise(CLB, one) for one in (written, quiet))
    with transaction(system.hub.engine) as tx:
        children.lock(tx, written)
        waits = [clients.submit(system.search, CLB, "Condition", of_written) for _ in range(3)]
        for _ in range(ROUNDS):
            assert len(system.search(CLB, "Condition", of_quiet)) == 1
        assert not any(one.done() for one in waits)
    assert [len(one.result(PATIENCE)) for one in waits] == [1, 1, 1]


def test_what_is_damaged_spoils_its_own_answer_only(
    system: RunningHub, clients: ThreadPoolExecutor
) -> None:
    damaged, whole = a_child(system, granted=True), a_child(system, granted=True)
    spoil(system, damaged)
    known = searches_in_the_log(system, whole)
    patients = [system.hub.vault.pairwise(CLB, one) for one in (damaged, whole)]
    paths = [f"/fhir/Condition?patient={patient}" for patient in patients]
    asked = [clients.submit(system.call, CLB, "GET", path) for _ in range(ROUNDS) for path in paths]
    statuses = [one.result(PATIENCE).status_code for one in asked]
    assert statuses == [httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.OK] * ROUNDS
    assert searches_in_the_log(system, whole) == known + ROUNDS


def test_what_cannot_be_logged_is_not_disclosed(
    system: RunningHub, clients: ThreadPoolExecutor
) -> None:
    child = a_child(system, granted=True)
    patient = system.hub.vault.pairwise(CLB, child)
    path = f"/fhir/Condition?patient={patient}"
    full = "alter table access_log add constraint disk_full check (act <> 'search') not valid"
    with transaction(system.hub.engine) as tx:
        tx.execute(text(full))
    try:
        asked = [clients.submit(system.call, CLB, "GET", path) for _ in range(CLIENTS)]
        for one in asked:
            answer = one.result(PATIENCE)
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
            assert patient not in answer.text
    finally:
        with transaction(system.hub.engine) as tx:
            tx.execute(text("alter table access_log drop constraint disk_full"))
    # No connection is left behind in which something failed.
    assert [len(system.search(CLB, "Condition", patient)) for _ in range(CLIENTS)] == [1] * CLIENTS
