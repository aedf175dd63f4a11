"""The account being kept while a source is mapped: every field ends with exactly one fate."""

from collections.abc import Collection, Iterable
from typing import Final, TypeAlias

from adapters.contract import AccountLine, Fate, Rejection
from adapters.reading.node import Field

# Looking a member of an enumeration up takes as long as all else that a field costs here.
_MAPPED, _MINIMISED, _REJECTED = Fate.MAPPED, Fate.MINIMISED, Fate.REJECTED
_WEIGHT = {Fate.UNKNOWN: 0, _MINIMISED: 1, _MAPPED: 2, _REJECTED: 3}

_Settled: TypeAlias = tuple[Fate, Collection[str], str]
"""The fate of a field, where it went and the reason: an account line without its path."""

LEFT_EMPTY = "the source left it empty"
NOT_IN_SPECIFICATION = (
    "not in the specification this adapter was written for; it stays in the encrypted original"
)

_UNSPOKEN: Final[_Settled] = (Fate.UNKNOWN, (), NOT_IN_SPECIFICATION)
_EMPTY: Final[_Settled] = (_MINIMISED, (), LEFT_EMPTY)


class Ledger:
    """Fates by place; a field nobody spoke for is `unknown`, so nothing is lost in silence."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._settled: dict[str, _Settled] = {
            path: _UNSPOKEN if text else _EMPTY for path, _, _, text in fields
        }
        self._rejections: list[Rejection] = []

    def mapped(self, to: str, *fields: Field | None) -> None:
        """The fields' values are in that element of a resource."""
        self._settle(fields, (_MAPPED, (to,), ""))

    def remark(self, reason: str, *fields: Field | None) -> None:
        """Something to know about mapped fields, such as a repair."""
        self._settle(fields, (_MAPPED, (), reason))

    def minimised(self, reason: str, *fields: Field | None) -> None:
        """The fields were left out on purpose; a field that is mapped elsewhere stays mapped."""
        self._settle(fields, (_MINIMISED, (), reason))

    def withheld(self, reason: str, *fields: Field | None) -> None:
        """The fields go down with something that was rejected."""
        self._settle(fields, (_REJECTED, (), reason))

    def reject(self, field: Field, code: str, message: str, *, part: str | None = None) -> None:
        """A value a person must look at; the rest of the record goes on."""
        self._settle((field,), (_REJECTED, (), message))
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
                AccountLine(path, fate, tuple(to), reason)
                for path, (fate, to, reason) in self._settled.items()
            ]
        )

    def rejections(self) -> tuple[Rejection, ...]:
        """What a person must look at, in the order found."""
        return tuple(self._rejections)

    def _settle(self, fields: Iterable[Field | None], new: _Settled) -> None:
        settled = self._settled
        for field in fields:
            if field and field.text:
                path = field.path
                old = settled.get(path)
                if old is _UNSPOKEN or old is _EMPTY:
                    settled[path] = new
                elif old is not None:
                    settled[path] = _heavier(old, new)


def _heavier(old: _Settled, new: _Settled) -> _Settled:
    (old_fate, old_to, old_reason), (fate, to, reason) = old, new
    wins = _WEIGHT[fate] > _WEIGHT[old_fate]
    if not wins and not to and fate is not old_fate:
        return old
    told = (reason if wins else old_reason) or (reason if fate is old_fate else "")
    # What a whole delivery has once is mapped in every part: looking its places up must stay cheap.
    places = old_to if isinstance(old_to, dict) else dict.fromkeys(old_to)
    places.update(dict.fromkeys(to))
    return fate if wins else old_fate, places, told


def _line(path: str, settled: _Settled) -> AccountLine:
    fate, to, reason = settled
    return AccountLine(path, fate, tuple(to), reason)


def together(first: AccountLine, second: AccountLine) -> AccountLine:
    """What two pieces of a file say of one field, as if they were one."""
    return _line(first.path, _heavier(first[1:], second[1:]))
