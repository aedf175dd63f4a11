"""What a decision rested on, as one canonical text that can be kept and decided on again.

It holds what the rules were given (the request and the facts) and not the rows they came from:
so only the rules themselves have to be those of that day to decide again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from consent.model import Facts, Request
from gateway.exchange.hub import Hub
from gateway.store import decision_basis

FORM: Final = 1
"""The form of the text; a program that knows another one says so and guesses nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestsOn:
    """The request and the facts of one decision: facts once for each source of its parts.

    `versions` gives the version of each stored part; a source's own parts have none. `only` is the
    one decision of the family that was asked for.
    """

    act: str
    request: Request
    facts: tuple[Facts, ...]
    versions: Mapping[str, int]
    only: str | None = None
    form: int = FORM


def keep(hub: Hub, child: UUID, key: bytes, rests_on: RestsOn) -> decision_basis.Basis:
    """Return a basis for the line of this decision in the log."""
    return decision_basis.seal(hub.vault, hub.bases, child, key, written(rests_on))


def written(rests_on: RestsOn) -> bytes:
    """Return the canonical text: the same facts in another order give the same bytes."""
    return orjson.dumps(rests_on, default=_plain, option=orjson.OPT_SORT_KEYS)


def read(text: bytes) -> RestsOn | None:
    """Return what a text says; None if this program does not understand all of it."""
    try:
        found = _reader().validate_json(text)
    except ValidationError:
        return None
    # A key that was skipped could be the fact that denied.
    whole = found.form == FORM and _within(orjson.loads(text), orjson.loads(written(found)))
    return found if whole else None


@cache
def _reader() -> TypeAdapter[RestsOn]:
    return TypeAdapter(RestsOn)


def _plain(value: Any) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _within(stored: object, understood: object) -> bool:
    """Whether everything stored was understood; a fact the text does not know may stand beside."""
    if isinstance(stored, dict) and isinstance(understood, dict):
        return all(
            name in understood and _within(stored[name], understood[name]) for name in stored
        )
    if isinstance(stored, list) and isinstance(understood, list):
        pairs = zip(stored, understood, strict=False)
        return len(stored) == len(understood) and all(_within(one, two) for one, two in pairs)
    return stored == understood
