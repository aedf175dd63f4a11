"""The words of the pages: Dutch is the source, French and English have the same keys."""

import json
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = ("nl", "fr", "en")
DEFAULT_LANGUAGE: Final = "nl"


@cache
def messages(language: str) -> dict[str, str]:
    """Return every text of one language under its full key, `group.name`."""
    source = files("schemas") / "locales" / f"{language}.json"
    groups: dict[str, dict[str, str]] = json.loads(source.read_text(encoding="utf-8"))
    return {
        f"{group}.{name}": text for group, names in groups.items() for name, text in names.items()
    }


def translate(language: str, key: str, **values: object) -> str:
    """Return the text of a key with its places filled in; an unknown key is a mistake of ours."""
    return messages(language)[key].format_map(values)


def name_of(language: str, group: str, code: str) -> str:
    """Return the plain name of a code; one without a name gets the group's general name."""
    texts = messages(language)
    return texts.get(f"{group}.{code}", texts[f"{group}.other"])


def codes_of(group: str) -> tuple[str, ...]:
    """Return the codes of a group that have a name, in the order in which pages show them."""
    prefix = f"{group}."
    keys = (
        key.removeprefix(prefix) for key in messages(DEFAULT_LANGUAGE) if key.startswith(prefix)
    )
    return tuple(code for code in keys if code != "other")


def in_order(group: str, codes: frozenset[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Put codes in the order in which pages show them; unknown ones come last."""
    known = codes_of(group)
    place = {code: index for index, code in enumerate(known)}
    return tuple(sorted(codes, key=lambda code: (place.get(code, len(known)), code)))


def names_of(language: str, group: str, codes: frozenset[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Name several codes, each once, in the order in which pages show them."""
    names = (name_of(language, group, code) for code in in_order(group, codes))
    return tuple(dict.fromkeys(names))


def say_date(language: str, day: date) -> str:
    """Write a civil date in words, `1 maart 2026`."""
    month = translate(language, f"month.{day.month}")
    number = translate(language, "format.first_of_month") if day.day == 1 else day.day
    return translate(language, "format.date", day=number, month=month, year=day.year)


def say_day(language: str, day: date) -> str:
    """Write a civil date with its weekday, `zondag 1 maart 2026`."""
    weekday = translate(language, f"weekday.{day.isoweekday()}")
    return translate(language, "format.weekday", weekday=weekday, date=say_date(language, day))


def say_time(language: str, local: datetime) -> str:
    """Write the wall-clock time of an instant that is already in local time, `14.05 uur`."""
    return translate(language, "format.time", hour=local.hour, minute=f"{local.minute:02}")
