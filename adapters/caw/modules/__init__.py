"""The module export: one row for each kind of help a client gets."""

from adapters.caw.modules.mapping import to_fhir
from adapters.caw.modules.payload import PLACES, Modules, is_modules, read
from adapters.contract import ROWS, Cut, Format, Kind, Layout
from adapters.reading.csv_table import Table

MODULES: Layout[Table, Modules] = Layout(
    format=Format(
        name="CAW module export",
        version="2024",
        specification="plausible invention (schemas/mappings/caw/modules.json)",
    ),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv", "application/csv"}),
    recognises=is_modules,
    read=read,
    to_fhir=to_fhir,
    cut=Cut(records={ROWS: ((PLACES.column("number"),),)}),
)
