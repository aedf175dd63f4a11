"""The report of a preventive team on a young child: growth and hearing."""

from adapters.childcare.child_report.mapping import to_fhir
from adapters.childcare.child_report.payload import REPORT, Report, is_report, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node

LAYOUT: Layout[Node, Report] = Layout(
    format=Format(name="kindrapport", version=REPORT.version, specification=REPORT.source),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_report,
    read=read,
    to_fhir=to_fhir,
)
