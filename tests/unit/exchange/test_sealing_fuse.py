"""Whose trouble it is when messages fail alike: of one service, or of the hub."""

from uuid import UUID, uuid4

from gateway.exchange.sealing_fuse import ALIKE, LONGEST_SECONDS, SEAL, SealingFuse

ERROR = "KeyError"


def fails(fuse: SealingFuse, *services: str, many: int = ALIKE) -> list[bool]:
    children = [UUID(int=number) for number in range(many)]
    return [fuse.failed(SEAL, one, child, ERROR) for child in children for one in services]


def test_trouble_of_one_service_holds_up_no_other_that_had_nothing_to_send_yet() -> None:
    fuse = SealingFuse(lambda: 0.0)
    assert fails(fuse, "a", many=10 * ALIKE)[-1]
    assert fuse.may_try(SEAL, ["a", "b"]) == ("b",)


def test_trouble_that_several_services_meet_is_that_of_the_hub() -> None:
    now = [0.0]
    fuse = SealingFuse(lambda: now[0])
    # Of two services with one child each no message is parked once a third child joins them.
    assert not any(fails(fuse, "a", many=1))
    assert not fuse.failed(SEAL, "b", uuid4(), ERROR)
    assert fuse.failed(SEAL, "b", uuid4(), ERROR)
    assert fuse.may_try(SEAL, ["a", "b", "c"]) == ()
    now[0] = LONGEST_SECONDS
    assert fuse.may_try(SEAL, ["a", "b", "c"]) == ("a", "b", "c")


def test_what_failed_in_other_ways_is_not_alike() -> None:
    fuse = SealingFuse(lambda: 0.0)
    fails(fuse, "a", many=ALIKE - 1)
    assert not fuse.failed(SEAL, "b", uuid4(), "ValueError")
    assert fuse.may_try(SEAL, ["a", "b"]) == ("a", "b")
