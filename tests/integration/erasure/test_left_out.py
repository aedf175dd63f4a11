"""What a complete delivery said of the others holds as before, whoever in it was erased."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from adapters.contract import Segment
from gateway.exchange.erasure.erase_child import (
    Erased,
    ErasureRequest,
    ask_erasure,
    confirm_erasure,
)
from gateway.exchange.erasure.retention import apply_retention
from gateway.exchange.links.split_identity import Split, Wrong, split_identity
from tests.integration.erasure.world import AUDITOR, DPO, NOOR, SAM
from tests.integration.identity.world import Desk, number, somebody
from tests.support.running_hub import CHILDCARE, VAPH

BO = number(13)
BORN = "2019-03-15"


def _seen(key: str, data_class: str = "concern") -> Segment:
    said = {"id": f"id-{key}", "status": "final", "code": {"text": key}}
    resource = {"resourceType": "Observation", **said}
    return Segment(resource=resource, data_class=data_class, key=f"seen/{key}")


def _stands(desk: Desk, child: UUID | None) -> int:
    rows = desk.rows(
        "select 1 from resource where child = :child and layer = 'assertion'"
        " and status = 'active' and type = 'Observation'",
        child=child,
    )
    return len(rows)


def _erase(desk: Desk, insz: str) -> None:
    child = desk.found(insz)
    assert child
    desk.at += timedelta(minutes=1)
    request = ErasureRequest(child=child, ground="unlawful", reason="een fout")
    asked = ask_erasure(desk.hub, request, AUDITOR, at=desk.at)
    assert isinstance(asked, UUID)
    assert isinstance(confirm_erasure(desk.hub, asked, DPO, at=desk.at), Erased)


def _link_what_waits(desk: Desk, child: UUID) -> None:
    [match] = desk.queue()
    assert desk.confirm(match.id, child)


def _known(desk: Desk, insz: str) -> UUID:
    found = desk.found(insz)
    assert found
    return found


def test_what_a_picture_left_out_ends_when_a_part_of_it_is_linked_after_two_others_are_erased(
    desk: Desk,
) -> None:
    first = somebody("Peeters", "Sam", BORN, insz=SAM, says=(_seen("a"), _seen("b")))
    desk.tell(VAPH, first, snapshot=True)
    noor = somebody("Janssens", "Lotte", "2012-08-02", insz=NOOR, says=(_seen("n"),))
    bo = somebody("Claes", "Bo", "2014-05-06", insz=BO, says=(_seen("o"),))
    sam = somebody("Peeters", "Sam", BORN, says=(_seen("a"),), version="2")
    desk.tell(VAPH, noor, bo, sam, snapshot=True)
    _erase(desk, NOOR)
    _erase(desk, BO)
    child = _known(desk, SAM)
    assert _stands(desk, child) == 2
    _link_what_waits(desk, child)
    assert _stands(desk, child) == 1


def test_what_a_wrong_link_left_out_stands_again_after_another_is_erased(desk: Desk) -> None:
    first = somebody("Peeters", "Sam", BORN, insz=SAM, local="2", says=(_seen("a"), _seen("b")))
    desk.tell(VAPH, first, snapshot=True)
    noor = somebody("Janssens", "Lotte", "2012-08-02", insz=NOOR, says=(_seen("n"),))
    wrong = somebody("Peeters", "Sam", BORN, insz=SAM, local="9", says=(_seen("c"),), version="2")
    receipt = desk.tell(VAPH, noor, wrong, snapshot=True)
    _erase(desk, NOOR)
    child = _known(desk, SAM)
    assert _stands(desk, child) == 1
    link = Wrong(receipt=receipt, part=wrong.id, to="new")
    assert isinstance(split_identity(desk.hub, link, by="operator", at=desk.at), Split)
    assert _stands(desk, child) == 2


def test_what_a_months_file_says_again_stands_after_who_dated_it_is_erased(desk: Desk) -> None:
    both, one = (_seen("a"), _seen("b")), (_seen("a"),)
    desk.tell(VAPH, somebody("Peeters", "Sam", BORN, insz=SAM, says=both), scope="month/1")
    left_out = somebody("Peeters", "Sam", BORN, insz=SAM, says=one, version="2")
    desk.tell(VAPH, left_out, scope="month/1")
    # Her line is the newest of the file, and says for all of it when it was said.
    noor = somebody("Janssens", "Lotte", "2012-08-02", insz=NOOR, says=(_seen("n"),), version="3")
    desk.tell(VAPH, noor, somebody("Peeters", "Sam", BORN, says=both), scope="month/1")
    _erase(desk, NOOR)
    child = _known(desk, SAM)
    assert _stands(desk, child) == 1
    _link_what_waits(desk, child)
    assert _stands(desk, child) == 2


def test_what_a_picture_left_out_ends_after_a_class_of_another_is_over(desk: Desk) -> None:
    first = somebody("Peeters", "Sam", BORN, insz=SAM, says=(_seen("a"), _seen("b")))
    desk.tell(CHILDCARE, first, snapshot=True)
    says = (_seen("day", "logistics"), _seen("n"))
    noor = somebody("Janssens", "Lotte", "2018-08-02", insz=NOOR, says=says)
    sam = somebody("Peeters", "Sam", BORN, says=(_seen("a"),), version="2")
    desk.tell(CHILDCARE, noor, sam, snapshot=True)
    done = apply_retention(desk.hub, at=datetime(2031, 6, 1, tzinfo=UTC))
    assert done["statements"] == 1
    child = _known(desk, SAM)
    _link_what_waits(desk, child)
    assert _stands(desk, child) == 1
