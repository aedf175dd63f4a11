"""Families: one row for each parent, with the children in it."""

from adapters.caw.families.mapping import to_fhir
from adapters.caw.families.payload import PLACES, Families, is_families, read
from adapters.contract import ROWS, Cut, Format, Kind, Layout
from adapters.reading.csv_table import Table

FAMILIES: Layout[Table, Families] = Layout(
    format=Format(
        name="CAW families",
        version="2024",
        specification="plausible invention (schemas/mappings/caw/families.json)",
    ),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv", "application/csv"}),
    recognises=is_families,
    read=read,
    to_fhir=to_fhir,
    cut=Cut(records={ROWS: ((PLACES.column("number"),),)}),
)
