"""Under which keyed hashes a child may be found again when there is no number.

No key holds a name alone or a birth date alone: how often a name or a day occurs would tell which
it is. Each joins a date or a year with a little of a name.
"""

from collections.abc import Iterator
from itertools import product

from gateway.exchange.identities.compare_names import (
    family_words,
    is_initial,
    is_no_name,
    sound_of,
    words_of,
)
from gateway.exchange.identities.score_match import FULL_DATE, YEAR, Description, Name


def keys_to_index(known: Description) -> frozenset[str]:
    """Return every key under which a child is found; to be hashed before they are stored."""
    return frozenset(
        key for name, born in product(known.names, known.born) for key in _keys(name, born)
    )


def _keys(name: Name, born: str) -> Iterator[str]:
    family = () if is_no_name(name.family) else family_words(name.family)
    given = () if is_no_name(name.given) else words_of(name.given)
    if len(born) == FULL_DATE:
        for letter in {word[0] for word in family + given if word[0].isalpha()}:
            yield f"day|{born}|{letter}"
    whole = [word for word in family if _is_whole(word)]
    for one, other in product(whole, [word for word in given if _is_whole(word)][:1]):
        yield f"year|{born[:YEAR]}|" + "|".join(sorted((sound_of(one), sound_of(other))))


def _is_whole(word: str) -> bool:
    return not is_initial(word) and "?" not in word
