"""A report of a CLB: GC, IAC or OV4, and those of before the learning-support reform."""

from adapters.clb.message import is_message
from adapters.clb.report.mapping import to_fhir
from adapters.clb.report.payload import Export, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node

REPORT: Layout[Node, Export] = Layout(
    format=Format(
        name="larsExport VERSLAG",
        version="2.4",
        specification="schemas/mappings/clb/report.json: LARS-like, plausible invention",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_message("report"),
    read=read,
    to_fhir=to_fhir,
)
