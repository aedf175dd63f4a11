"""An erasure while others are busy with the child: nobody deadlocks, and nothing slips by."""

from concurrent.futures import ThreadPoolExecutor

from gateway.exchange.erasure.erase_child import Erased, NotErased
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.store import children, outbox
from gateway.store.engine import transaction
from tests.integration.erasure.world import NOOR, SAM, Family, shared
from tests.support.families import SAMPLES
from tests.support.opened import everything_opened
from tests.support.running_hub import CLB, VAPH, eventually

_WAITS = """
select 1 from pg_locks where not granted and pid <> pg_backend_pid()
   and (database = (select oid from pg_database where datname = current_database())
        or locktype = 'transactionid')
"""


def test_an_erasure_waits_for_a_relay_that_then_takes_the_child(family: Family) -> None:
    asked = family.ask()
    with ThreadPoolExecutor(1) as pool:
        with transaction(family.desk.hub.engine) as tx:
            assert outbox.claim(tx, CLB, limit=100)
            erasing = pool.submit(family.confirm, asked)
            eventually(lambda: family.desk.rows(_WAITS))
            # The relay's next step: it would wait for ever if the erasure held the child by now.
            children.lock_shared(tx, family.noor)
        assert isinstance(erasing.result(timeout=30), Erased)


def test_an_erasure_waits_for_a_disclosure_that_is_under_way(family: Family) -> None:
    asked = family.ask()
    with ThreadPoolExecutor(1) as pool:
        with transaction(family.desk.hub.engine) as tx:
            children.lock_shared(tx, family.noor)
            erasing = pool.submit(family.confirm, asked)
            eventually(lambda: family.desk.rows(_WAITS))
            assert children.key_of(tx, family.desk.hub.vault, family.noor) is not None
        assert isinstance(erasing.result(timeout=30), Erased)


def test_what_came_in_before_the_request_is_stored_first(family: Family) -> None:
    record = (SAMPLES / "vaph" / "vaph_01_dossier_noor_2023.xml").read_bytes()
    incoming = Incoming(
        partner=VAPH,
        source="vaph",
        raw=record,
        content_type="application/xml",
        idempotency_key=None,
        channel="http",
    )
    taken = accept_record(family.desk.hub, incoming, at=family.desk.at)
    assert isinstance(taken, Accepted), taken
    assert family.confirm(family.ask()) == NotErased("records_wait")


def test_no_key_that_is_left_opens_anything_of_the_child(family: Family) -> None:
    shared(family)
    before = b"\n".join(everything_opened(family.desk.hub))
    assert b"Noor" in before
    assert b"F80.2" in before
    family.erase()
    after = b"\n".join(everything_opened(family.desk.hub))
    assert [one for one in (b"Noor", b"F80.2", b"F84.0", NOOR.encode()) if one in after] == []
    # What is left of the file they shared.
    assert SAM.encode() in after
