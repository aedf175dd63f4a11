"""What a holder must write down before it speaks without consent, per ground; nothing is optional.

Rules of sharing, section 9 and the table "Flow without consent". A part that is left out, empty,
unreadable or impossible is missing; `read_record` names every missing part at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateway.clock import BRUSSELS, brussels_date
from schemas import lapsed_bases, legal_bases

NECESSITY, CONCERN, UNANSWERED = "necessity", "concern_report", "unanswered"
TRANSFER, EMERGENCY = "clb_transfer", "vital_emergency"
# The longest that a route runs, and that telling the family may wait without a new finding.
LONGEST: Final = timedelta(days=30)
# A transfer may wait for the next school year.
LONGEST_TRANSFER: Final = timedelta(days=366)
MOST_CHARACTERS, MOST_ATTEMPTS = 4_000, 20
OUTCOMES: Final = frozenset({"none", "refused"})
UNKNOWN: Final = "(unknown)"
DELAYED: Final = "family.delayed.review_on"

Json: TypeAlias = Mapping[str, Any]
Check: TypeAlias = Callable[[Any, date], bool]
Parts: TypeAlias = Mapping[str, Check]


@dataclass(frozen=True, slots=True)
class Missing:
    """The parts that are missing, in the order of the list."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRecord:
    """A complete record as the caller wrote it, and the instants in it that the hub acts on."""

    ground: str
    written: Json
    ends_at: datetime
    """From here on nothing goes."""
    tell_at: datetime | None
    """When the family may be told; None for at once."""


def _text(value: Any, _: date) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= MOST_CHARACTERS


def _day(value: Any, _: date) -> bool:
    return _date(value) is not None


def _past_day(value: Any, today: date) -> bool:
    day = _date(value)
    return day is not None and day <= today


def _last_day(value: Any, today: date, longest: timedelta = LONGEST) -> bool:
    day = _date(value)
    return day is not None and today <= day <= today + longest


def _last_day_of_transfer(value: Any, today: date) -> bool:
    return _last_day(value, today, LONGEST_TRANSFER)


def _later_day(value: Any, today: date) -> bool:
    return _last_day(value, today) and _date(value) != today


def _truth(value: Any, _: date) -> bool:
    return isinstance(value, bool)


def _outcome(value: Any, _: date) -> bool:
    return isinstance(value, str) and value in OUTCOMES


def _basis(value: Any, today: date) -> bool:
    known = isinstance(value, str) and value in legal_bases()
    return known and value not in lapsed_bases(today)


def _attempts(value: Any, today: date) -> bool:
    return (
        isinstance(value, list)
        and 0 < len(value) <= MOST_ATTEMPTS
        and not any(True for one in value for _ in _lacking(_ATTEMPT, one, today))
    )


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


_ATTEMPT: Final[Parts] = {"date": _past_day, "means": _text, "result": _text}
_WHO: Final[Parts] = {
    "invoked_by.name": _text,
    "invoked_by.function": _text,
    "legal_basis": _basis,
}
_WEIGHED: Final[Parts] = {
    "alternatives": _text,
    "why_recipient": _text,
    "consulted.who": _text,
    "consulted.on": _past_day,
}
_ENDS: Final[Parts] = {"ends_on": _last_day}
_DANGER: Final[Parts] = {
    "danger.nature": _text,
    "danger.who": _text,
    "danger.imminence": _text,
}
# Each question has two answers, of which a record gives exactly one.
_CONSENT: Final[tuple[Parts, Parts]] = (
    {"consent.not_asked_because": _text},
    {"consent.attempts": _attempts},
)
_FAMILY: Final[tuple[Parts, Parts]] = (
    {"family.informed.on": _past_day, "family.informed.how": _text},
    {"family.delayed.reason": _text, "family.delayed.review_on": _later_day},
)

PARTS: Final[Mapping[str, Parts]] = MappingProxyType(
    {
        NECESSITY: {**_WHO, **_DANGER, **_WEIGHED, **_ENDS},
        CONCERN: {
            **_WHO,
            "facts": _text,
            "own_steps": _text,
            "consent_impossible": _text,
            **_ENDS,
        },
        UNANSWERED: {
            **_WHO,
            "need": _text,
            "interest": _text,
            "attempts": _attempts,
            "outcome": _outcome,
            **_WEIGHED,
            **_ENDS,
        },
        TRANSFER: {
            **_WHO,
            "notified_on": _past_day,
            "due_from": _day,
            "waived": _truth,
            "ends_on": _last_day_of_transfer,
        },
        # Who reads stands beside the record: the hub lets that person in, not the service.
        EMERGENCY: {"legal_basis": _basis, "reason": _text, "patient_state": _text},
    }
)
CHOICES: Final[Mapping[str, tuple[tuple[Parts, Parts], ...]]] = MappingProxyType(
    {NECESSITY: (_CONSENT, _FAMILY), CONCERN: (_FAMILY,)}
)


def read_record(ground: str, written: Json, *, at: datetime) -> RouteRecord | Missing:
    """Return the complete record for a known ground, or every part that is missing.

    An emergency ends after 24 hours; every other record says its own last day.
    """
    today = brussels_date(at)
    missing = [*_lacking(PARTS[ground], written, today)]
    for choice in CHOICES.get(ground, ()):
        missing += _lacking_choice(choice, written, today)
    if _strange(ground, written):
        missing.append(UNKNOWN)
    if missing:
        return Missing(tuple(missing))
    ends_on, tell_on = (_date(_find(written, path)) for path in ("ends_on", DELAYED))
    return RouteRecord(
        ground=ground,
        written=written,
        ends_at=_midnight(ends_on + timedelta(days=1)) if ends_on else at + timedelta(days=1),
        tell_at=_midnight(tell_on) if tell_on else None,
    )


def _lacking(parts: Parts, written: Any, today: date) -> Iterator[str]:
    """Yield the names of parts that are not there as they should be."""
    for path, check in parts.items():
        if not check(_find(written, path), today):
            yield path


def _lacking_choice(choice: tuple[Parts, Parts], written: Json, today: date) -> list[str]:
    begun = [one for one in choice if any(_find(written, path) is not None for path in one)]
    if len(begun) == 1:
        return [*_lacking(begun[0], written, today)]
    return [" or ".join(" and ".join(one) for one in choice)]


def _strange(ground: str, written: Json) -> bool:
    """Tell whether something is said that nobody would read: it might be what matters."""
    either = (path for choice in CHOICES.get(ground, ()) for one in choice for path in one)
    known = {*PARTS[ground], *either}
    return not set(_paths(written, "")) <= known


def _paths(written: Any, above: str) -> Iterator[str]:
    if not isinstance(written, Mapping):
        yield above
        return
    for name, value in written.items():
        yield from _paths(value, f"{above}.{name}" if above else str(name))


def _find(written: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(written, Mapping):
            return None
        written = written.get(name)
    return written


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)
