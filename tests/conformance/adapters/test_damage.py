"""Damaged samples by the thousand: each gets an answer, valid FHIR, and the place of what is wrong.

`DEELREGIE_DAMAGED` is how many in all; `make nightly` tries a hundred thousand.
"""

import os

import fhirkit
import pytest

from adapters.contract import Unreadable, dump
from adapters.translate import to_report, translate
from gateway.kit.damage import damaged
from tests.conformance.adapters.samples import ALLOWED, SAMPLES, Sample, every_sample

TIMES = int(os.environ.get("DEELREGIE_DAMAGED", "3000")) // len(SAMPLES) + 1
SEED = 4


@every_sample
def test_damage_is_answered_with_valid_fhir_and_a_place(sample: Sample) -> None:
    for raw in damaged(sample.raw, seed=SEED, times=TIMES):
        outcome = translate(sample.source, raw, ALLOWED)
        found = to_report(sample.source, raw, outcome)
        assert fhirkit.validate(dump(found["bundle"])) == []
        for one in found["rejections"]:
            assert one["where"], one["code"]
            assert one["message"], one["code"]
        if isinstance(outcome, Unreadable):
            assert 400 <= outcome.status < 500


@pytest.mark.parametrize("kind", [".xml", ".json", ".csv"])
def test_damage_is_various_and_the_same_every_time(kind: str) -> None:
    sample = next(one for one in SAMPLES if one.path.suffix == kind)
    once, again = (list(damaged(sample.raw, seed=1, times=200)) for _ in range(2))
    assert once == again
    assert len(set(once)) > 150
    read = [translate(sample.source, raw, ALLOWED) for raw in once]
    refused = sum(isinstance(one, Unreadable) for one in read)
    assert 20 < refused < 190
