"""Corrections: one row for each field that changes, or client that is deleted."""

from adapters.caw.corrections.mapping import to_fhir
from adapters.caw.corrections.payload import Corrections, is_corrections, read
from adapters.contract import ROWS, Cut, Format, Kind, Layout
from adapters.reading.csv_table import Table

CORRECTIONS: Layout[Table, Corrections] = Layout(
    format=Format(
        name="CAW corrections",
        version="2024",
        specification="plausible invention (schemas/mappings/caw/corrections.json)",
    ),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv", "application/csv"}),
    recognises=is_corrections,
    read=read,
    to_fhir=to_fhir,
    cut=Cut(records={ROWS: ()}),
)
