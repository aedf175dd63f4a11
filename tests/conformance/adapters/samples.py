"""The samples of every registered source, and what they are translated to."""

import pytest

from adapters.contract import ReadOptions, Translation, Unreadable
from adapters.registry import ADAPTERS
from adapters.translate import translate
from gateway.kit.samples import ALLOWED, SOURCES, Sample, samples_of, walk

__all__ = ["ALLOWED", "SAMPLES", "SOURCES", "Sample", "every_sample", "sample", "walk"]

SAMPLES = [one for source in sorted(ADAPTERS) for one in samples_of(source)]
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def sample(name: str) -> Sample:
    """The one sample whose file name begins so."""
    (found,) = [one for one in SAMPLES if one.path.name.startswith(name)]
    return found


def translated(source: str, raw: bytes, options: ReadOptions = ALLOWED) -> Translation:
    outcome = translate(source, raw, options)
    assert isinstance(outcome, Translation), outcome
    return outcome


def unreadable(source: str, raw: bytes) -> Unreadable:
    outcome = translate(source, raw, ALLOWED)
    assert isinstance(outcome, Unreadable), outcome
    return outcome
