"""The exact words a family agrees to: versioned texts that are never changed, only succeeded."""

import hashlib
import json
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, NotRequired, TypedDict

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


# Each is the name of the effect that its text records.
REFUSALS: Final = ("refuse", "exclude", "object", "object_gdpr", "restrict_gdpr")
RECONFIRM: Final = "reconfirm"
# The first text speaks for parents and guardians; the other says who gives.
_SHARE_OF: Final = {"parent": CURRENT_TEXT, "guardian": CURRENT_TEXT}
_SHARE_AS: Final = "share_as"


# One version of the text in one language; a later text may take its names from `share.v1`.
_Text = TypedDict(
    "_Text",
    {
        "names": NotRequired[str],
        "text": list[str],
        "date": str,
        "first_of_month": str,
        "month": dict[str, str],
        "class": dict[str, str],
        "purpose": dict[str, str],
        "who": NotRequired[dict[str, str]],
        "last_day": NotRequired[str],
        "any": NotRequired[dict[str, str]],
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a text is about; None means any, where the text knows that."""

    giver: str
    classes: Iterable[str] | None
    purpose: str | None
    partner_name: str | None
    until: date | None
    source_names: Iterable[str] | None = None


def wording_for(
    *,
    language: str,
    classes: Iterable[str],
    purpose: str,
    partner_name: str,
    until: date,
    giver: str = "parent",
) -> Wording:
    """Write out the question for these choices, in the current version of the giver's text."""
    choices = Choices(
        giver=giver, classes=classes, purpose=purpose, partner_name=partner_name, until=until
    )
    return _written(_SHARE_OF.get(giver, _SHARE_AS), language, choices)


def wording_of_reconfirm(
    *,
    language: str,
    giver: str,
    classes: Iterable[str],
    purpose: str,
    partner_name: str,
    until: date,
) -> Wording:
    """Write out what somebody confirms that said yes before, or for whom somebody did."""
    choices = Choices(
        giver=giver, classes=classes, purpose=purpose, partner_name=partner_name, until=until
    )
    return _written(RECONFIRM, language, choices)


def wording_of_refusal(*, language: str, effect: str, choices: Choices) -> Wording:
    """Write out a refusal, exclusion or objection; None among the choices means any."""
    return _written(_known(effect, REFUSALS, "effect"), language, choices)


def _written(text_id: str, language: str, choices: Choices) -> Wording:
    source = _source(_known(language, LANGUAGES, "language"), text_id, CURRENT_VERSION)
    values = _values(source, choices)
    lines = (line.format_map(values) for line in source["text"])
    text = "\n".join(line for line in lines if line)
    return Wording(
        text_id=text_id,
        version=CURRENT_VERSION,
        language=language,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _values(source: _Text, choices: Choices) -> dict[str, str]:
    unnamed, purposes = source.get("any", {}), source["purpose"]
    chosen = _known_classes(source, choices.classes)
    why = None if choices.purpose is None else _known(choices.purpose, purposes, "purpose")
    return {
        "who": source.get("who", {}).get(choices.giver, ""),
        "partner": _one_line(choices.partner_name) or unnamed.get("partner", ""),
        "source": ", ".join(map(_one_line, choices.source_names or ())) or unnamed.get("from", ""),
        "what": unnamed.get("what", "") if choices.classes is None else _chosen(source, chosen),
        "why": unnamed.get("why", "") if why is None else purposes[why],
        "until": _until(source, choices.until),
        "not_shared": _bullets(source["class"][one] for one in SENSITIVE if one not in chosen),
    }


def _known_classes(source: _Text, classes: Iterable[str] | None) -> frozenset[str]:
    names = source["class"]
    if classes is None:
        return frozenset(names)
    chosen = frozenset(_known(one, names, "class") for one in classes)
    if not chosen:
        raise InvalidRequest("choose at least one data class", where="classes")
    return chosen


def _chosen(source: _Text, chosen: Container[str]) -> str:
    return _bullets(name for code, name in source["class"].items() if code in chosen)


def _one_line(name: str | None) -> str:
    return " ".join((name or "").split())


def _until(source: _Text, until: date | None) -> str:
    if until is None:
        return source.get("any", {}).get("until", "")
    return source.get("last_day", "{day}").format(day=_date(source, until))


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
    if "names" in source:
        # Taken from a published text, which is never edited, so that these words stay as well.
        named, _, version = source["names"].rpartition(".v")
        return {**_source(language, named, version), **source}
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
