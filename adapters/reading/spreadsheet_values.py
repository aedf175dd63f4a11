"""What a cell says: a date only where it is formatted as one, a number as it is shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from adapters.reading.node import clean
from adapters.reading.sheet_parts import FoundCell, StyleListener

# ECMA-376, part 1, 18.8.30: the formats every book knows; the last ranges are those of East Asia.
_DATE_FORMATS: Final = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]')
# 18.17.4.1: day 1 is 1 January 1900 and day 60 a 29 February that never was.
_NEVER: Final = 60
_LAST_DAY: Final = 2_958_465
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 a sheet knows no zones
_DAY_ZERO_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001 idem
_SHOWN_DIGITS: Final = 15
_SECONDS: Final = 86_400


class CellKind(StrEnum):
    """How a cell holds its value."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a reader of the sheet sees, and how the file spells it."""

    text: str = ""
    raw: str = ""
    kind: CellKind = CellKind.TEXT


def value_of(
    cell: FoundCell, strings: Sequence[str], styles: StyleListener, *, since_1904: bool
) -> Value:
    """The value of a cell; a formula has the value that was last computed."""
    raw = clean(cell.text)
    match cell.kind:
        case "s":
            return _shared(raw, strings)
        case "b":
            return Value(text="true" if raw == "1" else "false", raw=raw, kind=CellKind.BOOLEAN)
        case "e":
            return Value(text=raw, raw=raw, kind=CellKind.ERROR)
        case "n":
            day = _day(raw, since_1904=since_1904) if _is_date(cell, styles) else None
            if day:
                return Value(text=day, raw=raw, kind=CellKind.DATE)
            return Value(text=_shown(raw), raw=raw, kind=CellKind.NUMBER)
        case _:
            return Value(text=raw, raw=raw)


def _shared(raw: str, strings: Sequence[str]) -> Value:
    known = raw.isascii() and raw.isdigit() and len(raw) < len("100000000")
    if known and int(raw) < len(strings):
        text = clean(strings[int(raw)])
        return Value(text=text, raw=text)
    return Value(text=raw, raw=raw, kind=CellKind.ERROR)


def _is_date(cell: FoundCell, styles: StyleListener) -> bool:
    known = styles.dates.get(cell.style)
    if known is None:
        known = styles.dates[cell.style] = _shows_date(cell.style, styles)
    return known


def _shows_date(style: str, styles: StyleListener) -> bool:
    known = style.isascii() and style.isdigit() and len(style) < len("1000000")
    if not known or int(style) >= len(styles.of_style):
        return False
    format_id = styles.of_style[int(style)]
    if code := styles.formats.get(format_id):
        return bool(re.search("[yd]", _LITERAL.sub("", code.lower())))
    return format_id.isascii() and format_id.isdigit() and int(format_id[:9]) in _DATE_FORMATS


def _day(raw: str, *, since_1904: bool) -> str | None:
    number = _decimal(raw)
    if number is None or not 0 <= number < _LAST_DAY or int(number) == _NEVER:
        return None
    zero = _DAY_ZERO_1904 if since_1904 else _DAY_ZERO
    early = not since_1904 and number < _NEVER
    try:
        moment = zero + timedelta(
            days=int(number) + early, seconds=round((number - int(number)) * _SECONDS)
        )
    except OverflowError:
        return None
    return moment.isoformat() if moment.time().isoformat() != "00:00:00" else str(moment.date())


def _shown(raw: str) -> str:
    """A spreadsheet keeps 15 digits; what a file adds to them (4.9000000000000004) is noise."""
    number = _decimal(raw) if len(raw) > _SHOWN_DIGITS else None
    if number is None or len(number.as_tuple().digits) <= _SHOWN_DIGITS:
        return raw
    return f"{float(number):.{_SHOWN_DIGITS}g}"


def _decimal(raw: str) -> Decimal | None:
    try:
        number = Decimal(raw)
    except InvalidOperation:
        return None
    plain = number.is_finite() and abs(number.adjusted()) <= _SHOWN_DIGITS * 2
    return number if plain else None
