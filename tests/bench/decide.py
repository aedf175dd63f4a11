"""How long one decision takes: 5 segments against 50 consents. Run it; nothing is asserted."""

from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import quantiles
from time import perf_counter_ns

from consent.decide import decide
from consent.model import (
    CareRelation,
    Child,
    Consent,
    Facts,
    Person,
    Record,
    Request,
    Segment,
    Service,
    ToService,
)

_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_CLASSES = ("logistics", "functional", "development", "diagnosis", "context")


def busy_family(*, reaching: bool) -> tuple[Request, Facts]:
    """Fifty consents of two parents; all reach the recipient, or one in five does."""
    grants = tuple(
        Consent(
            id=f"c{number}",
            by="mother" if number % 2 else "father",
            effect="grant",
            classes=frozenset(_CLASSES),
            purpose="care",
            from_services=frozenset({"clb-1", "clb-2"}),
            to=frozenset({"vaph-1" if reaching or number % 10 < 2 else f"vaph-{number}"}),
            since=date(2026, 1, 1),
            until=date(2026, 12, 31),
        )
        for number in range(50)
    )
    facts = Facts(
        child=Child(born=date(2017, 2, 1)),
        people={
            "mother": Person(relation="parent", authority="exercised"),
            "father": Person(relation="parent", authority="exercised"),
        },
        services={"clb-1": Service(kind="clb"), "vaph-1": Service(kind="vaph_facility")},
        relations=(CareRelation(service="vaph-1", since=date(2025, 1, 1)),),
        consents=grants,
        record=Record(
            source="clb-1", segments=tuple(Segment(id=name, data_class=name) for name in _CLASSES)
        ),
    )
    return Request(to=ToService("vaph-1"), purpose="care"), facts


def _timed(request: Request, facts: Facts, rounds: int) -> list[float]:
    took = []
    for _ in range(rounds):
        begin = perf_counter_ns()
        decide(request, facts, at=_AT)
        took.append((perf_counter_ns() - begin) / 1000)
    return took


def measure(rounds: int = 5000) -> dict[str, float]:
    """Median and 99th percentile in microseconds, for a usual and for the heaviest family."""
    result = {}
    usual = busy_family(reaching=False)
    families = {
        "": usual,
        "heaviest_": busy_family(reaching=True),
        "no_consents_": (usual[0], replace(usual[1], consents=())),
    }
    for name, (request, facts) in families.items():
        _timed(request, facts, rounds // 10)
        centiles = quantiles(_timed(request, facts, rounds), n=100)
        result[f"{name}median_us"] = round(centiles[49], 1)
        result[f"{name}p99_us"] = round(centiles[98], 1)
    return result


if __name__ == "__main__":
    for label, microseconds in measure().items():
        print(f"{label}: {microseconds}")  # noqa: T201 - a script for a person
