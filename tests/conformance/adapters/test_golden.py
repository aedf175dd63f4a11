"""Each sample gives exactly the reviewed FHIR.

After a deliberate change run this file with `UPDATE_GOLDEN=1` in the environment, then review
the difference against what the sample says before committing it.
"""

import os
from pathlib import Path

from adapters.contract import dump
from adapters.translate import report
from tests.conformance.adapters.samples import ALLOWED, SAMPLES, Sample, every_sample

GOLDEN = Path(__file__).parent / "golden"


@every_sample
def test_a_sample_gives_the_reviewed_report(sample: Sample) -> None:
    path = GOLDEN / f"{sample.source}-{sample.path.stem}.json"
    found = dump(report(sample.source, sample.raw, ALLOWED), pretty=True) + b"\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(found)
    assert found == path.read_bytes()


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{sample.source}-{sample.path.stem}.json" for sample in SAMPLES}
    assert {path.name for path in GOLDEN.iterdir()} == expected
