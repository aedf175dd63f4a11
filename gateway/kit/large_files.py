"""A file of any size to a report in lines: read twice, never in memory as a whole."""

from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from adapters.contract import ReadOptions, dump
from adapters.pieces.encoding import digest_of
from adapters.pieces.report import report_lines
from adapters.pieces.stream import WHOLE_BYTES, open_pieces

__all__ = ["TOO_LARGE", "WHOLE_BYTES", "write_lines"]

TOO_LARGE: Final = f"the file has more than {WHOLE_BYTES} bytes; use ndjson to read it in pieces"


def write_lines(source: str, path: Path, to: BinaryIO, options: ReadOptions) -> int:
    """Write each line as soon as it is known; return how many rejections there are.

    The temporary file has no name and holds positions only.
    """
    rejected = 0
    with path.open("rb") as file, TemporaryFile() as scratch:
        digest = digest_of(file)
        pieces = open_pieces(source, file, scratch, options)
        for line in report_lines(source, digest, pieces):
            to.write(dump(line) + b"\n")
            rejected = line.get("rejected", rejected)
    return rejected
