"""What the agency tells later: numbers given or replaced, reports corrected or withdrawn."""

from adapters.childcare.identity_updates.mapping import to_fhir
from adapters.childcare.identity_updates.payload import UPDATES, Updates, is_updates, read
from adapters.contract import Cut, Format, Kind, Layout
from adapters.reading.node import Node

LAYOUT: Layout[Node, Updates] = Layout(
    format=Format(
        name="kindrapport_meldingen",
        version=UPDATES.version,
        specification=UPDATES.source,
    ),
    kind=Kind.JSON,
    media_types=frozenset({"application/json"}),
    recognises=is_updates,
    read=read,
    to_fhir=to_fhir,
    cut=Cut(records={UPDATES.column("messages"): ()}),
)
