"""Childcare: the information sheet a location keeps on a child."""

from adapters.childcare.mapping import to_fhir
from adapters.childcare.payload import Sheet, is_sheet, read
from adapters.contract import Adapter, Format, Kind, Layout
from adapters.reading.node import Node

SHEET: Layout[Node, Sheet] = Layout(
    format=Format(
        name="inlichtingenfiche",
        version="1",
        specification="information sheet, plausible invention (schemas/sources/childcare)",
    ),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_sheet,
    read=read,
    to_fhir=to_fhir,
)

ADAPTER = Adapter(source="childcare", layouts=(SHEET,))
