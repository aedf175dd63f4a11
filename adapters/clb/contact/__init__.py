"""The systematic contacts of a school doctor with several pupils."""

from adapters.clb.contact.mapping import to_fhir
from adapters.clb.contact.payload import CONTACT as PLACES
from adapters.clb.contact.payload import Export, is_contact, read
from adapters.contract import Cut, Format, Kind, Layout
from adapters.reading.node import Node

CONTACT: Layout[Node, Export] = Layout(
    format=Format(
        name="LARS SYSTEMATISCH_CONTACT",
        version="2024-2025",
        specification="schemas/mappings/clb/contact.json: LARS-like, plausible invention",
    ),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_contact,
    read=read,
    to_fhir=to_fhir,
    cut=Cut(records={PLACES.column("records"): (PLACES.places["id"],)}),
)
