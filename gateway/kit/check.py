"""Check a source against its promises, and say in words what is broken and where."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.contract import dump
from adapters.registry import ADAPTERS
from adapters.translate import report
from gateway.kit.damage import damaged
from gateway.kit.promises import PROMISES
from gateway.kit.samples import ALLOWED, Sample, samples_of

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "conformance" / "adapters" / "golden"
HEADINGS = ("Owner", "Legal ground", "Specification", "Quirks", "Minimised")
_SEED, _TIMES = 20261122, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One promise, on one sample or on the source as a whole, and what breaks it."""

    sample: str
    promise: str
    faults: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing breaks it."""
        return not self.faults


def check(source: str, *, update_golden: bool = False) -> Iterator[Finding]:
    """Check one registered source, finding by finding."""
    yield Finding(sample=source, promise="its page is complete", faults=tuple(_page(source)))
    samples = samples_of(source)
    nothing = () if samples else (f"schemas/sources/{source}: put a synthetic file here",)
    yield Finding(sample=source, promise="it has samples", faults=nothing)
    for sample in samples:
        yield from _sample(sample, update_golden=update_golden)


def _sample(sample: Sample, *, update_golden: bool) -> Iterator[Finding]:
    for promise in PROMISES:
        faults = tuple(promise.faults(sample))
        yield Finding(sample=sample.path.name, promise=promise.text, faults=faults)
    survived = tuple(_not_survived(sample))
    yield Finding(
        sample=sample.path.name, promise=f"{_TIMES} damaged copies are answered", faults=survived
    )
    golden = tuple(_golden(sample, update=update_golden))
    yield Finding(sample=sample.path.name, promise="it gives the reviewed report", faults=golden)


def _page(source: str) -> Iterator[str]:
    path = ROOT / "adapters" / source / "README.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for heading in HEADINGS:
        if f"## {heading}" not in text:
            yield f"adapters/{source}/README.md: the heading '## {heading}' is missing"
    if not ADAPTERS[source].layouts:
        yield f"adapters/{source}/__init__.py: it has no layout"


def _not_survived(sample: Sample) -> Iterator[str]:
    for number, raw in enumerate(damaged(sample.raw, seed=_SEED, times=_TIMES)):
        try:
            report(sample.source, raw, ALLOWED)
        except Exception as error:  # noqa: BLE001 - any error at all is the finding
            trace = error.__traceback__
            while trace and trace.tb_next:
                trace = trace.tb_next
            line = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
            yield f"copy {number}: {type(error).__name__} in {line}"


def golden_path(sample: Sample) -> Path:
    """Where the reviewed report of a sample lies."""
    return GOLDEN / f"{sample.source}-{sample.path.stem}.json"


def _golden(sample: Sample, *, update: bool) -> Iterator[str]:
    path = golden_path(sample)
    found = dump(report(sample.source, sample.raw, ALLOWED), pretty=True) + b"\n"
    if update:
        path.write_bytes(found)
    elif not path.exists():
        yield f"{path.relative_to(ROOT)}: not there; write it with --update-golden and review it"
    elif path.read_bytes() != found:
        yield f"{path.relative_to(ROOT)}: differs; update it with --update-golden and review it"
