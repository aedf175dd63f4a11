"""Between two services nothing goes without a protocol once an operator enforces the register."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from gateway.clock import brussels_date
from gateway.errors import InvalidRequest
from gateway.exchange.services.carry_out_protocols import carry_out_protocols
from gateway.store import children
from gateway.store.engine import transaction
from tests.integration.receiving.desk import Desk
from tests.integration.receiving.protocols import (
    LATER,
    agreed,
    allowed,
    calendar,
    covered,
    ended,
    enforced,
    lines,
    nobody_can_be_locked,
    sealed,
    waits_for_a_lock,
    with_a_key,
)
from tests.integration.streams.world import until
from tests.support.family_world import CAW, CLB, DAY, LONG_AGO, SEVEN, VAPH

TODAY = brussels_date(SEVEN)
HOUR = timedelta(hours=1)


def states(desk: Desk, messages: list[str], *, at: datetime = LATER, to: str = CLB) -> set[str]:
    return set(desk.world.open(messages, to, at=at).values())


def test_until_it_is_enforced_a_register_stops_nothing(desk: Desk) -> None:
    agreed(desk, VAPH, CAW)
    allowed(desk)
    messages = sealed(desk)
    assert messages
    assert states(desk, messages) == {"released"}
    assert desk.world.reads(at=LATER) > 0


def test_a_flow_without_a_protocol_is_denied_once_it_is_enforced(desk: Desk) -> None:
    enforced(desk, at=LONG_AGO, stop_uncovered=True)
    allowed(desk)
    assert sealed(desk) == []
    assert desk.world.reads(at=LATER) == 0
    assert {"G2"} == {rule for one in lines(desk, "search", "route") for rule in one.rules}


def test_a_protocol_covers_its_own_direction_and_its_own_days(desk: Desk) -> None:
    agreed(desk, CLB, VAPH, at=LONG_AGO)
    agreed(desk, CAW, CLB, at=LONG_AGO)
    agreed(desk, VAPH, CLB, at=LONG_AGO, since=TODAY, until=TODAY)
    enforced(desk, at=LONG_AGO)
    yesterday = SEVEN - DAY
    allowed(desk, at=yesterday)
    assert desk.world.reads(at=yesterday) == 0
    assert desk.world.reads(at=SEVEN) > 0
    assert desk.world.reads(at=SEVEN.replace(hour=23, minute=59)) > 0
    assert desk.world.reads(at=(SEVEN + DAY).replace(hour=0)) == 0


def test_what_a_new_protocol_opens_is_sent_without_a_new_yes(desk: Desk) -> None:
    enforced(desk, at=LONG_AGO, stop_uncovered=True)
    allowed(desk)
    assert sealed(desk) == []
    done = agreed(desk, at=LATER)
    messages = sealed(desk, at=LATER)
    assert done.queued == len(messages) > 0
    assert states(desk, messages) == {"released"}


def test_one_that_begins_later_opens_on_its_first_day(desk: Desk) -> None:
    enforced(desk, at=LONG_AGO, stop_uncovered=True)
    allowed(desk)
    agreed(desk, since=brussels_date(LATER))
    calendar(desk, SEVEN)
    assert sealed(desk) == []
    calendar(desk, LATER)
    messages = sealed(desk, at=LATER)
    assert states(desk, messages) == {"released"}
    calendar(desk, LATER)
    assert sealed(desk, at=LATER) == messages


def test_what_a_new_protocol_may_open_is_decided_once(desk: Desk) -> None:
    enforced(desk, at=LONG_AGO, stop_uncovered=True)
    allowed(desk)
    desk.world.said_no(desk.world.father, at=SEVEN + HOUR, to=CLB)
    assert agreed(desk, at=LATER).queued > 0
    assert sealed(desk, at=LATER) == []
    assert carry_out_protocols(desk.hub, at=LATER).queued == 0


def by_command(desk: Desk) -> None:
    ended(desk, at=SEVEN + HOUR)


def by_date(desk: Desk) -> None:
    assert calendar(desk, LATER)["protocols_ended"] == 1


def by_date_and_registered_again(desk: Desk) -> None:
    """The hub stood still over the last day; the next act carries the end out first."""
    agreed(desk, at=LATER)


@pytest.mark.parametrize("lapse", [by_command, by_date, by_date_and_registered_again])
def test_what_was_not_opened_before_a_protocol_lapsed_is_never_opened(
    desk: Desk, lapse: Callable[[Desk], None]
) -> None:
    covered(desk, days=0)
    allowed(desk)
    messages = sealed(desk)
    assert with_a_key(desk, messages) == set(messages) != set()
    lapse(desk)
    assert with_a_key(desk, messages) == set()
    assert states(desk, messages) == {"gone"}
    # Also on the facts of before, which would still let it go: there is no key left to ask for.
    assert states(desk, messages, at=SEVEN) == {"gone"}
    # A gate that closes ends no decision of the family, so nobody has to remove anything.
    desk.fill_at(LATER)
    assert desk.world.told() == 0
    (line,) = lines(desk, "sharing_stopped")
    assert (line.partner, line.rules, line.classes) == (CLB, ["G2"], ["diagnosis", "functional"])


def test_what_is_registered_again_is_decided_and_sealed_anew(desk: Desk) -> None:
    covered(desk)
    allowed(desk)
    old = sealed(desk)
    ended(desk, at=LATER)
    assert desk.world.reads(at=LATER) == 0
    again = LATER + DAY
    assert agreed(desk, at=again).queued > 0
    new = [one for one in sealed(desk, at=again) if one not in old]
    assert len(new) == len(old)
    assert states(desk, new, at=again) == {"released"}
    assert states(desk, old, at=again) == {"gone"}


def test_what_is_followed_the_next_day_does_not_lapse(desk: Desk) -> None:
    covered(desk, days=0)
    agreed(desk, since=brussels_date(LATER))
    allowed(desk)
    messages = sealed(desk)
    assert calendar(desk, LATER)["protocols_ended"] == 1
    assert "protocols_ended" not in calendar(desk, LATER)
    assert states(desk, messages) == {"released"}


def test_a_day_between_two_protocols_is_a_lapse(desk: Desk) -> None:
    covered(desk, days=0)
    agreed(desk, since=brussels_date(LATER + DAY))
    allowed(desk)
    messages = sealed(desk)
    calendar(desk, LATER + DAY)
    assert with_a_key(desk, messages) == set()


def test_an_end_on_a_day_lets_that_day_pass_and_cancels_what_was_planned(desk: Desk) -> None:
    covered(desk, days=10)
    agreed(desk, since=brussels_date(SEVEN + 11 * DAY))
    allowed(desk)
    messages = sealed(desk)
    ended(desk, on=TODAY, at=SEVEN)
    told = [one.act for one in lines(desk, "protocol_end_planned", "protocol_ended")]
    assert told == ["protocol_ended", "protocol_end_planned"]
    assert len(with_a_key(desk, messages)) == len(messages)
    assert desk.world.reads(at=SEVEN.replace(hour=23)) > 0
    calendar(desk, LATER)
    assert with_a_key(desk, messages) == set()
    assert desk.world.reads(at=SEVEN + 12 * DAY) == 0


def test_an_end_of_a_protocol_hides_no_later_end_of_a_consent(desk: Desk) -> None:
    covered(desk)
    allowed(desk)
    messages = sealed(desk)
    assert states(desk, messages, at=SEVEN) == {"released"}
    ended(desk)
    desk.fill_at(LATER)
    assert desk.world.told() == 0
    much_later = SEVEN + 95 * DAY
    assert calendar(desk, much_later)["consents_ended"] == 2
    desk.fill_at(much_later)
    assert desk.world.told() == 1


def test_the_end_of_one_flow_leaves_the_keys_of_another(desk: Desk) -> None:
    covered(desk)
    agreed(desk, VAPH, CAW)
    allowed(desk)
    allowed(desk, to=CAW)
    to_caw = sealed(desk, to=CAW)
    ended(desk)
    assert len(with_a_key(desk, to_caw)) == len(to_caw) > 0
    assert states(desk, to_caw, to=CAW) == {"released"}


def test_to_enforce_names_what_would_stop_and_changes_nothing(desk: Desk) -> None:
    allowed(desk)
    messages = sealed(desk)
    found = enforced(desk, at=LATER)
    assert found.in_force_since is None
    assert [(one.source, one.to) for one in found.uncovered] == [(VAPH, CLB)]
    assert states(desk, messages) == {"released"}


def test_to_enforce_all_the_same_destroys_the_keys_of_what_stops(desk: Desk) -> None:
    agreed(desk, VAPH, CAW)
    agreed(desk, CLB, CAW)
    allowed(desk)
    allowed(desk, to=CAW)
    to_caw, messages = sealed(desk, to=CAW), sealed(desk)
    assert enforced(desk, at=LATER, stop_uncovered=True).carried.stopped == 1
    assert with_a_key(desk, messages) == set()
    assert states(desk, to_caw, to=CAW) == {"released"}
    # For good: a second time says since when.
    assert enforced(desk, at=LATER + DAY).in_force_since == LATER


def test_an_end_waits_for_each_disclosure_under_way(desk: Desk) -> None:
    covered(desk)
    allowed(desk)
    messages = sealed(desk)
    with ThreadPoolExecutor() as pool:
        with transaction(desk.hub.engine) as tx:
            children.lock_shared(tx, desk.world.child)
            ending = pool.submit(ended, desk)
            until(lambda: waits_for_a_lock(desk))
            assert not ending.done()
        assert ending.result().stopped == 1
    assert with_a_key(desk, messages) == set()


def test_an_end_waits_for_who_seals_by_the_protocol(desk: Desk) -> None:
    covered(desk)
    allowed(desk)
    with ThreadPoolExecutor() as pool:
        with transaction(desk.hub.engine) as tx:
            lock = "select pg_advisory_xact_lock(hashtextextended('stream:' || :partner, 1))"
            tx.execute(text(lock), {"partner": CLB})
            ending = pool.submit(ended, desk)
            until(lambda: waits_for_a_lock(desk))
            assert not ending.done()
        ending.result()


def test_what_breaks_off_is_finished_by_the_calendar(desk: Desk) -> None:
    covered(desk)
    allowed(desk)
    messages = sealed(desk)
    with nobody_can_be_locked():
        assert ended(desk).failed == 1
        with pytest.raises(InvalidRequest, match="deelregie calendar"):
            agreed(desk, at=LATER)
    assert len(with_a_key(desk, messages)) == len(messages)
    assert "failed" not in calendar(desk, LATER)
    assert with_a_key(desk, messages) == set()
