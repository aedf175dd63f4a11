"""The account being kept while a source is mapped: every field ends with exactly one fate."""

from collections.abc import Iterable

from adapters.contract import AccountLine, Fate, Rejection
from adapters.reading.node import Field

_WEIGHT = {Fate.UNKNOWN: 0, Fate.MINIMISED: 1, Fate.MAPPED: 2, Fate.REJECTED: 3}

LEFT_EMPTY = "the source left it empty"
NOT_IN_SPECIFICATION = (
    "not in the specification this adapter was written for; it stays in the encrypted original"
)


class Ledger:
    """Fates by place; a field nobody spoke for is `unknown`, so nothing is lost in silence."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {field.path: field for field in fields}
        self._lines: dict[str, AccountLine] = {}
        self._rejections: list[Rejection] = []

    def mapped(self, to: str, *fields: Field | None) -> None:
        """The fields' values are in that element of a resource."""
        self._settle(fields, Fate.MAPPED, to=(to,))

    def remark(self, reason: str, *fields: Field | None) -> None:
        """Something to know about mapped fields, such as a repair."""
        self._settle(fields, Fate.MAPPED, reason=reason)

    def minimised(self, reason: str, *fields: Field | None) -> None:
        """The fields were left out on purpose; a field that is mapped elsewhere stays mapped."""
        self._settle(fields, Fate.MINIMISED, reason=reason)

    def withheld(self, reason: str, *fields: Field | None) -> None:
        """The fields go down with something that was rejected."""
        self._settle(fields, Fate.REJECTED, reason=reason)

    def reject(self, field: Field, code: str, message: str, *, part: str | None = None) -> None:
        """A value a person must look at; the rest of the record goes on."""
        self._settle((field,), Fate.REJECTED, reason=message)
        self.refuse(field.place, field.name, code, message, part=part)

    def refuse(
        self, where: str, name: str, code: str, message: str, *, part: str | None = None
    ) -> None:
        """Something is wrong at a place, rather than with one field."""
        self._rejections.append(
            Rejection(where=where, field=name, code=code, message=message, part=part)
        )

    def account(self) -> tuple[AccountLine, ...]:
        """One line for each field, in the order of the source."""
        return tuple(
            self._lines.get(path) or _unspoken(field) for path, field in self._fields.items()
        )

    def rejections(self) -> tuple[Rejection, ...]:
        """What a person must look at, in the order found."""
        return tuple(self._rejections)

    def _settle(
        self,
        fields: Iterable[Field | None],
        fate: Fate,
        *,
        to: tuple[str, ...] = (),
        reason: str = "",
    ) -> None:
        for field in fields:
            if field and field.text:
                self._lines[field.path] = _heavier(
                    self._lines.get(field.path),
                    AccountLine(path=field.path, fate=fate, to=to, reason=reason),
                )


def _heavier(old: AccountLine | None, new: AccountLine) -> AccountLine:
    if old is None:
        return new
    winner = new if _WEIGHT[new.fate] > _WEIGHT[old.fate] else old
    to = old.to + tuple(place for place in new.to if place not in old.to)
    reason = winner.reason or (new.reason if new.fate is old.fate else "")
    return AccountLine(path=winner.path, fate=winner.fate, to=to, reason=reason)


def _unspoken(field: Field) -> AccountLine:
    if not field.text:
        return AccountLine(path=field.path, fate=Fate.MINIMISED, reason=LEFT_EMPTY)
    return AccountLine(path=field.path, fate=Fate.UNKNOWN, reason=NOT_IN_SPECIFICATION)
