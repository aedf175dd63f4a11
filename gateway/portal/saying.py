"""Reasons and ways to change an answer, as sentences; a youngster is spoken to in its own words."""

from collections.abc import Iterable

from gateway.exchange.families.changing import Ways
from gateway.exchange.family_views.read_notices import NoticeView
from gateway.exchange.family_views.who_can_see import Sees
from gateway.i18n import messages, name_of, say_date, translate

_GOES = frozenset({Sees.YES, Sees.EXTRACT})


def name_for(language: str, group: str, code: str, *, young: bool) -> str:
    """Return the name of a code, in the words for a youngster where there are such words."""
    if young and f"{group}_young.{code}" in messages(language):
        return name_of(language, f"{group}_young", code)
    return name_of(language, group, code)


def say_reasons(language: str, sees: Sees, rules: Iterable[str], *, young: bool) -> str:
    """Return why, in plain words; nothing to share has one reason only."""
    if sees is Sees.NOTHING:
        return translate(language, "seeing.nothing")
    said = (name_for(language, "reason", one, young=young) for one in rules)
    return " ".join(dict.fromkeys(said))


def say_ways(language: str, sees: Sees, ways: Ways, *, young: bool) -> str:
    """Return what would change the answer as one sentence; empty when nothing is told."""
    if sees is Sees.NOTHING:
        return ""
    if not ways:
        return "" if sees in _GOES else translate(language, "seeing.nobody_changes")
    key = "seeing.stops_if" if sees in _GOES else "seeing.opens_if"
    return translate(language, key, ways=_any_of(language, ways, young=young))


def _any_of(language: str, ways: Ways, *, young: bool) -> str:
    both, either = (translate(language, f"seeing.{word}") for word in ("both", "either"))
    said = (
        f" {both} ".join(name_for(language, "change", one, young=young) for one in way)
        for way in ways
    )
    return f", {either} ".join(dict.fromkeys(said))


def say_notice(language: str, notice: NoticeView) -> str:
    """Return what a notice says, in the words for who reads it."""
    group, code = ("notice_law", notice.ground) if notice.ground else ("notice", notice.kind)
    text = name_for(language, group, code, young=notice.about_me)
    a_service = translate(language, "ability.a_service")
    return text.format(
        child=notice.given_name,
        partner=notice.partner_name or a_service,
        recipient=notice.recipient_name or a_service,
        successor=notice.successor_name,
        date=say_date(language, notice.until or notice.day),
    )
