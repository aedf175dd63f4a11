"""Registrations of directly accessible help, as providers send them (GIR)."""

from adapters.contract import Cut, Format, Kind, Layout
from adapters.reading.node import Node
from adapters.vaph.gir.mapping import to_fhir
from adapters.vaph.gir.payload import PLACES, Delivery, is_gir, read

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
    # A day names no person: it stays with its agreement, and all that is said of it too.
    cut=Cut(
        records={
            PLACES.column("agreements"): (PLACES.places["agreement.id"],),
            PLACES.column("registrations"): (PLACES.places["registration.agreement"],),
        },
        known_by={PLACES.column("registrations"): PLACES.places["registration.id"]},
    ),
)
