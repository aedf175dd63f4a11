"""Children without a number: a key that holds no name, and names that say too little."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

from adapters.contract import PersonKey
from adapters.organisations import Mention
from adapters.reading.node import Field
from adapters.systems import OPGROEIEN_LOCATION
from schemas import code_table

ABBREVIATED: Final = (
    "a name is only an initial, so this could be more than one child; decide who is meant, or ask "
    "for the whole name"
)
_INITIAL: Final = re.compile(r"\w\.?")


def name_digest(*said: str) -> str:
    """The same words give the same key, and the key gives no word away in an account or a log."""
    words = "\n".join([" ".join(one.split()).casefold() for one in said])
    return sha256(words.encode()).hexdigest()[:32]


def is_initial(name: str) -> bool:
    """Whether a name is one letter, with or without a point."""
    return bool(_INITIAL.fullmatch(name))


def completed(key: PersonKey, gender: Field | None) -> PersonKey:
    """The key with what else a feed of names knows."""
    row = code_table("gender").get(gender.text.lower()) if gender else None
    known = row["gender"] if row and row["gender"] in {"male", "female"} else None
    abbreviated = is_initial(key.family) or is_initial(key.given)
    if (known, abbreviated) == (key.gender, key.abbreviated):
        return key
    return replace(key, gender=known, abbreviated=abbreviated)


def location_mention(name: Field | None, *numbers: tuple[str, Field | None]) -> Mention:
    """A childcare location; its file number at the agency is its key."""
    return Mention(
        kind="childcare", kind_display="Childcare location", name=name, numbers=tuple(numbers)
    )


def location_number(field: Field | None) -> tuple[str, Field | None]:
    """The file number of a location at the agency."""
    return (OPGROEIEN_LOCATION, field)
