"""Groeipakket: decisions of a payer about the care allowance, in and out."""

from adapters.contract import Adapter, Cut, Format, Kind, Layout
from adapters.groeipakket.mapping import to_fhir
from adapters.groeipakket.outward import write
from adapters.groeipakket.payload import PLACES, Message, is_message, read
from adapters.reading.node import Node

CARE_ALLOWANCE: Layout[Node, Message] = Layout(
    format=Format(
        name="beslissing zorgtoeslag",
        version="1",
        specification="plausible invention (schemas/sources/groeipakket)",
    ),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_message,
    read=read,
    to_fhir=to_fhir,
    write=write,
    cut=Cut(records={PLACES.column("decisions"): (PLACES.places["number"],)}),
)

ADAPTER = Adapter(source="groeipakket", layouts=(CARE_ALLOWANCE,))
