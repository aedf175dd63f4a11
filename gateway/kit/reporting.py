"""A translation to read: what was made, and what became of every field, without any value."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from adapters.contract import Fate, Resource

_EXPLAINED = {
    Fate.MAPPED: "in the FHIR",
    Fate.MINIMISED: "left out on purpose",
    Fate.REJECTED: "wrong; a person looks at it",
    Fate.UNKNOWN: "not known to the adapter; kept in the encrypted original",
}
# What a reader must act on comes first.
_ORDER = (Fate.REJECTED, Fate.UNKNOWN, Fate.MINIMISED, Fate.MAPPED)


def as_text(found: Resource) -> str:
    """The report for a terminal: counts, what needs somebody, and what was left out and why."""
    return "\n".join(_lines(found))


def as_html(found: Resource) -> str:
    """The report as one page without scripts, images or addresses."""
    groups = [(fate.value, _EXPLAINED[fate], _of(found, fate)) for fate in _ORDER]
    return _page().render(report=found, made=_made(found), groups=[one for one in groups if one[2]])


def _lines(found: Resource) -> Iterator[str]:
    yield from (f"{count:5} {kind}" for kind, count in _made(found))
    counts = ", ".join(
        f"{len(lines)} {fate.value}" for fate in sorted(Fate) if (lines := _of(found, fate))
    )
    yield f"fields: {counts}"
    for one in found["rejections"]:
        yield f"rejected: {one['where']} {one['field']}: {one['message']} [{one['code']}]"
    for one in found.get("questions", ()):
        yield f"to decide: {one['where']} {one['field']}: {one['message']} [{one['code']}]"
    for one in found.get("retractions", ()):
        what = "everything of this source" if one["everything"] else "one statement"
        yield f"ended: {one['where']}: {what} [{one['ending']}]"
    for one in found.get("amendments", ()):
        yield f"changed: {one['where']}: {one['element']}"
    yield from (f"unknown: {line['path']}: {line['reason']}" for line in _of(found, Fate.UNKNOWN))
    reasons = Counter(line["reason"] for line in _of(found, Fate.MINIMISED))
    yield from (f"left out {count} times: {reason}" for reason, count in reasons.most_common())


def _made(found: Resource) -> list[tuple[str, int]]:
    entries = found["bundle"].get("entry", [])
    return sorted(Counter(entry["resource"]["resourceType"] for entry in entries).items())


def _of(found: Resource, fate: Fate) -> list[Resource]:
    return [line for line in found["account"] if line["fate"] == fate]


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("gateway.kit"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html")
