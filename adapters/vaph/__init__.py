"""VAPH dossiers through MAGDA: GeefVolledigDossierHandicap 03.00."""

from adapters.contract import Adapter, Format
from adapters.vaph.mapping import to_fhir
from adapters.vaph.payload import Reply, read

ADAPTER: Adapter[Reply] = Adapter(
    source="vaph",
    formats=(
        Format(
            name="GeefVolledigDossierHandicap answer",
            version="03.00",
            specification="MAGDA GeefVolledigDossierHandicapResponse.xsd 03.00",
        ),
    ),
    media_types=frozenset({"application/xml", "text/xml"}),
    read=read,
    to_fhir=to_fhir,
)
