"""Childcare: the information sheet a location keeps on a child."""

from adapters.childcare.mapping import to_fhir
from adapters.childcare.payload import Sheet, read
from adapters.contract import Adapter, Format

ADAPTER: Adapter[Sheet] = Adapter(
    source="childcare",
    formats=(
        Format(
            name="inlichtingenfiche",
            version="1",
            specification="information sheet, plausible invention (schemas/sources/childcare)",
        ),
    ),
    media_types=frozenset({"application/json"}),
    read=read,
    to_fhir=to_fhir,
)
