"""The monthly feed: which child attends which location."""

from adapters.childcare.feed.mapping import MIXED, scope_of, to_fhir
from adapters.childcare.feed.payload import FEED, Feed, is_feed, read
from adapters.contract import ROWS, Cut, Format, Kind, Layout
from adapters.reading.csv_table import Table

LAYOUT: Layout[Table, Feed] = Layout(
    format=Format(name="opvangprestaties", version=FEED.version, specification=FEED.source),
    kind=Kind.CSV,
    media_types=frozenset({"text/csv"}),
    recognises=is_feed,
    read=read,
    to_fhir=to_fhir,
    # The rows of a child are one part. A birth date may be spelled in two ways, names may not.
    cut=Cut(
        records={ROWS: ((FEED.column("family"),), (FEED.column("given"),))},
        scope_of=scope_of,
        mixed=MIXED,
    ),
)
