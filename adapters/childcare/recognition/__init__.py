"""The recognition for the care allowance: points for needs, and a period."""

from adapters.childcare.recognition.mapping import to_fhir
from adapters.childcare.recognition.payload import Answer, is_answer, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.node import Node

LAYOUT: Layout[Node, Answer] = Layout(
    format=Format(
        name="zorgtoeslag_erkenning",
        version="HandiV2 2022-06-01",
        specification="KSZ HandiV2 and KindEnGezinHandiCommonV1 (public XSD)",
    ),
    kind=Kind.XML,
    media_types=frozenset({"application/xml", "text/xml"}),
    recognises=is_answer,
    read=read,
    to_fhir=to_fhir,
)
