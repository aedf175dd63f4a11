"""How many consent-checked and logged reads a second the hub answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from gateway import clock
from gateway.exchange.disclose import Asked, Disclosed, disclose
from gateway.identity.callers import PartnerCaller
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side
from tests.bench.load import Plan, request
from tests.bench.measured import Measured, Shared
from tests.bench.processes import (
    Meter,
    Runner,
    Served,
    another_hub,
    bare_app,
    explained,
    port_of,
)
from tests.bench.recording import Recording, record
from tests.support.running_hub import CLB, RunningHub

OK = 200
CLIENTS, ROUNDS, SECONDS, FAMILIES = 16, 4, 4.0, 10


def searches(
    system: RunningHub,
    patients: list[str],
    *,
    port: int,
    seconds: float = SECONDS,
) -> Plan:
    """Return a plan that asks for the diagnosis of each child in turn."""
    headers = {"Authorization": f"Bearer {system.token(CLB)}"}
    return Plan(
        port=port,
        requests=[request("GET", f"/fhir/Condition?patient={one}", headers) for one in patients],
        connections=CLIENTS,
        seconds=seconds,
        expected=OK,
        repeat=True,
    )


def recorded(system: RunningHub, patient: str) -> Recording:
    """Return what the hub sends to the database for one search, and what it answers."""
    caller = PartnerCaller(partner=CLB, scopes=frozenset())
    asked = Asked(type="Condition", purpose="care", patient=patient)
    # Once before: what the answer rests on is sent the first time only.
    disclose(system.hub, caller, asked, at=clock.now())
    found: list[Disclosed] = []
    statements = record(
        system.hub, lambda hub: found.extend(disclose(hub, caller, asked, at=clock.now()))
    )
    assert len(found) == 1
    answer = system.call(CLB, "GET", f"/fhir/Condition?patient={patient}").content
    return Recording(transactions=statements.transactions, answer=answer)


def patients_of(system: RunningHub, families: list[Shared]) -> list[str]:
    """Return the pseudonyms under which the CLB knows these children."""
    return [system.hub.vault.pairwise(CLB, family.child) for family in families]


@contextmanager
def hub_of(measured: Measured, folder: Path, *, workers: int) -> Iterator[Served]:
    """Give the hub of the system, or the same hub in several processes."""
    stack = measured.system.stack
    if workers == 1:
        yield Served("hub", port_of(measured.system.base_url), stack.hub)
    else:
        with another_hub(stack.environment, folder, workers=workers) as hub:
            yield hub


@pytest.mark.parametrize("workers", [1, 2])
def test_reads_are_measured_beside_the_same_statements_without_a_decision(
    workers: int, measured: Measured, runner: Runner, book: Book, tmp_path: Path
) -> None:
    system, begin = measured.system, load_now()
    patients = patients_of(system, measured.share(FAMILIES))
    statements = recorded(system, patients[0])
    plan = partial(searches, system, patients)
    bare_of = partial(bare_app, statements, tmp_path, database=measured.database)
    with hub_of(measured, tmp_path, workers=workers) as hub, bare_of(workers=workers) as bare:
        for port in (hub.port, bare.port):
            runner(plan(port=port, seconds=1))
        ours = Meter(lambda: measured.cpu() | hub.cpu(), runner)
        plain = Meter(bare.cpu, runner)
        rates, beside = side_by_side(
            (lambda: ours(plan(port=hub.port)), lambda: plain(plan(port=bare.port))),
            rounds=ROUNDS,
        )
    book.add(
        Figure(
            name=f"reads, checked and logged, {workers} hub process{'es' * (workers > 1)}",
            unit="reads/s",
            rounds=rates,
            yardsticks=(Yardstick(name="bare FastAPI, same SQL", rounds=beside),),
            floor="over 600",
            load=(begin, load_now()),
            more=explained(ours, plain),
        )
    )


def test_every_read_that_was_measured_is_in_the_access_log(
    measured: Measured, runner: Runner
) -> None:
    system = measured.system
    plan = searches(system, patients_of(system, measured.share(1)), port=port_of(system.base_url))
    lines = "select count(*) from access_log where act = 'search' and outcome = 'permit'"
    before = measured.count(lines)
    assert runner(replace(plan, seconds=0.5)).answered == measured.count(lines) - before
