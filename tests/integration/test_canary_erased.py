"""After an erasure no readable copy of a child is left: in files, dumps, topics or temporary files.

Two families go the same way, and one child is erased: what is searched for is found for the other.
"""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from gateway import clock
from gateway.embedded.postgres import binary
from gateway.exchange.links.link_identity import matches_to_decide, reject_match
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.tables import child, delivery, receipt, receipt_part, resource, resource_version
from gateway.store.vault import AUDITORS
from tests.support.families import Family, a_family
from tests.support.opened import everything_opened, open_messages
from tests.support.running_hub import CLB, VAPH, RunningHub, eventually
from tests.support.topics import read_topic

# What an operator runs after an erasure (docs/erasure.md): a dead row lies in its file until then.
AFTERWARDS = (
    "vacuum (full) child", "vacuum (full) receipt", "vacuum (full) delivery",
    "vacuum (full) resource_version", "vacuum (full) known_description", "checkpoint",
)  # fmt: skip


@dataclass
class Erased:
    """One child that was erased and one that was not, with bytes that lay in the files."""

    gone: Family
    stays: Family
    bytes_of: dict[str, list[bytes]] = field(default_factory=dict[str, list[bytes]])
    messages: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


@pytest.fixture(scope="module")
def erased(system: RunningHub) -> Erased:
    """Let two families share, and erase one child as two auditors do."""
    found = Erased(a_family(), a_family())
    ids = {}
    for family in (found.gone, found.stays):
        system.delivered(VAPH, family.vaph_2023)
        system.delivered(CLB, family.clb_2024)
        for parent in system.parents(family):
            parent.given(CLB, ["diagnosis", "functional"])
        with transaction(system.hub.engine) as tx:
            number = system.hub.vault.lookup("insz", family.child)
            [ids[family.child]] = children.find(tx, "insz", number)
    for family in (found.gone, found.stays):
        one = ids[family.child]
        eventually(partial(_messages, system, one))
        found.bytes_of[family.child] = _sealed_bytes(system, one)
        found.messages[family.child] = _messages(system, one)
    assert _in_files(system, found.bytes_of[found.gone.child]), "the search itself finds them"
    _decide_what_waits(system, ids[found.gone.child])
    _erase(system, system.hub.vault.pairwise(AUDITORS, ids[found.gone.child]))
    _administer(system, *AFTERWARDS)
    return found


def _decide_what_waits(system: RunningHub, one: Any) -> None:
    """Say of records of others that wait that they are not about this child, as has to be said."""
    for waiting in matches_to_decide(system.hub):
        if str(one) in waiting.candidates:
            assert reject_match(system.hub, waiting.id, by="operator", at=clock.now())


def _erase(system: RunningHub, pseudonym: str) -> None:
    asked = {"child": pseudonym, "ground": "unlawful", "reason": "Noor Peeters, autisme"}
    auditor, officer = system.person("an-auditor").client, system.person("dina-deckers").client
    answer = _post(auditor, "/erasures", asked)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    wanted = f"/erasures/{answer.json()['id']}/confirm"
    assert _post(auditor, wanted).status_code == httpx.codes.FORBIDDEN
    done = _post(officer, wanted)
    assert done.status_code == httpx.codes.OK, done.text
    assert done.json()["originals"] >= 2


def _post(client: httpx.Client, path: str, body: dict[str, str] | None = None) -> httpx.Response:
    token = client.get("/erasures").headers["X-CSRF-Token"]
    origin = {"Origin": str(client.base_url).rstrip("/")}
    return client.post(path, json=body, headers={"X-CSRF-Token": token} | origin)


def _sealed_bytes(system: RunningHub, one: Any) -> list[bytes]:
    """Return wrapped keys and ciphertexts of a child, as they lie in the database."""
    of_child = select(resource_version.c.content).join(
        resource, resource.c.id == resource_version.c.resource
    )
    own = select(receipt.c.wrapped_key).join(receipt_part, receipt_part.c.receipt == receipt.c.id)
    queries = (
        select(child.c.wrapped_key).where(child.c.id == one),
        of_child.where(resource.c.child == one),
        own.where(receipt_part.c.child == one),
        select(delivery.c.wrapped_key).where(
            delivery.c.child == one, delivery.c.wrapped_key.is_not(None)
        ),
    )
    with transaction(system.hub.engine) as tx:
        # Short ones lie in the row as they are; long ones may be cut in pieces elsewhere.
        return [bytes(row[0])[:60] for query in queries for row in tx.execute(query)]


def _messages(system: RunningHub, one: Any) -> set[str]:
    query = select(delivery.c.id).where(delivery.c.child == one, delivery.c.kind == "updated")
    with transaction(system.hub.engine) as tx:
        return {str(found) for found in tx.execute(query).scalars()}


def _administer(system: RunningHub, *statements: str) -> list[Any]:
    """Run statements as the administrator of PostgreSQL; return what the last one answers."""
    assert system.stack.postgres is not None
    database = make_url(system.stack.addresses.database_url).database
    engine = create_engine(system.stack.postgres.admin_url(str(database)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        answers = [connection.execute(text(one)) for one in statements]
        found = list(answers[-1]) if answers[-1].returns_rows else []
    engine.dispose()
    return found


def _in_files(system: RunningHub, wanted: Iterable[bytes]) -> list[bytes]:
    """Return which bytes stand in a table's or index's file of this database."""
    query = "select oid from pg_database where datname = current_database()"
    [[database]] = _administer(system, "checkpoint", query)
    assert system.stack.postgres is not None
    folder = system.stack.postgres.data / "base" / str(database)
    files = [one.read_bytes() for one in folder.iterdir()]
    return [one for one in wanted if any(one in content for content in files)]


def _numbers(family: Family) -> list[bytes]:
    return [one.encode() for one in (family.child, family.mother, family.father, family.dossier)]


def test_no_key_that_is_left_opens_anything_of_the_child(
    system: RunningHub, erased: Erased
) -> None:
    plain = b"\n".join(everything_opened(system.hub))
    assert [one for one in _numbers(erased.gone) if one in plain] == []
    # Whoever is not erased is still there, so that the search would have found it.
    assert erased.stays.child.encode() in plain


def test_the_files_of_the_database_hold_neither_key_nor_ciphertext_of_the_child(
    system: RunningHub, erased: Erased
) -> None:
    assert _in_files(system, erased.bytes_of[erased.gone.child]) == []
    assert _in_files(system, erased.bytes_of[erased.stays.child]) != []


def test_a_dump_holds_neither_key_nor_ciphertext_nor_canary_of_the_child(
    system: RunningHub, erased: Erased
) -> None:
    url = make_url(system.stack.addresses.database_url)
    where = {"host": url.query.get("host") or url.host, "port": url.port, "user": url.username}
    given = [f"{name}={one}" for name, one in where.items() if one] + [f"dbname={url.database}"]
    command = [str(binary("pg_dump")), "-d", " ".join(given)]
    dump = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    hidden = [one.hex().encode() for one in erased.bytes_of[erased.gone.child]]
    assert [one for one in (*hidden, *_numbers(erased.gone)) if one in dump] == []
    shown = [one.hex().encode() for one in erased.bytes_of[erased.stays.child]]
    assert [one for one in shown if one in dump] != []


def test_what_lies_in_the_broker_can_be_opened_by_nobody(
    system: RunningHub, erased: Erased
) -> None:
    gone, stays = erased.messages[erased.gone.child], erased.messages[erased.stays.child]
    in_topic = {
        value.decode()
        for one in read_topic(system.bootstrap, f"partner.{CLB}")
        for name, value in one.headers
        if name == "ce_id"
    }
    assert gone & in_topic, "the ciphertext is there still"
    assert gone & open_messages(system.hub) == set()
    assert stays & open_messages(system.hub) == stays
    answer = system.call(CLB, "POST", "/keys", json={"ids": sorted(gone)}).json()
    assert {one["state"] for one in answer["keys"]} == {"gone"}


def test_no_canary_stands_in_any_file_of_the_whole_system(
    system: RunningHub, erased: Erased
) -> None:
    folder = system.stack.addresses.data
    files = [one for one in folder.rglob("*") if one.is_file() and not one.is_symlink()]
    assert len(files) > 100
    wanted = [*_numbers(erased.gone), b"Noor Peeters, autisme"]
    for file in files:
        content = file.read_bytes()
        assert [one for one in wanted if one in content] == [], file.name


def test_for_a_partner_the_erased_child_is_as_one_who_never_was(
    system: RunningHub, erased: Erased
) -> None:
    with transaction(system.hub.engine) as tx:
        query = select(child.c.id).where(child.c.wrapped_key.is_(None))
        [gone] = tx.execute(query).scalars()
    patient = system.hub.vault.pairwise(CLB, gone)
    for path in ("/fhir/Condition?patient={}", "/fhir/Observation?patient={}"):
        seen = system.call(CLB, "GET", path.format(patient))
        never = system.call(CLB, "GET", path.format("f" * 32))
        assert seen.status_code == never.status_code
        assert seen.content.replace(patient.encode(), b"") == never.content.replace(b"f" * 32, b"")
