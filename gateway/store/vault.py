"""Keys of the hub: envelope encryption at rest, look-up hashes, pairwise pseudonyms.

Primitives come from `cryptography`. A child's data key is wrapped by the key-encryption key;
destroying the wrapped key makes every copy of that child's content unreadable.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(Exception):
    """The ciphertext does not open under this key: wrong key, wrong place or altered bytes."""


class KeyUnreadable(Unreadable):
    """A data key does not open under the key-encryption key."""


class AnotherKey(KeyUnreadable):
    """No data key does: the key-encryption key is that of another database or day."""


def new_key() -> bytes:
    """Return a fresh 256-bit key."""
    return os.urandom(KEY_BYTES)


def encrypt(key: bytes, plaintext: bytes, *, place: str) -> bytes:
    """Return nonce and AES-256-GCM ciphertext, bound to the place where it will lie."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place.encode())


def decrypt(key: bytes, ciphertext: bytes, *, place: str) -> bytes:
    """Return the plaintext; raise `Unreadable` if key, place or bytes do not fit."""
    try:
        return AESGCM(key).decrypt(
            ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], place.encode()
        )
    # Too few bytes to hold a nonce are a value that the library refuses to try.
    except (InvalidTag, ValueError):
        raise Unreadable from None


# Auditors share one pseudonym space, apart from that of every partner.
AUDITORS = "~auditors"


@dataclass(frozen=True, slots=True)
class Vault:
    """Holds the key-encryption key and the pseudonym key; never logged, never stored."""

    key_encryption_key: bytes
    pseudonym_key: bytes

    @classmethod
    def from_base64(cls, key_encryption_key: str, pseudonym_key: str) -> Self:
        """Build the vault from the two settings."""
        return cls(base64.b64decode(key_encryption_key), base64.b64decode(pseudonym_key))

    def wrap(self, key: bytes, *, place: str) -> bytes:
        """Return a data key encrypted under the key-encryption key."""
        return encrypt(self.key_encryption_key, key, place=place)

    def unwrap(self, wrapped: bytes, *, place: str) -> bytes:
        """Return the data key; raise `KeyUnreadable` if it was wrapped elsewhere or otherwise."""
        try:
            return decrypt(self.key_encryption_key, wrapped, place=place)
        except Unreadable:
            raise KeyUnreadable from None

    def lookup(self, kind: str, value: str) -> bytes:
        """Return the keyed hash under which an identifier can be found without storing it."""
        return hmac.digest(_derived(self.pseudonym_key, f"lookup:{kind}"), value.encode(), "sha256")

    def basis_hash(self, child: UUID, plain: bytes) -> bytes:
        """Return the keyed hash of what a decision about a child rested on.

        Keyed, because few enough situations exist to try them all against a bare hash.
        """
        key = _derived(self.pseudonym_key, "decision-basis")
        return hmac.digest(key, child.bytes + plain, "sha256")

    def pairwise(self, partner: str, internal: UUID) -> str:
        """Return the pseudonym of an internal id for one partner: 32 hex digits, a FHIR id.

        One AES block under a key per partner is a permutation of the ids, so it needs no table,
        never collides and two partners cannot link what they see.
        """
        encryptor = _block(self.pseudonym_key, partner).encryptor()
        return (encryptor.update(internal.bytes) + encryptor.finalize()).hex()

    def resolve(self, partner: str, pseudonym: str) -> UUID | None:
        """Return the internal id behind a partner's pseudonym, or None if it has no such form."""
        try:
            block = bytes.fromhex(pseudonym)
        except ValueError:
            return None
        if len(block) != 16:  # noqa: PLR2004 -- one AES block
            return None
        decryptor = _block(self.pseudonym_key, partner).decryptor()
        return UUID(bytes=decryptor.update(block) + decryptor.finalize())

    def bucket(self, partner: str, child: UUID) -> str:
        """Return the Kafka key: one of 256 buckets, enough for order and too few to identify."""
        derived = _derived(self.pseudonym_key, f"bucket:{partner}")
        return hmac.digest(derived, child.bytes, "sha256")[:1].hex()


@lru_cache(maxsize=4096)
def _derived(key: bytes, label: str) -> bytes:
    return HKDFExpand(SHA256(), KEY_BYTES, label.encode()).derive(key)


@lru_cache(maxsize=4096)
def _block(key: bytes, partner: str) -> Cipher[modes.ECB]:
    derived = _derived(key, f"pairwise:{partner}")
    return Cipher(algorithms.AES(derived), modes.ECB())  # noqa: S305 -- one block, see `pairwise`


def fingerprint(raw: bytes) -> bytes:
    """Return the SHA-256 of exact bytes."""
    return hashlib.sha256(raw).digest()
