"""The exact words a family agrees to: versioned texts that are never changed, only succeeded."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, TypedDict

from gateway.errors import InvalidRequest

CURRENT_TEXT: Final = "share"
CURRENT_VERSION: Final = "1"
LANGUAGES: Final = ("nl", "fr", "en")
# Named in every text when they are not part of it, so that nobody says yes to them by mistake.
SENSITIVE: Final = (
    "diagnosis",
    "diagnostic_report",
    "medical",
    "therapy_notes",
    "parent_data",
    "third_party",
)


# One version of the text in one language, with every name it may use.
_Text = TypedDict(
    "_Text",
    {
        "text": list[str],
        "date": str,
        "first_of_month": str,
        "month": dict[str, str],
        "class": dict[str, str],
        "purpose": dict[str, str],
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text as it was shown; the hash is over its exact UTF-8 bytes."""

    text_id: str
    version: str
    language: str
    text: str
    sha256: str


def wording_for(
    *, language: str, classes: Iterable[str], purpose: str, partner_name: str, until: date
) -> Wording:
    """Write out the question for these choices, in the current version of the text."""
    source = _source(_known(language, LANGUAGES, "language"), CURRENT_TEXT, CURRENT_VERSION)
    names = source["class"]
    chosen = {_known(code, names, "class") for code in classes}
    if not chosen:
        raise InvalidRequest("choose at least one data class", where="classes")
    values = {
        "partner": " ".join(partner_name.split()),
        "what": _bullets(name for code, name in names.items() if code in chosen),
        "why": source["purpose"][_known(purpose, source["purpose"], "purpose")],
        "until": _date(source, until),
        "not_shared": _bullets(names[code] for code in SENSITIVE if code not in chosen),
    }
    lines = (line.format_map(values) for line in source["text"])
    text = "\n".join(line for line in lines if line)
    return Wording(
        text_id=CURRENT_TEXT,
        version=CURRENT_VERSION,
        language=language,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


@cache
def changed_in_substance(text_id: str, version: str) -> bool:
    """Whether a later version of this text says something else, so that the family is asked again.

    A text or version that nobody knows counts as changed (rule K7).
    """
    path = files("schemas") / "locales" / "consent" / "versions.json"
    versions = json.loads(path.read_text(encoding="utf-8"))["texts"].get(text_id, [])
    known = [one["version"] for one in versions]
    if version not in known:
        return True
    return any(one["changes_substance"] for one in versions[known.index(version) + 1 :])


@cache
def _source(language: str, text_id: str, version: str) -> _Text:
    path = files("schemas") / "locales" / "consent" / f"{text_id}.v{version}.{language}.json"
    source: _Text = json.loads(path.read_text(encoding="utf-8"))
    return source


def _known(code: str, known: Iterable[str], place: str) -> str:
    if code not in known:
        raise InvalidRequest(f"unknown {place}; docs/pages.md lists the names", where=place)
    return code


def _bullets(names: Iterable[str]) -> str:
    return "\n".join(f"- {name}" for name in names)


def _date(source: _Text, day: date) -> str:
    number = source["first_of_month"] if day.day == 1 else str(day.day)
    month = source["month"][str(day.month)]
    return source["date"].format(day=number, month=month, year=day.year)
