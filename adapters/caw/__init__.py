"""CAW clients: the intake export, one row for each person."""

from adapters.caw.mapping import to_fhir
from adapters.caw.payload import Intake, is_intake, read
from adapters.contract import Adapter, Format, Kind, Layout
from adapters.reading.csv_table import Table

INTAKE: Layout[Table, Intake] = Layout(
    format=Format(
        name="CAW intake export",
        version="2024",
        specification="CSV export, plausible invention (schemas/sources/caw)",
    ),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv", "application/csv"}),
    recognises=is_intake,
    read=read,
    to_fhir=to_fhir,
)

# Exports are written in the code page of Windows, which loses letters such as Turkish ones.
ADAPTER = Adapter(source="caw", layouts=(INTAKE,), code_page="windows-1252")
