"""Corrections of who the client is: a name, a birth date, a sex, a national number."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.caw.corrections.context import Change
from adapters.caw.intake.payload import PLACES as INTAKE
from adapters.contract import IdentityChange, NumberChange, Part, PersonKey, Resource
from adapters.dates import OPEN_END, is_adult, parse_date
from adapters.insz import Insz, InszProblem
from adapters.persons import check_insz, ssin
from adapters.resources import identifier
from adapters.subjects import is_damaged
from adapters.systems import CAW_CLIENT
from schemas import code_table

PERMISSION = "it is obeyed here; consent to share is given to the hub by the family"


def family(change: Change) -> None:
    """Only the family name: the rest of the name stands."""
    _name(change, "name.0.family", change.one.value)


def given(change: Change) -> None:
    """Only the given name: the rest of the name stands."""
    _name(change, "name.0.given", [change.one.value])


def _name(change: Change, element: str, value: str | list[str]) -> None:
    if not change.one.value:
        change.reject("missing-field", "a name is not taken away; send the name it should be")
    elif is_damaged(change.one.value):
        message = (
            "the name lost letters on its way, so it takes the place of no other; "
            "export the file as UTF-8"
        )
        change.reject("damaged-name", message)
    else:
        change.amend(element, value)


def born(change: Change) -> None:
    """A birth date that exists, or none."""
    day = parse_date(change.one.value) if change.one.value else None
    if change.one.value and day in (None, OPEN_END):
        change.reject("date-invalid", "this is no date that exists; write it as d/m/yyyy")
        return
    change.amend("birthDate", day)


def gender(change: Change) -> None:
    """A sex the code table knows, or none."""
    row = code_table("gender").get(change.one.value.lower(), {})
    if change.one.value and not row:
        change.reject("unknown-code", "the code is in no table of this adapter; correct it")
        return
    change.amend("gender", row.get("gender"))


def insz(change: Change) -> None:
    """A number where there was none makes the client known; another number is for a person.

    A client whose number changes may have been taken for somebody else until now: what came in
    under the old number must not silently become another child's.
    """
    if not change.one.value:
        change.amend("identifier", _identifiers(change, None))
        return
    number = check_insz(change.one.new, change.options) if change.one.new else None
    if isinstance(number, InszProblem):
        change.reject(number.code, number.message)
    elif number and change.one.old and change.one.old.text:
        message = (
            "the client had another national number; a person checks whether earlier records "
            "are about the same child"
        )
        change.reject("number-changed", message)
    elif number:
        _assign(change, number)


def _assign(change: Change, number: Insz) -> None:
    change.amend("identifier", _identifiers(change, number.digits))
    change.ledger.mapped("IdentityChange.new", change.one.new)
    subject = PersonKey(
        insz=number.digits, family="", given="", born=number.born, local=change.client
    )
    change.outcome.parts.append(
        Part(
            id=change.number,
            subject=subject,
            related=(),
            segments=(),
            asserted_at=change.day,
            version=change.version,
            adult=is_adult(number.born, change.day),
            identity=IdentityChange(
                kind=NumberChange.ASSIGNED, new=number.digits, since=change.day
            ),
        )
    )


def _identifiers(change: Change, digits: str | None) -> list[Resource]:
    return [*ssin(digits), *identifier(CAW_CLIENT, change.client)]


def insz_permission(change: Change) -> None:
    """A permission that ends takes the number away; one that begins waits for the number."""
    if INTAKE.says(change.one.new, "permitted"):
        change.ledger.minimised(PERMISSION, change.one.new)
        return
    change.amend("identifier", _identifiers(change, None))
    message = "the client no longer lets the centre use the national number; see what rests on it"
    change.ask("number-permission", message)


PERSONAL: Final[Mapping[str, Callable[[Change], None]]] = MappingProxyType(
    {
        "born": born,
        "family": family,
        "gender": gender,
        "given": given,
        "insz": insz,
        "insz permission": insz_permission,
    }
)
"""What to do for each field of the intake export that says who the client is."""
