"""Messages that a dossier is struck."""

from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node
from adapters.vaph.strike_off.mapping import to_fhir
from adapters.vaph.strike_off.payload import StrikeOff, is_strike_off, read

STRIKE_OFF: Layout[Node, StrikeOff] = Layout(
    format=Format(
        name="VAPH strike-off message",
        version="0.1",
        specification="plausible invention (schemas/mappings/vaph/strike_off.json)",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_strike_off,
    read=read,
    to_fhir=to_fhir,
)
