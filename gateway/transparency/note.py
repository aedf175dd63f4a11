"""Signed notes and their keys (C2SP signed-note), and timestamped cosignatures (tlog-cosignature).

A key is one line of text: `NAME+ID+KEY` to verify with, `PRIVATE+KEY+NAME+ID+KEY` to sign with.
The type of a key is in it: a log signs its checkpoints (Ed25519), a witness cosigns them.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES: Final = 32
ID_BYTES: Final = 4
TIME_BYTES: Final = 8
MOST_SIGNATURES: Final = 100
# Unicode spaces and plus signs would make a name end too early.
_NAME: Final = re.compile(r"[^\s+]+")
_KEY: Final = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")
_LINE: Final = re.compile("\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)")
_PRIVATE: Final = "PRIVATE+KEY+"


class KeyKind(IntEnum):
    """The signature types of C2SP signed-note that this hub knows."""

    LOG = 1
    WITNESS = 4


class MalformedError(ValueError):
    """A key, note or checkpoint is not written as its specification says."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note, without its end."""
        return f"\u2014 {self.name} {base64.b64encode(self.key_id + self.value).decode()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read a note; raise `MalformedError`."""
        text, blank, lines = written.rpartition("\n\n")
        if not blank or not text or not lines.endswith("\n"):
            raise MalformedError("a note is a text, an empty line and signature lines")
        if any(ord(one) < ord(" ") and one != "\n" for one in written):
            raise MalformedError("a note holds no control characters")
        signatures = tuple(parse_signature(one) for one in lines[:-1].split("\n"))
        if len(signatures) > MOST_SIGNATURES:
            raise MalformedError("a note holds too many signatures")
        return cls(text + "\n", signatures)

    def __str__(self) -> str:
        return "".join([self.text, "\n", *(f"{one.line}\n" for one in self.signatures)])


def parse_signature(line: str) -> Signature:
    """Read one signature line; raise `MalformedError`."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise MalformedError("a signature line is a dash, a name and base64")
    raw = _base64(found[2])
    if len(raw) <= ID_BYTES:
        raise MalformedError("a signature is longer than its key's id")
    return Signature(found[1], raw[:ID_BYTES], raw[ID_BYTES:])


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """What a signature of a log or a witness is verified with; safe to publish."""

    name: str
    kind: KeyKind
    public: bytes

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read a key as text; raise `MalformedError`."""
        key = cls(*_parse_key(written.strip()))
        if key.key_id.hex() != written.strip().split("+")[1]:
            raise MalformedError("the id of this key does not belong to it: a letter is wrong")
        return key

    @property
    def key_id(self) -> bytes:
        """The four bytes that find the key for a signature line."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_key_data(self.kind, self.public)}"

    def signed(self, note: Note) -> bool:
        """Say whether this key signed the note: one good signature, and no bad one of its own."""
        mine = [
            one for one in note.signatures if (one.name, one.key_id) == (self.name, self.key_id)
        ]
        return bool(mine) and all(self.made(one, note.text) for one in mine)

    def made(self, signature: Signature, text: str) -> bool:
        """Say whether this key made a signature under a text."""
        value, message = signature.value, text.encode()
        if self.kind is KeyKind.WITNESS:
            moment, value = value[:TIME_BYTES], value[TIME_BYTES:]
            message = _cosigned(text, int.from_bytes(moment, "big"))
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, message)
        except InvalidSignature:
            return False
        return (signature.name, signature.key_id) == (self.name, self.key_id)


@dataclass(frozen=True, slots=True, repr=False)
class SignerKey:
    """What a log signs with, or a witness; a secret."""

    name: str
    kind: KeyKind
    seed: bytes

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read a key as text; raise `MalformedError`, which never quotes it."""
        written = written.strip()
        if not written.startswith(_PRIVATE):
            raise MalformedError("a signing key begins with PRIVATE+KEY+")
        key = cls(*_parse_key(written.removeprefix(_PRIVATE)))
        if key.verifier.key_id.hex() != written.split("+")[3]:
            raise MalformedError("the id of this key does not belong to it: a letter is wrong")
        return key

    @classmethod
    def generate(cls, name: str, kind: KeyKind = KeyKind.LOG) -> Self:
        """Make a new key under a name, which holds no space and no plus sign."""
        if not _NAME.fullmatch(name):
            raise MalformedError("the name of a key holds no space and no plus sign")
        return cls(name, kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, self.kind, public)

    def sign(self, text: str, *, moment: int | None = None) -> Signature:
        """Sign a text; a witness also says when, in seconds since 1970."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        if self.kind is KeyKind.WITNESS:
            assert moment is not None
            value = moment.to_bytes(TIME_BYTES, "big") + key.sign(_cosigned(text, moment))
        else:
            value = key.sign(text.encode())
        return Signature(self.name, self.verifier.key_id, value)

    def secret(self) -> str:
        """Return the key as text, to be kept where nobody else reads it."""
        kept = _key_data(self.kind, self.seed)
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{kept}"


def cosigned_at(signature: Signature) -> int:
    """Return when a witness says it cosigned, in seconds since 1970."""
    return int.from_bytes(signature.value[:TIME_BYTES], "big")


def _cosigned(text: str, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def _key_data(kind: KeyKind, key: bytes) -> str:
    return base64.b64encode(bytes([kind]) + key).decode()


def _parse_key(written: str) -> tuple[str, KeyKind, bytes]:
    found = _KEY.fullmatch(written)
    raw = _base64(found[3]) if found else b""
    if found is None or len(raw) != 1 + KEY_BYTES or raw[0] not in set(KeyKind):
        raise MalformedError("a key is a name, eight hex digits and an Ed25519 key in base64")
    return found[1], KeyKind(raw[0]), raw[1:]


def _base64(written: str) -> bytes:
    try:
        return base64.b64decode(written, validate=True)
    except binascii.Error as error:
        raise MalformedError("this is not base64") from error
