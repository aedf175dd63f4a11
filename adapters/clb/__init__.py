"""CLB files: the layouts of a LARS-like export."""

from adapters.clb.mapping import to_fhir
from adapters.clb.payload import Export, is_trajectory, read
from adapters.contract import Adapter, Format, Kind, Layout
from adapters.reading.node import Node

TRAJECTORY: Layout[Node, Export] = Layout(
    format=Format(
        name="larsExport HGD_TRAJECT",
        version="2.4",
        specification="LARS-like export, plausible invention (schemas/sources/clb)",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_trajectory,
    read=read,
    to_fhir=to_fhir,
)

ADAPTER = Adapter(source="clb", layouts=(TRAJECTORY,))
