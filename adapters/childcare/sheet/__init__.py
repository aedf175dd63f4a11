"""The information sheet a location keeps on a child."""

from adapters.childcare.sheet.mapping import to_fhir
from adapters.childcare.sheet.payload import SHEET, Sheet, is_sheet, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node

LAYOUT: Layout[Node, Sheet] = Layout(
    format=Format(name="inlichtingenfiche", version=SHEET.version, specification=SHEET.source),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_sheet,
    read=read,
    to_fhir=to_fhir,
)
