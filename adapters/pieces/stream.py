"""One large file as translations of its pieces, and what only the whole of it tells."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import BinaryIO, Final, Protocol

from adapters.contract import (
    AccountLine,
    Adapter,
    Kind,
    Part,
    ReadOptions,
    Rejection,
    Translation,
    Unreadable,
)
from adapters.ledger import together
from adapters.pieces.file import TOO_LARGE, CutFile, not_cut
from adapters.pieces.index import Entry, Index
from adapters.pieces.json_array import cut_document
from adapters.pieces.table import cut_table
from adapters.reading.document import kind_of
from adapters.registry import ADAPTERS
from adapters.translate import translate, unknown_source

PIECE_BYTES: Final = 1 << 19
WHOLE_BYTES: Final = 20_000_000
"""What is read at once where it cannot be cut: as much as the hub takes over HTTP."""
MOST_BYTES: Final = 1 << 30
MOST_IN_PIECE: Final = 1 << 23
"""What records that stay together may be of one file."""
_PLACES_SHOWN: Final = 100
_NOTHING: Final = Translation(parts=(), rejections=(), account=())

_CUTTERS: Final[
    dict[Kind, Callable[[BinaryIO, Adapter, Index, ReadOptions], CutFile | Unreadable]]
] = {Kind.CSV: cut_table, Kind.JSON: cut_document}


class Pieces(Protocol):
    """The translations of a file's pieces, in turn; `conclusion` is whole when all were taken.

    A piece is complete for nothing: what a file is a snapshot of or complete for, its fields that
    belong to no record and what is refused about it as a whole are in the conclusion, in which
    such a field names at most 100 of the places it went to. So each part names the scope that it
    is `within`; it is complete for it only if the conclusion names that scope too. Part ids and
    places count over the whole file.
    """

    def __iter__(self) -> Iterator[Translation]:
        """Each piece once."""
        ...

    @property
    def conclusion(self) -> Translation:
        """What the pieces tell together: a translation without parts."""
        ...


class WholePiece:
    """A file that is not cut, as its one piece."""

    def __init__(self, whole: Translation) -> None:
        self._whole = whole

    def __iter__(self) -> Iterator[Translation]:
        yield _complete_for_nothing(self._whole)

    @property
    def conclusion(self) -> Translation:
        """What it is complete for."""
        found = self._whole
        return replace(_NOTHING, snapshot=found.snapshot, scope=found.scope)


class CutPieces:
    """A file that is cut; each piece is read when it is asked for."""

    def __init__(self, cut: CutFile, options: ReadOptions) -> None:
        self._cut, self._options = cut, options
        self._rejections: dict[Rejection, None] = {}
        self._account: dict[str, AccountLine] = {}
        self._scopes: set[str] = set()
        self._snapshot, self._is_complete = False, True

    def __iter__(self) -> Iterator[Translation]:
        index, empty = self._cut.index, [list[Entry]()]
        for entries in index.pieces() if any(index.sizes) else empty:
            yield self._without_envelope(self._translated(entries))

    @property
    def conclusion(self) -> Translation:
        """What the pieces tell together."""
        rule = self._cut.layout.cut
        if rule and rule.mixed and len(self._scopes) > 1:
            self._rejections[rule.mixed] = None
        one = self._is_complete and len(self._scopes) == 1
        return replace(
            _NOTHING,
            rejections=tuple(self._rejections),
            account=tuple(self._account.values()),
            snapshot=self._snapshot,
            scope=next(iter(self._scopes)) if one else None,
        )

    def _translated(self, entries: Collection[Entry]) -> Translation:
        layout = self._cut.layout
        payload = layout.read(self._cut.document(entries), self._options)
        if isinstance(payload, Unreadable):
            raise FileChangedError
        return layout.to_fhir(payload, self._options)

    def _without_envelope(self, found: Translation) -> Translation:
        rule, of_record = self._cut.layout.cut, self._cut.is_of_record
        self._snapshot = found.snapshot
        if rule and rule.scope_of:
            self._note_scope(found, rule.scope_of)
        for line in found.account:
            if not of_record(line.path):
                self._note_line(line)
        about_file = {one for one in found.rejections if not (one.part or of_record(one.where))}
        self._rejections.update(dict.fromkeys(about_file))
        return replace(
            _complete_for_nothing(found),
            rejections=tuple(one for one in found.rejections if one not in about_file),
            account=tuple(line for line in found.account if of_record(line.path)),
        )

    def _note_scope(self, found: Translation, scope_of: Callable[[Part], str]) -> None:
        scopes = {scope_of(part) for part in found.parts}
        self._is_complete &= found.scope is not None
        # Two of them already tell that the file is complete for none.
        self._scopes |= set(sorted(scopes)[:2]) if len(self._scopes) < 2 else set()  # noqa: PLR2004

    def _note_line(self, line: AccountLine) -> None:
        known = self._account.get(line.path)
        both = together(known, line) if known else line
        self._account[line.path] = both._replace(to=both.to[:_PLACES_SHOWN])


def _complete_for_nothing(found: Translation) -> Translation:
    # What was read by itself may seem complete for a scope that other pieces speak of as well.
    parts = tuple(replace(part, within=part.within or found.scope) for part in found.parts)
    return replace(found, parts=parts, snapshot=False, scope=None)


class FileChangedError(RuntimeError):
    """The file is not what it was a moment ago; nobody may write to it while it is read."""


def open_pieces(
    source: str,
    file: BinaryIO,
    scratch: BinaryIO,
    options: ReadOptions,
    *,
    piece_bytes: int = PIECE_BYTES,
) -> Pieces | Unreadable:
    """Check a whole file of a source, and make ready to translate it piece by piece.

    Every byte is read before the first piece: what `translate` refuses as a whole is refused here
    as well. `scratch` is an empty file to write to; no word of a record comes in it.
    """
    adapter = ADAPTERS.get(source)
    if adapter is None:
        return unknown_source()
    size = file.seek(0, 2)
    if size > MOST_BYTES:
        return not_cut(source, f"a file of more than {MOST_BYTES} bytes")
    file.seek(0)
    kind = kind_of(file.read(1024), list(dict.fromkeys(one.kind for one in adapter.layouts)))
    index = Index(scratch, max(1, -(-size // piece_bytes)))
    cutter = _CUTTERS.get(kind)
    found = cutter(file, adapter, index, options) if cutter else not_cut(source, kind.value)
    if isinstance(found, CutFile):
        found = _too_much_together(index, piece_bytes) or found
    if isinstance(found, CutFile):
        return CutPieces(found, options)
    if found.code == TOO_LARGE and size <= WHOLE_BYTES:
        file.seek(0)
        whole = translate(source, file.read(), options)
        return whole if isinstance(whole, Unreadable) else WholePiece(whole)
    return found


def _too_much_together(index: Index, piece_bytes: int) -> Unreadable | None:
    if max(index.sizes) <= max(MOST_IN_PIECE, piece_bytes) and not index.parts_an_id():
        return None
    return Unreadable(
        code=TOO_LARGE,
        where="the whole file",
        message=f"records that must be seen together, such as those of one client or with one id, "
        f"have more than {MOST_IN_PIECE} bytes or are under two others; send them in smaller files",
        status=413,
    )
