"""Registrations of directly accessible help, as providers send them (GIR)."""

from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node
from adapters.vaph.gir.mapping import to_fhir
from adapters.vaph.gir.payload import Delivery, is_gir, read

GIR: Layout[Node, Delivery] = Layout(
    format=Format(
        name="GIR delivery",
        version="1",
        specification="plausible invention (schemas/mappings/vaph/gir.json)",
    ),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_gir,
    read=read,
    to_fhir=to_fhir,
)
