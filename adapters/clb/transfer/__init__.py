"""The transfer of a pupil's file to another CLB."""

from adapters.clb.message import is_message
from adapters.clb.transfer.mapping import to_fhir
from adapters.clb.transfer.payload import Export, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node

TRANSFER: Layout[Node, Export] = Layout(
    format=Format(
        name="larsExport OVERDRACHT",
        version="2.4",
        specification="schemas/mappings/clb/transfer.json: LARS-like, plausible invention",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_message("transfer"),
    read=read,
    to_fhir=to_fhir,
)
