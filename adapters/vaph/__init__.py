"""VAPH: dossiers through MAGDA (GeefVolledigDossierHandicap 03.00)."""

from adapters.contract import Adapter, Format, Kind, Layout
from adapters.reading.node import Node
from adapters.vaph.mapping import to_fhir
from adapters.vaph.payload import Reply, is_dossier, read

DOSSIER: Layout[Node, Reply] = Layout(
    format=Format(
        name="GeefVolledigDossierHandicap answer",
        version="03.00",
        specification="MAGDA GeefVolledigDossierHandicapResponse.xsd 03.00",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_dossier,
    read=read,
    to_fhir=to_fhir,
)

ADAPTER = Adapter(source="vaph", layouts=(DOSSIER,))
