"""National numbers of a record's subject and relatives, checked once and accounted for."""

from adapters.contract import ReadOptions, Resource
from adapters.insz import Insz, InszProblem, parse_insz
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.resources import identifier
from adapters.systems import SSIN

REFUSED_WITH_PART = "the record is refused as a whole until its subject is corrected"


def check_insz(field: Field, options: ReadOptions) -> Insz | InszProblem:
    """The field's national number under this installation's options."""
    return parse_insz(
        field.text, allow_test_numbers=options.allow_test_numbers, today=options.today
    )


def relative_insz(
    field: Field | None, options: ReadOptions, ledger: Ledger, part: str
) -> str | None:
    """A relative's number; a wrong one is rejected by itself, not with the record."""
    if field is None or not field.text:
        return None
    number = check_insz(field, options)
    if isinstance(number, InszProblem):
        ledger.reject(field, number.code, number.message, part=part)
        return None
    return number.digits


def ssin(digits: str | None) -> list[Resource]:
    """The national number as an identifier."""
    return identifier(SSIN, digits, "official")


def number_flag(digits: str | None) -> tuple[str, ...]:
    """The flag of a resource that carries a national number."""
    return ("national_number",) if digits else ()
