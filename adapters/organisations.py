"""The organisations a source names: each becomes one resource, however often it is repeated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.contract import Resource, Segment
from adapters.enterprise_numbers import parse_establishment, parse_kbo
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.resources import Target, coded, identifier, segment, target
from adapters.systems import CBE, ESTABLISHMENT, ORGANISATION_TYPE

OTHER_SPELLING = "the organisation is already named in this source, in another spelling"

_CHECKED: dict[str, tuple[Callable[[str], str | None], str, str]] = {
    CBE: (
        parse_kbo,
        "kbo-invalid",
        "the enterprise number fails its check digits; correct it at the source",
    ),
    ESTABLISHMENT: (
        parse_establishment,
        "establishment-invalid",
        "the establishment number fails its check digits; correct it at the source",
    ),
}


class Mention(NamedTuple):
    """One place where a source names an organisation; the first number is its business key."""

    kind: str
    kind_display: str
    name: Field | None
    numbers: tuple[tuple[str, Field | None], ...]


@dataclass(slots=True, kw_only=True)
class Organisations:
    """Collects the mentions of one part and gives their segments."""

    source: str
    ledger: Ledger
    part: str
    _known: dict[str, tuple[Target, dict[str, str]]] = field(default_factory=dict, init=False)
    _kinds: dict[str, Resource] = field(default_factory=dict, init=False)

    def note(self, mention: Mention | None) -> Target | None:
        """The organisation that is meant, or None when nothing tells which one."""
        if mention is None:
            return None
        values = self._values(mention)
        if not values:
            return None
        key = f"organization/{mention.kind}/{next(iter(values.values()))[1]}"
        if key not in self._known:
            self._known[key] = target(self.source, "Organization", key), {}
        made, told = self._known[key]
        self._kinds[key] = coded(ORGANISATION_TYPE, mention.kind, mention.kind_display)
        for element, (place, value) in values.items():
            self._tell(made, told, element, place, value)
        return made

    def segments(self) -> tuple[Segment, ...]:
        """One segment for each organisation named."""
        return tuple(
            segment(made, "logistics", self._body(key, told))
            for key, (made, told) in self._known.items()
        )

    def name_of(self, made: Target | None) -> str | None:
        """The name to show beside a reference to it."""
        return self._known[made.key][1].get("name") if made else None

    def _values(self, mention: Mention) -> dict[str, tuple[Field, str]]:
        values = {}
        for system, place in mention.numbers:
            if place and place.text and (value := self._number(system, place)):
                values[system] = (place, value)
        if mention.name and mention.name.text:
            values["name"] = (mention.name, mention.name.text)
        return values

    def _number(self, system: str, place: Field) -> str | None:
        if system not in _CHECKED:
            return place.text
        parse, code, message = _CHECKED[system]
        value = parse(place.text)
        if value is None:
            self.ledger.reject(place, code, message, part=self.part)
        return value

    def _tell(
        self, made: Target, told: dict[str, str], element: str, place: Field, value: str
    ) -> None:
        if told.setdefault(element, value) == value:
            self.ledger.mapped(made["name" if element == "name" else "identifier"], place)
        else:
            self.ledger.minimised(OTHER_SPELLING, place)

    def _body(self, key: str, told: dict[str, str]) -> Resource:
        numbers = [
            number
            for system, value in told.items()
            if system != "name"
            for number in identifier(system, value)
        ]
        return {"identifier": numbers, "type": [self._kinds[key]], "name": told.get("name")}
