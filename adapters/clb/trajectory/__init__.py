"""A trajectory of needs-based diagnostics (HGD)."""

from adapters.clb.message import is_message
from adapters.clb.trajectory.mapping import to_fhir
from adapters.clb.trajectory.payload import Export, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node

TRAJECTORY: Layout[Node, Export] = Layout(
    format=Format(
        name="larsExport HGD_TRAJECT",
        version="2.4",
        specification="schemas/mappings/clb/trajectory.json: LARS-like, plausible invention",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_message("trajectory"),
    read=read,
    to_fhir=to_fhir,
)
