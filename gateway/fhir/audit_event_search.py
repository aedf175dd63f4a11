"""What a search for AuditEvents asks: FHIR R4 search parameters as conditions on log lines."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from gateway.clock import BRUSSELS
from gateway.errors import InvalidRequest
from gateway.fhir.audit_event import OUTCOME, OUTCOMES
from gateway.fhir.audit_event_acts import ACT, PATTERNS, Code, Pattern

MOST: Final = 500
USUAL: Final = 50
DATE: Final = "date"
_NUMBER: Final = re.compile("[0-9]{1,3}")
_DATE: Final = re.compile(
    r"(?P<prefix>eq|ge|gt|le|lt|sa|eb)?(?P<year>(?:19|20|21)[0-9]{2})"
    r"(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<time>[0-9]{2}:[0-9]{2}(?P<second>:[0-9]{2}(?P<part>\.[0-9]{1,6})?)?)"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """What somebody looks for; None means any."""

    patient: str | None = None
    partner: str | None = None
    since: datetime | None = None
    """From this instant on."""
    until: datetime | None = None
    """Before this instant."""
    acts: frozenset[str] | None = None
    outcomes: frozenset[str] | None = None
    after: str | None = None
    """The id of the last AuditEvent of the page before."""
    count: int = USUAL

    def found(self, *, at: datetime, act: str, outcome: str) -> bool:
        """Whether a line is one of those."""
        return (
            (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and (self.acts is None or act in self.acts)
            and (self.outcomes is None or outcome in self.outcomes)
        )


def read_search(given: Iterable[tuple[str, str]], known: Iterable[str]) -> AuditSearch:
    """Read search parameters; InvalidRequest for one that is not among the known ones.

    A parameter is named once, but for `date`; nothing that is not understood is passed over.
    """
    search, seen, may = AuditSearch(), set[str](), tuple(known)
    for name, text in given:
        if name not in may:
            # The name that somebody typed is not repeated.
            raise InvalidRequest(f"search by these only: {', '.join(may)}", where="query")
        if name in seen and name != DATE:
            raise InvalidRequest(f"name {name} once", where=name)
        seen.add(name)
        if "\x00" in text or not text.strip():
            raise InvalidRequest(f"give {name} a value, or leave it out", where=name)
        search = _READ[name](search, text.strip())
    return search


def _count(search: AuditSearch, text: str) -> AuditSearch:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MOST:
        raise InvalidRequest(f"give a number from 1 to {MOST}", where="_count")
    return replace(search, count=int(text))


def _patient(search: AuditSearch, text: str) -> AuditSearch:
    return replace(search, patient=text.removeprefix("Patient/"))


def _agent(search: AuditSearch, text: str) -> AuditSearch:
    return replace(search, partner=text.removeprefix("Organization/"))


def _after(search: AuditSearch, text: str) -> AuditSearch:
    return replace(search, after=text)


def _type(search: AuditSearch, text: str) -> AuditSearch:
    return _limited(search, _acts(text, lambda _act, pattern: (pattern.type,)))


def _subtype(search: AuditSearch, text: str) -> AuditSearch:
    def own(act: str, pattern: Pattern) -> tuple[Code, ...]:
        return (*pattern.subtypes, Code(ACT, act))

    return _limited(search, _acts(text, own))


def _limited(search: AuditSearch, acts: frozenset[str]) -> AuditSearch:
    both = acts if search.acts is None else acts & search.acts
    return replace(search, acts=both)


def _acts(text: str, codes: Callable[[str, Pattern], tuple[Code, ...]]) -> frozenset[str]:
    return frozenset(
        act
        for act, pattern in PATTERNS.items()
        for wanted in text.split(",")
        if any(_is(code, wanted) for code in codes(act, pattern))
    )


def _outcome(search: AuditSearch, text: str) -> AuditSearch:
    found = frozenset(
        outcome
        for outcome, code in OUTCOMES.items()
        for wanted in text.split(",")
        if _is(Code(OUTCOME, code), wanted)
    )
    return replace(search, outcomes=found)


def _is(code: Code, token: str) -> bool:
    """Whether a token of a search, `code`, `system|code` or `system|`, stands for a code."""
    system, bar, name = token.rpartition("|")
    if not bar:
        return token == code.code
    return system == code.system and name in {"", code.code}


def _date(search: AuditSearch, text: str) -> AuditSearch:
    found = _DATE.fullmatch(text)
    period = _period(found) if found else None
    if found is None or period is None:
        message = "write a date as 2026, 2026-11, ge2026-11-22 or lt2026-11-22T14:00:00Z"
        raise InvalidRequest(message, where=DATE)
    prefix, (start, end) = found["prefix"] or "eq", period
    since = {"eq": start, "ge": start, "gt": end, "sa": end}.get(prefix)
    until = {"eq": end, "le": end, "lt": start, "eb": start}.get(prefix)
    return replace(
        search,
        since=max((one for one in (search.since, since) if one), default=None),
        until=min((one for one in (search.until, until) if one), default=None),
    )


def _period(found: re.Match[str]) -> tuple[datetime, datetime] | None:
    """Return the first instant of a date, and the one after its last; a day is one of Brussels."""
    year, month, day = (int(found[name] or 1) for name in ("year", "month", "day"))
    try:
        if found["time"]:
            text = f"{year}-{month:02}-{day:02}T{found['time']}{found['zone']}"
            return _moment(datetime.fromisoformat(text), found)
        start = datetime(year, month, day, tzinfo=BRUSSELS)
    except ValueError:
        return None
    if found["day"]:
        return start, _midnight(start + timedelta(days=1))
    if found["month"]:
        return start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=BRUSSELS)
    return start, datetime(year + 1, 1, 1, tzinfo=BRUSSELS)


def _moment(start: datetime, found: re.Match[str]) -> tuple[datetime, datetime]:
    if found["part"]:
        return start, start + timedelta(microseconds=1)
    return start, start + timedelta(seconds=1 if found["second"] else 60)


def _midnight(day: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BRUSSELS)


_READ: Final[MappingProxyType[str, Callable[[AuditSearch, str], AuditSearch]]] = MappingProxyType(
    {
        "_count": _count,
        "after": _after,
        "agent": _agent,
        DATE: _date,
        "outcome": _outcome,
        "patient": _patient,
        "subtype": _subtype,
        "type": _type,
    }
)
AUDITORS_MAY: Final = tuple(sorted(_READ))
"""By what an auditor may search."""
FAMILIES_MAY: Final = tuple(name for name in AUDITORS_MAY if name != "agent")
"""By what a family may: it knows services by name."""
