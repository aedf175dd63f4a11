"""What a service did with its copy after a notice: kept, logged, told to whom it may be told."""

from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import select

from gateway import clock
from gateway.errors import InvalidRequest
from gateway.exchange.audit.search_log import LogQuery, search_log
from gateway.exchange.families.answer_notice import answer_notice
from gateway.exchange.family_views.family_view import LookView, who_looked
from gateway.identity.callers import AuditorCaller, PartnerCaller, PersonCaller
from gateway.store.engine import transaction
from gateway.store.receiving_tables import notice_answer
from gateway.store.tables import access_log
from gateway.streams.hub_client import HubRefusedError
from gateway.streams.recipient import Answer, Order, receive
from tests.integration.receiving.desk import CLASSES, Desk, later
from tests.support.family_world import CAW, CLB, DAY, TWELVE


def notice(desk: Desk) -> str:
    """Let the CLB read everything, let the mother stop, and return the notice."""
    consent = desk.allow()
    desk.fill()
    desk.world.open([one.id for one in desk.page().events], at=clock.now())
    desk.stop(consent)
    desk.fill()
    return desk.page().events[-1].id


def says(desk: Desk, name: str, done: str, basis: str | None = None, partner: str = CLB) -> bool:
    caller = PartnerCaller(partner=partner, scopes=frozenset())
    return answer_notice(desk.hub, caller, name, done=done, basis=basis, at=clock.now())


def seen(desk: Desk, person: PersonCaller) -> list[LookView]:
    looks = who_looked(desk.hub, person, str(desk.world.child), at=later(seconds=1))
    return [one for one in looks if one.act.startswith("notice_")]


def kept(desk: Desk) -> list[tuple[str, str | None]]:
    with transaction(desk.hub.engine) as tx:
        rows = tx.execute(select(notice_answer.c.done, notice_answer.c.basis))
        return [(row.done, row.basis) for row in rows]


def test_the_family_and_the_auditor_see_that_a_copy_was_erased(desk: Desk) -> None:
    assert says(desk, notice(desk), "erased")
    assert kept(desk) == [("erased", None)]
    for person in (desk.world.mother, desk.world.father):
        (line,) = seen(desk, person)
        assert line.act == "notice_erased"
        assert line.classes == CLASSES
    auditor = AuditorCaller(auditor="an", correlation="test")
    query = LogQuery(act="notice_answered")
    (logged,) = search_log(desk.hub, auditor, query, at=clock.now()).entries
    assert (logged.partner, logged.outcome) == (CLB, "erased")


def test_who_keeps_a_copy_names_a_ground_of_the_list(desk: Desk) -> None:
    name = notice(desk)
    for basis in (None, "because", "An Peeters asked us"):
        with pytest.raises(InvalidRequest):
            says(desk, name, "kept-by-law", basis)
    with pytest.raises(InvalidRequest):
        says(desk, name, "erased", "clb-file")
    assert says(desk, name, "kept-by-law", "clb-file")
    (line,) = seen(desk, desk.world.mother)
    assert (line.act, line.reason) == ("notice_kept_by_law", "kept:clb-file")


def test_a_repeat_changes_nothing_and_another_answer_counts_from_then_on(desk: Desk) -> None:
    name = notice(desk)
    assert says(desk, name, "kept-by-law", "legal-claim")
    assert says(desk, name, "kept-by-law", "legal-claim")
    assert len(seen(desk, desk.world.mother)) == 1
    assert says(desk, name, "erased")
    assert kept(desk) == [("erased", None)]
    assert len(seen(desk, desk.world.mother)) == 2


def test_what_is_no_notice_of_ones_own_is_absent(desk: Desk) -> None:
    name = notice(desk)
    message = desk.page().events[0].id
    assert not says(desk, name, "erased", partner=CAW)
    assert not says(desk, message, "erased")
    assert not says(desk, "00000000-0000-4000-8000-000000000000", "erased")
    assert not says(desk, "x", "erased")
    assert kept(desk) == []


def test_a_parent_is_not_told_of_a_stop_of_the_child_itself(desk: Desk) -> None:
    world, at = desk.world, TWELVE + 60 * DAY
    young = world.youngster(at=at)
    consent = world.given(young, CLASSES, at=at)
    desk.fill_at(at)
    world.open([one.id for one in desk.page().events], at=at)
    world.take_back(young, consent, at=at)
    desk.fill_at(at)
    caller = PartnerCaller(partner=CLB, scopes=frozenset())
    last = desk.page().events[-1].id
    assert answer_notice(desk.hub, caller, last, done="erased", basis=None, at=at)

    def told(person: PersonCaller) -> list[str]:
        looks = who_looked(desk.hub, person, str(world.child), at=at)
        return [one.act for one in looks if one.act.startswith("notice_")]

    assert told(young) == ["notice_erased"]
    assert told(world.mother) == []
    # By the decisions on its line: also to who decides again in the child's place one day.
    with transaction(desk.hub.engine) as tx:
        query = select(access_log.c.consents).where(access_log.c.act == "notice_answered")
        assert UUID(consent) in tx.execute(query).scalar_one()


def test_the_program_answers_each_notice(served: Desk, tmp_path: Path) -> None:
    notice(served)
    order = Order(
        feed=True, state=tmp_path, once=True, seconds=60, answer=Answer(done="nothing-held")
    )
    with served.client() as hub:
        receive(hub, order, lambda _: None, Event())
    assert kept(served) == [("nothing-held", None)]


def test_over_http_absent_and_not_yours_are_the_same_bytes(served: Desk) -> None:
    name = notice(served)
    message = served.page().events[0].id
    answers = {
        served.ask("POST", f"/notices/{one}/answer", json={"done": "erased"}).content
        for one in (message, "00000000-0000-4000-8000-000000000000", "x")
    }
    assert len(answers) == 1
    assert served.ask("POST", f"/notices/{name}/answer", json={"done": "x"}).status_code == 400
    with served.client() as hub:
        hub.answer_notice(name, done="erased")
        with pytest.raises(HubRefusedError):
            hub.answer_notice(message, done="erased")
