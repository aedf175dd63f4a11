"""The account while it is kept."""

from adapters.contract import AccountLine, Fate
from adapters.ledger import Ledger, together
from adapters.reading.node import Field


def field(path: str, text: str = "value") -> Field:
    return Field(path=path, place="place", name=path, text=text)


def test_a_field_nobody_spoke_for_is_unknown_and_an_empty_one_is_not() -> None:
    ledger = Ledger([field("a"), field("b", "")])
    assert [line.fate for line in ledger.account()] == [Fate.UNKNOWN, Fate.MINIMISED]


def test_what_is_mapped_once_stays_mapped_and_lists_every_place() -> None:
    one = field("a")
    ledger = Ledger([one])
    ledger.minimised("not needed", one)
    ledger.mapped("Patient/1.name", one)
    ledger.mapped("Patient/1.text", one)
    ledger.minimised("not needed", one)
    (line,) = ledger.account()
    assert (line.fate, line.to, line.reason) == (
        Fate.MAPPED,
        ("Patient/1.name", "Patient/1.text"),
        "",
    )


def test_two_pieces_of_a_file_tell_of_a_field_as_one_would() -> None:
    first = AccountLine("a", Fate.MINIMISED, (), "not needed")
    second = AccountLine("a", Fate.MAPPED, ("Patient/1.name",))
    third = AccountLine("a", Fate.MAPPED, ("Patient/2.name", "Patient/1.name"), "repaired")
    assert together(first, second) == together(second, first) == second
    assert together(second, third) == AccountLine(
        "a", Fate.MAPPED, ("Patient/1.name", "Patient/2.name"), "repaired"
    )


def test_what_is_not_in_the_file_gets_no_line() -> None:
    ledger = Ledger([field("a")])
    ledger.mapped("Patient/1.name", field("b"))
    assert [line.path for line in ledger.account()] == ["a"]


def test_what_is_rejected_stays_rejected() -> None:
    one = field("a")
    ledger = Ledger([one])
    ledger.reject(one, "unknown-code", "the code is unknown; correct it")
    ledger.mapped("Patient/1.name", one)
    (line,) = ledger.account()
    assert (line.fate, line.reason) == (Fate.REJECTED, "the code is unknown; correct it")
    (rejection,) = ledger.rejections()
    assert (rejection.where, rejection.field, rejection.code) == ("place", "a", "unknown-code")
