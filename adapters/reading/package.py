"""The zip that an XLSX is: measured before anything in it is unpacked, and never trusted."""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.contract import Unreadable
from adapters.reading.text import truncated
from adapters.reading.xml_document import hear_xml, local_name

SIGNATURE: Final = b"PK\x03\x04"
MIB: Final = 1024 * 1024
MAX_ENTRIES: Final = 400
MAX_DIRECTORY: Final = 64 * 1024
MAX_ENTRY: Final = 8 * MIB
MAX_TOTAL: Final = 24 * MIB
MAX_RATIO: Final = 200
"""Unpacked bytes for each packed one; a sheet full of one repeated word stays under a hundred."""

_SMALL: Final = MIB
_END: Final = b"PK\x05\x06"
_END_64: Final = b"PK\x06\x07"
_END_SIZE: Final = 22
_TAIL: Final = 65_535 + _END_SIZE + 20
_ENCRYPTED: Final = 0x1
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
)
_REFUSED: Final = {
    "macro": "vbaproject.bin",
    "link to another file": "xl/externallinks/",
    "connection to a database": "xl/connections.xml",
    "embedded file": "xl/embeddings/",
    "control that can run": "xl/activex/",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Where one part of a package points: the last step of the kind, and the part it means."""

    id: str
    kind: str
    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is in a measured zip; only the parts that are XML are unpacked."""

    names: tuple[str, ...]
    parts: Mapping[str, bytes]

    def relations(self, of: str) -> tuple[Relation, ...] | Unreadable:
        """Where a part points (the package itself is ""); what lies outside is left out."""
        folder, name = posixpath.split(of)
        raw = self.parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        listener = _Relations(folder)
        refused = hear_xml(raw, listener) if raw is not None else None
        return refused or tuple(listener.found)


def open_package(raw: bytes) -> Package | Unreadable:
    """A zip within its limits, or why it is refused before it is unpacked."""
    if refused := _wrong_end(raw):
        return refused
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        return next(_problems(archive), None) or _unpacked(archive)
    except _DAMAGE:
        return _unreadable("malformed", "the file is damaged; export it again")


def _unpacked(archive: zipfile.ZipFile) -> Package:
    names = tuple(one.filename for one in archive.infolist() if not one.is_dir())
    wanted = [name for name in names if name.endswith((".xml", ".rels"))]
    # The zip reader stops at the size that was measured, and checks the check sum.
    return Package(names=names, parts={name: archive.read(name) for name in wanted})


def too_large(what: str) -> Unreadable:
    """The answer to a workbook beyond a limit."""
    return _unreadable(
        "too-large", f"the workbook has {what}; send a smaller one, without styles or pictures"
    )


def _wrong_end(raw: bytes) -> Unreadable | None:
    """Measure the table of contents where the zip says it is, before anybody reads it."""
    tail = raw[-_TAIL:]
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        return truncated(f"byte {len(raw)}")
    entries, size = struct.unpack_from("<HL", tail, place + 10)
    if entries > MAX_ENTRIES or size > MAX_DIRECTORY:
        return too_large(f"more than {MAX_ENTRIES} parts")
    # A second table of contents, for files of gigabytes, would be believed instead of this one.
    if _END_64 in tail:
        return _unreadable(
            "zip64", "the zip is in the form for huge files; save it in the usual one"
        )
    return None


def _problems(archive: zipfile.ZipFile) -> Iterator[Unreadable]:
    entries = archive.infolist()
    if len({one.filename for one in entries}) < len(entries):
        yield _unreadable("malformed", "a part stands twice in the file; export it again")
    if any(one.flag_bits & _ENCRYPTED for one in entries):
        yield _unreadable("encrypted", "the workbook has a password; send it without one")
    if any(one.file_size > MAX_ENTRY for one in entries):
        yield too_large(f"a part of more than {MAX_ENTRY // MIB} MiB")
    if sum(one.file_size for one in entries) > MAX_TOTAL:
        yield too_large(f"more than {MAX_TOTAL // MIB} MiB of content")
    if any(_swells(one) for one in entries):
        yield too_large(f"a part that unpacks to more than {MAX_RATIO} times its size")
    names = [one.filename.lower() for one in entries]
    for what, sign in _REFUSED.items():
        if any(sign in name for name in names):
            yield _unreadable("active-content", f"the workbook holds a {what}; send it without")


def _swells(one: zipfile.ZipInfo) -> bool:
    return one.file_size > _SMALL and one.file_size > MAX_RATIO * one.compress_size


def _unreadable(code: str, message: str) -> Unreadable:
    return Unreadable(code=code, where="the whole file", message=message, status=400)


class _Relations:
    """Hears the relations of one part."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.found: list[Relation] = []

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Keep a relation inside the package; one that leads out of it is never followed."""
        if local_name(tag) != "Relationship" or attrib.get("TargetMode") == "External":
            return
        part = posixpath.normpath(posixpath.join("/", self._folder, attrib.get("Target", "")))
        kind = attrib.get("Type", "").rsplit("/", 1)[-1]
        self.found.append(Relation(id=attrib.get("Id", ""), kind=kind, part=part.lstrip("/")))

    def end(self, tag: str, /) -> None:
        """Nothing to keep."""

    def data(self, data: str, /) -> None:
        """Nothing to keep."""

    def close(self) -> None:
        """Nothing to give back."""
