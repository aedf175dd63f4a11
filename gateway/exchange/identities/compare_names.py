"""How far two spellings of a name agree; letters that were lost on the way are never guessed."""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS: Final = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_LOST: Final = re.compile(r"[?\ufffd]")
# Spelled apart, together, with capitals or not at all, depending on the register.
_PARTICLES: Final = frozenset(
    {"van", "de", "den", "der", "d", "la", "le", "el", "ten", "ter", "du", "y"}
)
# What a register writes when there is no name yet.
_NO_NAMES: Final = frozenset({"baby", "nn", "naamloos", "onbekend", "kind"})
_SHORTEST_NEARLY: Final = 3
_NEARLY: Final = 0.8
# A sound may be written in several ways; a key must not depend on which one.
_SOUNDS: Final = (
    ("ph", "f"), ("th", "t"), ("ck", "k"), ("sch", "s"), ("ij", "i"), ("y", "i"), ("c", "k"),
    ("q", "k"), ("x", "ks"), ("z", "s"), ("v", "f"), ("w", "f"), ("d", "t"), ("h", ""),
)  # fmt: skip


class Agreement(StrEnum):
    """How far what two sources say of one feature agrees."""

    AGREES = "agrees"
    NEARLY = "nearly"
    PARTIAL = "partial"
    DAMAGED = "damaged"
    ABBREVIATED = "abbreviated"
    DIFFERS = "differs"
    MISSING = "missing"


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name without case, accents and punctuation; lost letters stay `?`."""
    plain = unicodedata.normalize("NFKD", _LOST.sub("?", name)).casefold().translate(_LETTERS)
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    return tuple(re.sub(r"[^\w?]|_", " ", bare).split())


def family_words(name: str) -> tuple[str, ...]:
    """Return the words of a family name without `van`, `de` and such, if it has others."""
    whole = words_of(name)
    return tuple(one for one in whole if one not in _PARTICLES) or whole


def is_no_name(name: str) -> bool:
    """Whether this is what a register writes when a child has no name yet."""
    return not words_of(name) or set(words_of(name)) <= _NO_NAMES


def is_damaged(name: str) -> bool:
    """Whether letters of this name were lost on the way."""
    return bool(_LOST.search(name))


def is_initial(name: str) -> bool:
    """Whether only first letters stand here."""
    words = words_of(name)
    return bool(words) and all(len(one) == 1 and one.isalpha() for one in words)


def compare_family(one: str, other: str) -> Agreement:
    """Compare two family names; a double name of which one half stands alone nearly agrees."""
    return _compare(one, other, family_words(one), family_words(other))


def compare_given(one: str, other: str) -> Agreement:
    """Compare two given names; what a register writes for want of a name is missing."""
    return _compare(one, other, words_of(one), words_of(other))


def _compare(one: str, other: str, words: tuple[str, ...], others: tuple[str, ...]) -> Agreement:
    if is_no_name(one) or is_no_name(other):
        return Agreement.MISSING
    if is_initial(one) or is_initial(other):
        return _initials(words, others)
    if is_damaged(one) or is_damaged(other):
        return _damaged(" ".join(words), " ".join(others))
    whole, other_whole = "".join(words_of(one)), "".join(words_of(other))
    if whole == other_whole or sorted(words) == sorted(others):
        return Agreement.AGREES
    half = set(words) <= set(others) or set(others) <= set(words)
    turned = _near("".join(sorted(words)), "".join(sorted(others)))
    near = half or turned or _near(whole, other_whole) or _begins(whole, other_whole)
    return Agreement.NEARLY if near else Agreement.DIFFERS


def _initials(words: tuple[str, ...], others: tuple[str, ...]) -> Agreement:
    first, second = {one[0] for one in words}, {one[0] for one in others}
    together = first <= second or second <= first
    return Agreement.ABBREVIATED if together else Agreement.DIFFERS


def _damaged(one: str, other: str) -> Agreement:
    bare, other_bare = one.replace("?", ""), other.replace("?", "")
    fits = _fits(one, other) or _fits(other, one) or _near(bare, other_bare)
    return Agreement.DAMAGED if fits else Agreement.DIFFERS


def _fits(damaged: str, whole: str) -> bool:
    """Whether a name is another one in which letters were lost: each `?` was up to two of them."""
    pattern = ".{0,2}".join(re.escape(part) for part in damaged.split("?"))
    return bool(damaged.strip("? ")) and re.fullmatch(pattern, whole) is not None


def _begins(one: str, other: str) -> bool:
    """A pet name or a short form: Noor and Noortje."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_NEARLY and long.startswith(short)


def _near(one: str, other: str) -> bool:
    """One letter more, less, other or swapped, or a few of them in a long name."""
    if min(len(one), len(other)) < _SHORTEST_NEARLY:
        return False
    distance = DamerauLevenshtein.distance(one, other)
    return distance <= 1 or 1 - distance / max(len(one), len(other)) >= _NEARLY


def sound_of(word: str) -> str:
    """Return what is left of a word when spelling is taken away: its first consonants."""
    for spelled, sound in _SOUNDS:
        word = word.replace(spelled, sound)
    kept = word[:1] + re.sub("[aeiou]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", kept)[:4]
