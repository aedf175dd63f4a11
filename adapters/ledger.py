"""The account being kept while a source is mapped: every field ends with exactly one fate."""

from collections.abc import Iterable
from typing import Final

from adapters.contract import AccountLine, Fate, Rejection
from adapters.reading.node import Field

# Looking a member of an enumeration up takes as long as all else that a field costs here.
_MAPPED, _MINIMISED, _REJECTED = Fate.MAPPED, Fate.MINIMISED, Fate.REJECTED
_WEIGHT = {Fate.UNKNOWN: 0, _MINIMISED: 1, _MAPPED: 2, _REJECTED: 3}

LEFT_EMPTY = "the source left it empty"
NOT_IN_SPECIFICATION = (
    "not in the specification this adapter was written for; it stays in the encrypted original"
)

# The lines of fields that nobody spoke for yet; they have no path.
_UNSPOKEN: Final = AccountLine("", Fate.UNKNOWN, (), NOT_IN_SPECIFICATION)
_EMPTY: Final = AccountLine("", _MINIMISED, (), LEFT_EMPTY)


class Ledger:
    """Fates by place; a field nobody spoke for is `unknown`, so nothing is lost in silence."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._lines = {path: _UNSPOKEN if text else _EMPTY for path, _, _, text in fields}
        # What a whole delivery has once is mapped in every part: one more place must stay cheap.
        self._places: dict[str, dict[str, None]] = {}
        self._rejections: list[Rejection] = []

    def mapped(self, to: str, *fields: Field | None) -> None:
        """The fields' values are in that element of a resource."""
        self._settle(fields, _MAPPED, (to,), "")

    def remark(self, reason: str, *fields: Field | None) -> None:
        """Something to know about mapped fields, such as a repair."""
        self._settle(fields, _MAPPED, (), reason)

    def minimised(self, reason: str, *fields: Field | None) -> None:
        """The fields were left out on purpose; a field that is mapped elsewhere stays mapped."""
        self._settle(fields, _MINIMISED, (), reason)

    def withheld(self, reason: str, *fields: Field | None) -> None:
        """The fields go down with something that was rejected."""
        self._settle(fields, _REJECTED, (), reason)

    def reject(self, field: Field, code: str, message: str, *, part: str | None = None) -> None:
        """A value a person must look at; the rest of the record goes on."""
        self._settle((field,), _REJECTED, (), message)
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
            [
                line if line.path and path not in self._places else self._whole(path, line)
                for path, line in self._lines.items()
            ]
        )

    def _whole(self, path: str, line: AccountLine) -> AccountLine:
        return AccountLine(path, line.fate, tuple(self._places.get(path, ())), line.reason)

    def rejections(self) -> tuple[Rejection, ...]:
        """What a person must look at, in the order found."""
        return tuple(self._rejections)

    def _settle(
        self, fields: Iterable[Field | None], fate: Fate, to: tuple[str, ...], reason: str
    ) -> None:
        lines = self._lines
        for field in fields:
            if field and field.text:
                path = field.path
                old = lines.get(path)
                if old is None:
                    continue
                new = AccountLine(path, fate, to, reason)
                lines[path] = self._both(old, new) if old.path else new

    def _both(self, old: AccountLine, new: AccountLine) -> AccountLine:
        if new.to:
            places = self._places.setdefault(new.path, dict.fromkeys(old.to))
            places.update(dict.fromkeys(new.to))
        return _heavier(old, new)


def _heavier(old: AccountLine, new: AccountLine) -> AccountLine:
    """The fate that wins, at the places of the old line."""
    wins = _WEIGHT[new.fate] > _WEIGHT[old.fate]
    if not wins and new.fate is not old.fate:
        return old
    told = new.reason if wins else old.reason or new.reason
    return AccountLine(old.path, new.fate, old.to, told)


def together(first: AccountLine, second: AccountLine) -> AccountLine:
    """What two pieces of a file say of one field, as if they were one."""
    return _heavier(first, second)._replace(to=tuple(dict.fromkeys((*first.to, *second.to))))
