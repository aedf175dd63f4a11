"""What waits beside an erased child goes on: earlier notices, and changes of what never arrived."""

from datetime import timedelta
from uuid import UUID, uuid4

import orjson

from adapters.contract import Amendment, Part, Translation
from gateway import clock
from gateway.exchange.deliveries.seal_delivery import requeue_lost, unsent
from gateway.exchange.deliveries.write_message import Sealed
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.callers import PersonCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import receipts
from gateway.store.engine import transaction
from gateway.store.receipts import NewReceipt
from tests.integration.erasure.world import FATHER, MOTHER, NOOR, SAM, Family, shared
from tests.integration.identity.world import diagnosis, somebody
from tests.support.running_hub import CLB, PARTNERS, VAPH


def stop(family: Family) -> Sealed:
    """Let a parent withdraw what is shared; return what the service is told."""
    [[consent]] = family.desk.rows(
        "select id from consent where child = :child and person = :person",
        child=family.noor,
        person=family.person(MOTHER),
    )
    mother = PersonCaller(person=str(family.person(MOTHER)), correlation="test")
    family.desk.at += timedelta(minutes=1)
    withdraw_consent(family.desk.hub, mother, str(consent), at=family.desk.at)
    [stopped] = family.send()
    assert isinstance(stopped, Sealed)
    assert stopped.type == "be.deelregie.consent.withdrawn.v1"
    return stopped


def sent_again(family: Family, partner: str) -> dict[str, bytes]:
    """Return what a service is sent again when the broker lost it."""
    requeue_lost(family.desk.hub, partner)
    return {
        one.delivery: one.jwe
        for one in unsent(family.desk.hub, partner=partner, limit=100, at=clock.now())
    }


def test_a_notice_of_a_stop_that_the_broker_lost_is_sent_again_with_its_messages(
    family: Family,
) -> None:
    shared(family)
    stopped = stop(family)
    family.erase()
    assert sent_again(family, CLB)[stopped.delivery] == stopped.jwe


def test_so_is_one_to_who_went_on_for_the_service_that_read_them(family: Family) -> None:
    sent = shared(family)
    keys = {"keys": [public_part(new_signing_jwk())]}
    heir = Registration(id="clb-heir", name="CLB", kind=PARTNERS[CLB][1], jwks=keys)
    register_partner(family.desk.hub, heir, at=family.desk.at)
    assert merge_partner(family.desk.hub, CLB, heir.id, at=family.desk.at).settled
    family.send()
    stopped = stop(family)
    assert stopped.partner == heir.id
    [read] = orjson.loads(stopped.jwe)["withdrawn"]
    assert read in sent
    family.erase()
    assert sent_again(family, heir.id)[stopped.delivery] == stopped.jwe


def test_a_change_that_came_in_the_same_file_still_holds_for_whom_it_is_about(
    family: Family,
) -> None:
    later = "2026-02-01"
    change = Amendment(
        key="diagnosis/late", element="recordedDate", value="2025-01-01", asserted_at=later,
        version="2", where="/x",
    )  # fmt: skip
    noor = somebody("Peeters", "Noor", insz=NOOR, says=(diagnosis("F70"),))
    _tell(family, (noor,), (change,))
    family.erase()
    late = diagnosis("F98", key="diagnosis/late")
    late.resource["id"] = "late"
    sam = somebody("Peeters", "Sam", "2019-03-15", insz=SAM, says=(late,))
    family.desk.tell(VAPH, sam)
    rows = family.desk.rows(
        "select status, version from resource where child = :child and layer = 'assertion'"
        " and version > 1",
        child=family.sam,
    )
    # Said, and then changed by what was waiting.
    assert [(row.status, row.version) for row in rows] == [("active", 2)]


def _tell(family: Family, parts: tuple[Part, ...], changes: tuple[Amendment, ...]) -> UUID:
    desk, raw, receipt = family.desk, uuid4().bytes, uuid4()
    desk.at += timedelta(minutes=1)
    desk.told[raw] = Translation(parts=parts, rejections=(), account=(), amendments=changes)
    new = NewReceipt(
        id=receipt, partner=VAPH, source="vaph", channel="http", idempotency_key=raw.hex(),
        content_type=None, original=raw, status="accepted",
    )  # fmt: skip
    with transaction(desk.hub.engine) as tx:
        receipts.save(tx, desk.hub.vault, new, at=desk.at)
    assert process_accepted(desk.hub, limit=10, at=desk.at) == 1
    return receipt


def test_the_other_parents_decisions_about_a_sibling_stay(family: Family) -> None:
    family.erase()
    rows = family.desk.rows("select person from consent where child = :child", child=family.sam)
    assert [row.person for row in rows] == [family.person(MOTHER)]
    assert family.person(FATHER) is None
