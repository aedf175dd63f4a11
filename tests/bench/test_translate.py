"""Reading and mapping a partner's file beside reading it only and validating the FHIR."""

from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapters.contract import ReadOptions, Resource, Translation
from adapters.translate import translate
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side, timed
from tests.bench.parsing import (
    FLOOR_TOLD,
    as_in_the_product,
    read_plainly,
    read_with_places,
    shares,
)

SOURCES = Path(str(files("schemas"))) / "sources"
WRITTEN = {".xml", ".csv", ".json", ".xlsx"}
SAMPLES = sorted(path for path in SOURCES.glob("*/*") if path.suffix in WRITTEN)
OPTIONS = ReadOptions(allow_test_numbers=True)
ROUNDS, TIMES = 7, 10


def validate_plainly(resources: list[Resource]) -> None:
    for resource in resources:
        model: Any = get_fhir_model_class(resource["resourceType"])
        model.model_validate(resource)


def milliseconds(call: Callable[[], object]) -> float:
    """Return what one call takes, after one that is not counted."""
    call()
    return 1000 * timed(lambda: [call() for _ in range(TIMES)]) / TIMES


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_translating_is_measured_beside_parsing_and_validating(path: Path, book: Book) -> None:
    begin, source, raw = load_now(), path.parent.name, path.read_bytes()
    found = translate(source, raw, OPTIONS)
    assert isinstance(found, Translation)
    resources = [segment.resource for part in found.parts for segment in part.segments]

    def plainly() -> None:
        read_plainly(path, raw)
        validate_plainly(resources)

    programs = (
        lambda: translate(source, raw, OPTIONS),
        lambda: read_with_places(path, raw),
        lambda: read_plainly(path, raw),
        plainly,
    )
    with as_in_the_product():
        ours, reader, bare, plain = side_by_side(
            [partial(milliseconds, one) for one in programs], rounds=ROUNDS
        )
    book.add(
        Figure(
            name=f"translate {path.name}",
            unit="ms",
            rounds=ours,
            floor=FLOOR_TOLD,
            yardsticks=(
                Yardstick(name="the reader with places", rounds=reader),
                Yardstick(name="a parser without places", rounds=bare),
                Yardstick(name="parse, fhir.resources validation", rounds=plain),
            ),
            load=(begin, load_now()),
            more={
                "bytes": len(raw),
                "resources": len(resources),
                "records each second": 1000 * len(found.parts) / median(ours),
                "microseconds for a field": 1000 * median(ours) / len(found.account),
                **shares(median(ours), median(reader), median(bare)),
            },
        )
    )
