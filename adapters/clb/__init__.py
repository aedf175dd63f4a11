"""CLB files: the HGD trajectory of a LARS-like export."""

from adapters.clb.mapping import to_fhir
from adapters.clb.payload import Export, read
from adapters.contract import Adapter, Format

ADAPTER: Adapter[Export] = Adapter(
    source="clb",
    formats=(
        Format(
            name="larsExport HGD_TRAJECT",
            version="2.4",
            specification="LARS-like export, plausible invention (schemas/sources/clb)",
        ),
    ),
    media_types=frozenset({"application/xml", "text/xml"}),
    read=read,
    to_fhir=to_fhir,
)
