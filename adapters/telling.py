"""Free text split by whom it tells about; whole sentences, never parts of one.

The words are in `schemas/codes/telling.json`; the names are those of the file. A sentence is held
apart rather too often than too seldom: when it names or quotes somebody else, or goes on about them
with a pronoun.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from adapters.case import Case
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, category, finding, reference, segment
from schemas import code_table

People = Mapping[str, Mapping[str, str]]
"""Somebody else in the file by one word of a name: data class and, of a parent, the role."""

NOBODY: People = {}

_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[\"'“„«(]?[A-ZÀ-Þ])")
_QUOTE = re.compile(r"[\"“”„«»]")
_PRONOUN = re.compile(r"(?:ze|zij|hij|haar|zijn|hun|hen|dit|dat|daar|die)\b", re.IGNORECASE)
_QUOTED = "third_party"
_PARENTS = frozenset({"parent", "foster_parent", "guardian"})
_PARTICLES = frozenset(
    {"al", "da", "de", "del", "den", "der", "di", "du", "el", "het", "la", "le"}
    | {"op", "ten", "ter", "van", "von"}
)
_WORD = re.compile(r"[^\W\d_]+")
_WEIGHT = ("concern", "confidential", "third_party", "parent_data", "context")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Sentences of one data class; an empty class tells about the child only."""

    data_class: str
    text: str
    roles: frozenset[str] = frozenset()


def named(
    others: Iterable[tuple[Mapping[str, str] | None, Iterable[Field | None]]],
    own: Iterable[Field | None],
) -> People:
    """The words of names in a file that mean somebody else, each person with a row of a role table.

    A word that is also in the child's own name, such as a shared family name, tells of nobody else.
    """
    child = {word for field in own for word in _words_of(field)}
    people: dict[str, Mapping[str, str]] = {}
    for row, fields in others:
        meant = _meaning(row)
        for word in (word for field in fields for word in _words_of(field)):
            if word not in child:
                # A name of two people leaves open of whom it tells.
                known = people.setdefault(word, meant)
                people[word] = meant if known == meant else _meaning(None)
    return people


def _meaning(row: Mapping[str, str] | None) -> Mapping[str, str]:
    if row and row["relation"] in _PARENTS:
        return {"data_class": "parent_data", "role": row["role"]}
    return {"data_class": "third_party"}


def _words_of(field: Field | None) -> Iterator[str]:
    for word in _WORD.findall(field.text.casefold()) if field else []:
        # An initial, or a particle of a name, stands in any text.
        if len(word) > 1 and word not in _PARTICLES:
            yield word


def related_in(
    relatives: Iterable[Segment], roles: frozenset[str], about: frozenset[str]
) -> frozenset[str]:
    """The relatives in these roles, as data subjects; empty when one of them is not known."""
    meant = [one for one in relatives if role_of(one) in roles]
    if not meant or roles - {role_of(one) for one in meant}:
        return frozenset()
    return frozenset().union(*(one.about for one in meant)) - about


def role_of(relative: Segment) -> str:
    """Who a related person is, as a code of v3-RoleCode."""
    code: str = relative.resource["relationship"][0]["coding"][0]["code"]
    return code


def told_apart(
    passage: Passage,
    made: Target,
    field: Field | None,
    case: Case,
    who: frozenset[str],
    **more: str | list[Resource] | None,
) -> Segment:
    """What a text tells about somebody else, as a statement of its own about them too."""
    case.ledger.mapped(made["valueString"], field)
    body = {
        "status": "final",
        "category": category("survey"),
        "code": finding("told-about-others", "What a conclusion tells about somebody else"),
        "subject": reference(case.patient),
        **more,
        "valueString": passage.text,
    }
    # Whoever cannot be named cannot be asked: then it goes nowhere.
    flags = {"free_text"} if who else {"free_text", "unsplittable"}
    return segment(made, passage.data_class, body, about=case.about | who, flags=case.flags | flags)


def passages(text: str, people: People = NOBODY) -> tuple[Passage, ...]:
    """The text as one passage for each data class in it, the child's own first."""
    told = list(_sentences(text, people))
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


def _sentences(text: str, people: People) -> Iterator[Passage]:
    before = Passage(data_class="", text="")
    for sentence in _SENTENCES.split(text):
        about = _about(sentence, people)
        if not about.data_class and before.data_class and _PRONOUN.match(sentence):
            about = Passage(data_class=before.data_class, text=sentence, roles=before.roles)
        yield about
        before = about


def _about(sentence: str, people: People) -> Passage:
    anybody = _anybody().search(sentence)
    found = [row for pattern, row in _words() if pattern.search(sentence)] if anybody else []
    found += _named_in(sentence, people)
    if not found:
        return Passage(data_class=_QUOTED if _QUOTE.search(sentence) else "", text=sentence)
    data_class = min((row["data_class"] for row in found), key=_WEIGHT.index)
    roles = [row.get("role", "") for row in found if row["data_class"] == data_class]
    return Passage(data_class=data_class, text=sentence, roles=_known(roles))


def _named_in(sentence: str, people: People) -> list[Mapping[str, str]]:
    words = _WORD.findall(sentence) if people else []
    names = {word.casefold() for word in words if not word[0].islower()}
    return [people[name] for name in sorted(names & people.keys())]


def _known(roles: Iterable[str]) -> frozenset[str]:
    named = frozenset(roles)
    return frozenset() if "" in named else named


@cache
def _words() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    return tuple(
        (re.compile(rf"\b{re.escape(word)}{_end(row)}", re.IGNORECASE), row)
        for word, row in code_table("telling").items()
    )


@cache
def _anybody() -> re.Pattern[str]:
    """All words in one search, since most sentences name nobody else."""
    return re.compile("|".join(pattern.pattern for pattern, _ in _words()), re.IGNORECASE)


def _end(row: Mapping[str, str]) -> str:
    return r"\b" if row.get("whole") else ""
