"""Large files beside their bare parsers, and the memory that files of any size take.

`BENCH_LARGE_MB` is the size of the files that are timed, `BENCH_MEMORY_MB` that of the file whose
memory is compared with that of 1 MB.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from adapters.contract import ReadOptions, Translation
from adapters.translate import translate
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side
from tests.bench.parsing import (
    FLOOR_TOLD,
    account_plainly,
    as_in_the_product,
    read_plainly,
    read_with_places,
    shares,
)
from tests.bench.test_translate import SAMPLES
from tests.support.enlarged import cut_of, enlarged, records_in

MEGABYTE = 1_000_000
SIZE = int(float(os.environ.get("BENCH_LARGE_MB", "1")) * MEGABYTE)
MEMORY = int(float(os.environ.get("BENCH_MEMORY_MB", "10")) * MEGABYTE)
LARGE = [path for path in SAMPLES if cut_of(path.parent.name, path.read_bytes())]
# One of each format: all layouts are cut by the same code.
MEASURED_IN_MEMORY = [path for path in LARGE if path.stem.startswith(("caw_03", "gp_01"))]
OPTIONS = ReadOptions(allow_test_numbers=True)
ROUNDS = 3


def processor_seconds(call: Callable[[], object]) -> float:
    begun = time.process_time()
    call()
    return time.process_time() - begun


def each(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


@each(LARGE)
def test_a_large_file_is_measured_beside_its_bare_parsers(path: Path, book: Book) -> None:
    begin, source, sample = load_now(), path.parent.name, path.read_bytes()
    cut, raw = cut_of(source, sample), b"".join(enlarged(source, sample, SIZE))
    found = translate(source, raw, OPTIONS)
    assert isinstance(found, Translation)
    assert cut
    programs = (
        lambda: translate(source, raw, OPTIONS),
        lambda: read_with_places(path, raw),
        lambda: read_plainly(path, raw),
        lambda: account_plainly(path, raw),
    )
    with as_in_the_product():
        ours, reader, bare, least = side_by_side(
            [partial(processor_seconds, one) for one in programs], rounds=ROUNDS
        )
    beside = (
        Yardstick(name="the reader with places", rounds=reader),
        Yardstick(name="a parser without places", rounds=bare),
        Yardstick(name="the same, a dict and an account line a field", rounds=least),
    )
    figure = Figure(
        name=f"translate {path.name}, {len(raw) / MEGABYTE:.1f} MB",
        unit="s",
        rounds=ours,
        floor=f"{FLOOR_TOLD}, 300 records/s",
        yardsticks=beside,
        load=(begin, load_now()),
    )
    records, fields = records_in(raw, cut), len(found.account)
    more = {
        "records": records,
        "records each second": records / figure.value,
        "microseconds for a field": figure.value / fields * 1e6,
        **shares(figure.value, beside[0].value, beside[1].value),
        "share of the least that Python needs, %": 100 * beside[2].value / figure.value,
    }
    book.add(replace(figure, more=more))


@each(MEASURED_IN_MEMORY)
def test_memory_of_a_large_file_is_measured_beside_that_of_a_small_one(
    path: Path, book: Book, tmp_path: Path
) -> None:
    begin, source = load_now(), path.parent.name
    large, small = (peak(source, path, size, tmp_path) for size in (MEMORY, MEGABYTE))
    book.add(
        Figure(
            name=f"memory, translate {path.name}, {MEMORY / MEGABYTE:.0f} MB",
            unit="MB",
            rounds=[large],
            floor="a ratio of 1",
            yardsticks=(Yardstick(name="the same, 1 MB", rounds=[small]),),
            load=(begin, load_now()),
        )
    )


def peak(source: str, path: Path, size: int, folder: Path) -> float:
    """What a process of its own takes at most for a file of this size."""
    file = folder / f"{size}{path.suffix}"
    with file.open("wb") as to:
        to.writelines(enlarged(source, path.read_bytes(), size))
    command = [sys.executable, "-m", "tests.bench.peak", source, str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)
