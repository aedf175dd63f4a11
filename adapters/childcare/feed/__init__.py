"""The monthly feed: which child attends which location."""

from adapters.childcare.feed.mapping import to_fhir
from adapters.childcare.feed.payload import FEED, Feed, is_feed, read
from adapters.contract import Format, Kind, Layout
from adapters.reading.csv_table import Table

LAYOUT: Layout[Table, Feed] = Layout(
    format=Format(name="opvangprestaties", version=FEED.version, specification=FEED.source),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv"}),
    recognises=is_feed,
    read=read,
    to_fhir=to_fhir,
)
