"""A service that merges: grants follow the same mission and regime, and nothing else does."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, text

from gateway.errors import InvalidRequest
from gateway.exchange.deliveries.queue_changes import queue_changes
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.services import organisations
from gateway.exchange.services.organisations import (
    close_partner,
    split_partner,
)
from gateway.identity.callers import PersonCaller
from gateway.store import children, partners, succession
from gateway.store.engine import transaction
from gateway.store.tables import resource
from tests.integration.lifecycle.merging import (
    ELSEWHERE,
    HEIR,
    LATER,
    around,
    in_review,
    merge,
    merging,
)
from tests.integration.lifecycle.world import (
    CLASSES,
    OTHER,
    READER,
    START,
    World,
    register,
)

__all__ = ["merging"]


def test_the_successor_reads_what_was_granted_and_the_old_service_nothing(merging: World) -> None:
    merging.grant()
    assert merging.sees(READER) > 0
    assert merging.sees(HEIR, at=LATER) == 0
    done = merge(merging)
    assert (done.status, done.into, done.grants_follow) == ("merged", HEIR, True)
    assert merging.sees(HEIR, at=LATER) > 0
    assert merging.sees(READER, at=LATER) == 0
    assert merging.ended() == set()


def test_the_care_relation_goes_along(merging: World) -> None:
    assert {READER, OTHER} <= around(merging)
    merge(merging)
    assert HEIR in around(merging)
    assert READER not in around(merging)


def test_what_the_old_service_had_not_read_goes_to_the_successor(merging: World) -> None:
    merging.grant()
    merging.send()
    read, unread = merging.messages()[0], merging.messages()[1:]
    assert unread
    _read_one(merging, read)
    merge(merging)
    assert merging.keys() == {}
    assert set(merging.read(at=LATER).values()) == {"gone"}
    merging.send(LATER)
    assert len(merging.messages(HEIR)) == len(unread)
    assert set(merging.read(HEIR, at=LATER).values()) == {"released"}


def test_what_waited_in_the_outbox_goes_to_the_successor_only(merging: World) -> None:
    merging.grant()
    merge(merging)
    merging.send(LATER)
    assert merging.messages(READER) == []
    assert set(merging.keys(HEIR)) == CLASSES


def test_what_changes_after_the_merger_is_sent_to_the_successor(merging: World) -> None:
    merging.grant()
    merging.send()
    merging.read()
    merge(merging)
    merging.state("functional")
    _queue_all(merging)
    merging.send(LATER)
    assert set(merging.keys(HEIR)) >= {"functional"}
    assert merging.messages(HEIR) != []


def test_a_stop_reaches_the_successor(merging: World) -> None:
    given = merging.grant()
    merge(merging)
    merging.send(LATER)
    read = merging.read(HEIR, at=LATER)
    who = PersonCaller(person=str(merging.mother), correlation="test")
    assert withdraw_consent(merging.hub, who, str(given), at=LATER + timedelta(hours=1))
    assert merging.keys(HEIR) == {}
    (notice,) = merging.send(LATER + timedelta(hours=1))
    assert set(orjson.loads(notice)["withdrawn"]) == set(read)
    assert merging.sees(HEIR, at=LATER + timedelta(hours=1)) == 0


def test_the_family_is_told_once(merging: World) -> None:
    merging.grant()
    merge(merging)
    told = merging.notices("service_merged")
    assert {one[0] for one in told} == {merging.mother, merging.father}
    assert {one[1:] for one in told} == {("service_merged", READER, LATER.date())}
    merging.keep(LATER + timedelta(days=1))
    assert merging.notices("service_merged") == told


def test_parents_do_not_learn_that_a_service_was_around_who_decides_itself(merging: World) -> None:
    merging.born("2010-01-01")
    youngster = merging.youngster()
    merge(merging)
    assert {one[0] for one in merging.notices("service_merged")} == {youngster}


def test_the_successor_may_ask_for_no_more_until_the_family_grants_it_something(
    merging: World,
) -> None:
    merging.grant()
    assert not in_review(merging)
    merge(merging)
    assert in_review(merging)
    assert not in_review(merging, OTHER)
    merging.grant(to=HEIR, at=LATER)
    assert not in_review(merging)


def test_a_grant_to_the_successor_from_before_the_merger_ends_no_review(merging: World) -> None:
    with transaction(merging.hub.engine) as tx:
        children.start_care(tx, merging.child, HEIR, at=START)
    merging.grant(to=HEIR)
    merging.grant()
    merge(merging)
    assert in_review(merging)


def test_the_second_merger_takes_along_what_the_first_brought(merging: World) -> None:
    register(merging.hub, "clb-allergrootst", "clb")
    merging.grant()
    merge(merging)
    merge(merging, HEIR, "clb-allergrootst")
    assert merging.sees("clb-allergrootst", at=LATER) > 0
    assert merging.sees(HEIR, at=LATER) == 0
    assert set(merging.status("clb-allergrootst").predecessors) == {READER, HEIR}
    assert in_review(merging, "clb-allergrootst")


def test_nothing_follows_into_another_mission(merging: World) -> None:
    given = merging.grant()
    merging.send()
    done = merge(merging, READER, ELSEWHERE)
    assert not done.grants_follow
    assert done.consents_ended == 1
    assert merging.ended() == {given}
    assert merging.events() == [(given, "ended")]
    assert merging.keys() == {}
    merging.send(LATER)
    assert merging.messages(ELSEWHERE) == []
    assert merging.sees(ELSEWHERE, at=LATER) == 0
    assert merging.sees(READER, at=LATER) == 0
    assert {READER, ELSEWHERE}.isdisjoint(around(merging))
    assert not in_review(merging, ELSEWHERE)


def test_a_new_registration_of_the_successor_revives_no_grant(merging: World) -> None:
    merging.grant()
    merge(merging, READER, ELSEWHERE)
    register(merging.hub, ELSEWHERE, "clb")
    with transaction(merging.hub.engine) as tx:
        succession.begin_care(tx, merging.child, ELSEWHERE, at=LATER)
    assert merging.sees(ELSEWHERE, at=LATER) == 0


@pytest.mark.parametrize(
    ("old", "into", "words"),
    [
        (READER, READER, "itself"),
        ("nobody-here", HEIR, "no service is called nobody-here"),
        (READER, "nobody-here", "no service is called nobody-here"),
    ],
)
def test_a_merger_of_nobody_or_with_itself_is_refused(
    merging: World, old: str, into: str, words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        merge(merging, old, into)


def test_a_merger_is_done_once_and_never_back(merging: World) -> None:
    merge(merging)
    for old, into, words in (
        (READER, HEIR, "is merged into clb-groot already"),
        (READER, ELSEWHERE, "is merged into clb-groot already"),
        (HEIR, READER, "merged into clb-groot before"),
        (OTHER, READER, "is merged; name an active service"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            merge(merging, old, into)


def test_a_merged_service_can_be_neither_activated_nor_registered_again(merging: World) -> None:
    merge(merging)
    with transaction(merging.hub.engine) as tx:
        assert not partners.set_status(tx, READER, "active")
    with pytest.raises(InvalidRequest, match="under another id"):
        register(merging.hub, READER, "clb")
    assert merging.status(READER).status == "merged"


def test_a_merger_that_broke_off_is_finished_by_the_same_command_or_the_calendar(
    merging: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    merging.grant()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a child that cannot be read")

    monkeypatch.setattr(organisations, "take_over", broken)
    done = merge(merging)
    assert (done.settled, done.failed) == (False, 1)
    # From the first moment the old service gets nothing, and the new one not yet.
    assert merging.sees(READER, at=LATER) == 0
    assert merging.sees(HEIR, at=LATER) == 0
    assert merging.keep(LATER)["failed"] == 1
    monkeypatch.undo()
    assert merging.keep(LATER)["organisations_settled"] == 1
    assert merging.sees(HEIR, at=LATER) > 0
    assert "organisations_settled" not in merging.keep(LATER)
    assert len(merging.notices("service_merged")) == 2


def test_a_service_to_which_children_still_come_neither_merges_nor_closes(
    merging: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(merging.hub, "clb-allergrootst", "clb")
    merging.grant()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a child that cannot be read")

    monkeypatch.setattr(organisations, "take_over", broken)
    assert not merge(merging).settled
    monkeypatch.undo()
    ends: tuple[Callable[[], object], ...] = (
        lambda: merge(merging, HEIR, "clb-allergrootst"),
        lambda: close_partner(merging.hub, HEIR, at=LATER),
        lambda: split_partner(merging.hub, HEIR, [OTHER], close_source=True, at=LATER),
    )
    for end in ends:
        with pytest.raises(InvalidRequest, match="run `deelregie calendar`, then again"):
            end()
    assert merging.log("partner_split") == []
    assert merging.keep(LATER)["organisations_settled"] == 1
    assert merge(merging, HEIR, "clb-allergrootst").settled
    assert "clb-allergrootst" in around(merging)
    assert merging.sees("clb-allergrootst", at=LATER) > 0


def _read_one(world: World, message: UUID) -> None:
    with transaction(world.hub.engine) as tx:
        given = {"id": message, "at": START}
        tx.execute(
            text("update delivery set state = 'released', closed_at = :at where id = :id"), given
        )


def _queue_all(world: World) -> None:
    with transaction(world.hub.engine) as tx:
        every = set(tx.execute(select(resource.c.id)).scalars())
        queue_changes(tx, world.child, every, at=LATER)
