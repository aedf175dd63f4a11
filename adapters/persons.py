"""National numbers of a record's subject and relatives, checked once and accounted for."""

from adapters.case import Case
from adapters.contract import ReadOptions, Resource
from adapters.insz import Insz, InszProblem, parse_insz
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.resources import identifier
from adapters.systems import SSIN

OWN_NUMBER = "this is the number of the person the record is about; send the relative's own"
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


def number_of_relative(field: Field | None, options: ReadOptions, case: Case) -> str | None:
    """A relative's number within a record; the subject's own is rejected by itself."""
    digits = relative_insz(field, options, case.ledger, case.part)
    if field and digits and digits == case.insz:
        case.reject(field, "number-of-subject", OWN_NUMBER)
        return None
    return digits


def ssin(digits: str | None) -> list[Resource]:
    """The national number as an identifier."""
    return identifier(SSIN, digits, "official")


def number_flag(digits: str | None) -> tuple[str, ...]:
    """The flag of a resource that carries a national number."""
    return ("national_number",) if digits else ()
