"""`deelregie demo`: the whole idea in thirteen steps, each told and checked while it happens."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from gateway.demo import checking, delivering, looking_back, sharing, stopping
from gateway.demo.engines import fresh_folder, running_stack, stay, stopped_by_signals
from gateway.demo.telling import DemoFailure, Teller
from gateway.demo.terminal import forget_other_hubs
from gateway.demo.world import World, peopled
from gateway.embedded.failure import EngineError
from gateway.embedded.stack import Stack
from gateway.streams.client import BROKER_TROUBLE
from gateway.streams.hub_client import HubRefusedError, HubUnavailableError

TROUBLE: Final[tuple[type[Exception], ...]] = (
    DemoFailure, EngineError, HubRefusedError, HubUnavailableError, httpx.HTTPError,
    *BROKER_TROUBLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the story: its heading, and what happens in it."""

    title: str
    happens: Callable[[World], None]


FIRST: Final = "The engines start"
STEPS: Final = (
    Step(title="Four services register, each with its own key", happens=delivering.register),
    Step(title="They deliver their own records about Noor", happens=delivering.deliver),
    Step(title="A person links what no number proves", happens=delivering.link),
    Step(title="What is the matter? One diagnosis", happens=delivering.state_diagnoses),
    Step(title="Nothing goes out by itself", happens=sharing.default_deny),
    Step(title="The family decides", happens=sharing.decide),
    Step(title="Each service reads what it may, and no more", happens=sharing.receive),
    Step(title="A revised diagnosis lies in a topic", happens=stopping.revise),
    Step(title="The mother stops, and the messages are unreadable", happens=stopping.stop),
    Step(title="Everybody sees who looked", happens=looking_back.look_back),
    Step(title="The log is checked without the hub", happens=checking.check_log),
    Step(title="What to try next", happens=looking_back.try_next),
)


def run_demo(*, keep: bool) -> int:
    """Tell and check the story; 0 only if every step's outcome was as told."""
    teller = Teller()
    forget_other_hubs()
    with stopped_by_signals(), fresh_folder(keep=keep) as folder:
        return exit_code(teller, lambda: _story(teller, folder, keep=keep))


def exit_code(teller: Teller, story: Callable[[], int]) -> int:
    """Return what the story returns; when anything is not as told, say what and return 1."""
    try:
        return story()
    except KeyboardInterrupt:
        teller.failed("Stopped before the end of the story; nothing is left running.")
    except TROUBLE as trouble:
        teller.failed(f"The story stops here. {trouble}")
        teller.tell("`deelregie demo --keep` leaves the folder with the logs of every program.")
    return 1


def tell(world: World, steps: tuple[Step, ...] = STEPS) -> None:
    """Tell each step; a step in which nothing was checked is a failure too."""
    for number, step in enumerate(steps, start=2):
        before = world.teller.checked
        world.teller.step(number, step.title)
        step.happens(world)
        if world.teller.checked == before:
            raise DemoFailure(step.title, wanted="at least one check", got="none")


def _story(teller: Teller, folder: Path, *, keep: bool) -> int:
    started = time.monotonic()
    teller.tell("deelregie: a child's records are shared under the family's control.")
    teller.step(1, FIRST)
    with running_stack(teller, folder) as stack, peopled(teller, stack, folder) as world:
        tell(world)
        seconds = time.monotonic() - started
        teller.end(f"All {len(STEPS) + 1} steps went as told in {seconds:.0f} seconds")
        return _stay(teller, stack) if keep else _leave(teller)


def _leave(teller: Teller) -> int:
    teller.tell(
        "Everything stops now and its folder is removed. `deelregie demo --keep` tells the same "
        "story and leaves it running, for you to try the commands above."
    )
    return 0


def _stay(teller: Teller, stack: Stack) -> int:
    folder = stack.addresses.data
    teller.tell(
        f"Everything keeps running until you press Ctrl-C. Its data stays in {folder}: "
        f"`deelregie up --data {folder}` starts it again, and removing the folder removes it all."
    )
    try:
        teller.failed(stay(stack))
    except KeyboardInterrupt:
        teller.tell("Everything stops; nothing is left running.")
        return 0
    return 1
