"""The sequencer goes on while lines wait, rests when none do, and stops when it is told."""

from threading import Event

import pytest

from gateway.exchange.audit.integrate_log import Integrated
from gateway.streams import sequencer
from gateway.streams.worker import LOOPS, NEED_A_BROKER


class Stopping(Event):
    """Time that passes without waiting, and ends with the first rest."""

    def __init__(self) -> None:
        super().__init__()
        self.rested: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.rested.append(timeout)
        self.set()
        return True


def test_it_is_a_loop_of_the_worker_that_needs_no_broker() -> None:
    assert LOOPS["log"] is sequencer.sequence_log
    assert "log" not in NEED_A_BROKER


def test_it_rests_only_when_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [(5, True), (5, True), (2, False)]

    def integrate(_: object, *, at: object) -> Integrated:
        lines, more = batches.pop(0)
        return Integrated(lines=lines, more=more, checkpoint=None)

    monkeypatch.setattr(sequencer, "integrate", integrate)
    stop = Stopping()
    sequencer.sequence_log(None, stop)  # type: ignore[arg-type]  # the hub is not reached
    assert batches == []
    assert stop.rested == [sequencer.ROUND_SECONDS]
