"""The intake export: one row for each person."""

from adapters.caw.intake.mapping import to_fhir
from adapters.caw.intake.payload import PLACES, Intake, is_intake, read
from adapters.contract import ROWS, Cut, Format, Kind, Layout
from adapters.reading.csv_table import Table

INTAKE: Layout[Table, Intake] = Layout(
    format=Format(
        name="CAW intake export",
        version="2024",
        specification="CSV export, plausible invention (schemas/mappings/caw/intake.json)",
    ),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv", "application/csv"}),
    recognises=is_intake,
    read=read,
    to_fhir=to_fhir,
    cut=Cut(records={ROWS: ((PLACES.column("number"),),)}),
)
