"""What each process holds in memory: just started, and after the load of this run."""

from tests.bench.figures import Book, Figure, Yardstick, load_now
from tests.bench.measured import Measured

FLOORS = {"hub": "under 250"}


def test_memory_is_measured_after_load_beside_idle(measured: Measured, book: Book) -> None:
    load = (load_now(), load_now())
    for name, megabytes in measured.memory().items():
        idle = Yardstick(name="just started", rounds=[measured.idle[name]])
        book.add(
            Figure(
                name=f"memory, {name}",
                unit="MB",
                rounds=[megabytes],
                yardsticks=(idle,),
                floor=FLOORS.get(name, ""),
                load=load,
            )
        )
