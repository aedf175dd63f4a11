"""The Belgian national number (INSZ): registers, both century rules and a lost leading zero.

Test numbers (birth month + 60) are refused unless an installation allows them.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_PUNCTUATION = re.compile(r"[ .\-/]")
_DIGITS = re.compile(r"[0-9]{10,11}")
_PREFIX_2000 = 2_000_000_000
_LENGTH = 11
_LAST_DAY = 31
_LAST_MONTH = 12

# Without a clock the number's own century is still bounded: nobody in a file is born after this.
_HORIZON = date(2040, 1, 1)


class Register(StrEnum):
    """Who gave out the number; the month digits tell."""

    NATIONAL = "RR"
    BIS = "BIS"
    TER = "TER"
    MOCK = "MOCK"


_OFFSETS = {0: Register.NATIONAL, 20: Register.BIS, 40: Register.TER, 60: Register.MOCK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Insz:
    """A number that passed every check; `born` is partial where the number leaves it open."""

    digits: str
    register: Register
    born: str
    repaired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InszProblem:
    """Why a number was refused; the message never holds the number."""

    code: str
    message: str


_INVALID = InszProblem(
    code="insz-invalid",
    message="the national number fails its check digits or layout; correct it at the source",
)
_FUTURE = InszProblem(
    code="insz-future",
    message="the national number belongs to a birth date in the future; correct it at the source",
)
_TEST_NUMBER = InszProblem(
    code="insz-test-number-refused",
    message="this is a test number (birth month + 60); allow test numbers explicitly or send "
    "the real one",
)


def parse_insz(
    text: str, *, allow_test_numbers: bool = False, today: date | None = None
) -> Insz | InszProblem:
    """Read a number in any usual punctuation; a lost leading zero is put back once."""
    digits = _PUNCTUATION.sub("", text)
    if not _DIGITS.fullmatch(digits):
        return _INVALID
    repaired = len(digits) < _LENGTH
    number = digits.zfill(_LENGTH)
    year, register = _century(number), _register(number)
    if year is None or register is None:
        return _INVALID
    if year > (today or _HORIZON).year:
        return _FUTURE
    born = _born(number, year)
    if today is not None and born > today.isoformat():
        return _FUTURE
    if register is Register.MOCK and not allow_test_numbers:
        return _TEST_NUMBER
    return Insz(digits=number, register=register, born=born, repaired=repaired)


def _century(number: str) -> int | None:
    """Full birth year: only the check digits tell 1900 from 2000."""
    stem, check = int(number[:9]), int(number[9:])
    if 97 - stem % 97 == check:
        return 1900 + int(number[:2])
    if 97 - (_PREFIX_2000 + stem) % 97 == check:
        return 2000 + int(number[:2])
    return None


def _register(number: str) -> Register | None:
    month, day, counter = int(number[2:4]), int(number[4:6]), int(number[6:9])
    register = _OFFSETS.get(month - month % 20)
    if month % 20 > _LAST_MONTH or (month % 20 and day > _LAST_DAY):
        return None
    if register is Register.NATIONAL and counter == 0:
        return None
    return register


def _born(number: str, year: int) -> str:
    # Day or month 00 means unknown, and an exhausted counter makes days that never were:
    # neither is a fault of the number, and neither is a birth date.
    month, day = int(number[2:4]) % 20, int(number[4:6])
    if not month:
        return f"{year:04d}"
    if not day:
        return f"{year:04d}-{month:02d}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return f"{year:04d}"
