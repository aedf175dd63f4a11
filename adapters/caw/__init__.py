"""CAW clients: the intake export, one row for each person."""

from adapters.caw.mapping import to_fhir
from adapters.caw.payload import Intake, read
from adapters.contract import Adapter, Format

ADAPTER: Adapter[Intake] = Adapter(
    source="caw",
    formats=(
        Format(
            name="CAW intake export",
            version="2024",
            specification="CSV export, plausible invention (schemas/sources/caw)",
        ),
    ),
    media_types=frozenset({"text/csv", "application/csv"}),
    read=read,
    to_fhir=to_fhir,
)
