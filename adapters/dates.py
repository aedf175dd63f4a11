"""Dates as partners write them, to FHIR dates; precision is kept and never padded."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
OPEN_END = "9999-12-31"
"""The sentinel partners write for "no end"; it never becomes a value."""

_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_ISO = re.compile(rf"([0-9]{{4}})(?:-([0-9]{{2}})(?:-([0-9]{{2}}))?)?{_ZONE}")
_BELGIAN = re.compile(r"(?:([0-9]{1,2})[/.-])?([0-9]{1,2})[/.-]([0-9]{4})")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_ADULT = 18


@lru_cache(maxsize=4096)
def parse_date(text: str) -> str | None:
    """A FHIR date (possibly partial) from ISO, d/m/yyyy or m/yyyy, or None when it is no date."""
    if found := _BELGIAN.fullmatch(text):
        day, month, year = found.groups()
    elif found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    else:
        return None
    return _checked(year, month, day)


def _checked(year: str, month: str | None, day: str | None) -> str | None:
    try:
        full = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return None
    if day and full == OPEN_END:
        return OPEN_END
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        return None
    return full if day else full[:7] if month else year


def parse_instant(text: str) -> str | None:
    """A FHIR instant; a time without a zone is Brussels time, as every partner means it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    local = moment.replace(tzinfo=BRUSSELS) if moment.tzinfo is None else moment
    local = local.astimezone(UTC).astimezone(BRUSSELS)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


def is_adult(born: str | None, on: str | None) -> bool:
    """Whether someone born then had surely turned eighteen by that day."""
    if not born or not on:
        return False
    latest_birth = f"{born}-12-31"[:10] if len(born) == len("2017") else f"{born}-31"[:10]
    return int(on[:4]) - int(latest_birth[:4]) - (on[5:10] < latest_birth[5:]) >= _ADULT
