"""The observation sheet of a group: how its children feel and take part."""

from adapters.childcare.observations.mapping import to_fhir
from adapters.childcare.observations.payload import OBSERVATIONS, Group, is_group, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.workbook import Workbook

LAYOUT: Layout[Workbook, Group] = Layout(
    format=Format(
        name="observaties_groep",
        version=OBSERVATIONS.version,
        specification=OBSERVATIONS.source,
    ),
    kind=Kind.XLSX,
    media_types=frozenset({"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
    recognises=is_group,
    read=read,
    to_fhir=to_fhir,
)
