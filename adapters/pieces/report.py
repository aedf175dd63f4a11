"""The report of a large file as lines of JSON: one for each piece, and one that concludes."""

from collections import Counter
from collections.abc import Iterator

from adapters.contract import Resource, Translation, Unreadable
from adapters.pieces.stream import Pieces
from adapters.translate import content, refused


def report_lines(source: str, digest: str, pieces: Pieces | Unreadable) -> Iterator[Resource]:
    """What a report says of each piece, with its number; the last line alone has `conclusion`.

    A report without that line is not whole, and nothing in it counts. It counts what stands in all
    lines: `fields` by fate, `rejected` the rejections. A file that cannot be read has no other.
    """
    told: Counter[str] = Counter()
    number = 0
    for number, piece in enumerate(() if isinstance(pieces, Unreadable) else pieces, start=1):
        told.update(_counted(piece))
        yield {"piece": number, **content(piece)}
    last = refused(pieces) if isinstance(pieces, Unreadable) else pieces.conclusion
    told.update(_counted(last))
    rejected = told.pop("rejections", 0)
    yield {
        "conclusion": {"source": source, "sha256": digest, "pieces": number},
        "snapshot": last.snapshot,
        "scope": last.scope,
        "fields": dict(sorted(told.items())),
        "rejected": rejected,
        **content(last),
    }


def _counted(found: Translation) -> Counter[str]:
    told = Counter(line.fate.value for line in found.account)
    told["rejections"] = len(found.rejections)
    return told
