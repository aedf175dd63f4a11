"""Free text of a CLB split by whom it tells about; whole sentences, never parts of one.

The words are in `schemas/codes/clb-telling.json`. A sentence is held apart rather too often than
too seldom: when it names or quotes somebody else, or goes on about them with a pronoun.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from schemas import code_table

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[\"'“„«(]?[A-ZÀ-Þ])")
_QUOTE = re.compile(r"[\"“”„«»]")
_PRONOUN = re.compile(r"(?:ze|zij|hij|haar|zijn|hun|hen|dit|dat|daar|die)\b", re.IGNORECASE)
_QUOTED = "third_party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Sentences of one data class; an empty class tells about the pupil only."""

    data_class: str
    text: str
    roles: frozenset[str] = frozenset()


def passages(text: str) -> tuple[Passage, ...]:
    """The text as one passage for each data class in it, the pupil's own first."""
    told = list(_sentences(text))
    classes = sorted({one.data_class for one in told})
    made = (_joined(name, [one for one in told if one.data_class == name]) for name in classes)
    return tuple(passage for passage in made if passage.text)


def _joined(data_class: str, told: list[Passage]) -> Passage:
    named = all(one.roles for one in told)
    return Passage(
        data_class=data_class,
        text=" ".join(one.text for one in told),
        # One sentence about nobody who is known makes the whole passage so.
        roles=frozenset().union(*(one.roles for one in told)) if named else frozenset(),
    )


def _sentences(text: str) -> Iterator[Passage]:
    before = Passage(data_class="", text="")
    for sentence in _SENTENCES.split(text):
        about = _about(sentence)
        if not about.data_class and before.data_class and _PRONOUN.match(sentence):
            about = Passage(data_class=before.data_class, text=sentence, roles=before.roles)
        yield about
        before = about


def _about(sentence: str) -> Passage:
    named = _anybody().search(sentence)
    found = [row for pattern, row in _words() if pattern.search(sentence)] if named else []
    if not found:
        return Passage(data_class=_QUOTED if _QUOTE.search(sentence) else "", text=sentence)
    data_class = found[0]["data_class"]
    roles = [row.get("role", "") for row in found if row["data_class"] == data_class]
    return Passage(data_class=data_class, text=sentence, roles=_known(roles))


def _known(roles: Iterable[str]) -> frozenset[str]:
    named = frozenset(roles)
    return frozenset() if "" in named else named


@cache
def _words() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    return tuple(
        (re.compile(rf"\b{re.escape(word)}{_end(row)}", re.IGNORECASE), row)
        for word, row in code_table("clb-telling").items()
    )


@cache
def _anybody() -> re.Pattern[str]:
    """All words in one search, since most sentences name nobody else."""
    return re.compile("|".join(pattern.pattern for pattern, _ in _words()), re.IGNORECASE)


def _end(row: Mapping[str, str]) -> str:
    return r"\b" if row.get("whole") else ""
