"""Keys and pseudonyms: what one partner sees tells nothing to another."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.vault import Unreadable, Vault, decrypt, encrypt, new_key

VAULT = Vault(bytes(32), bytes(range(32)))
PARTNERS = st.sampled_from(["clb-a", "caw-b", "~auditors"])


@given(internal=st.uuids(), partner=PARTNERS)
def test_a_pseudonym_leads_back_to_its_own_id_only_for_its_partner(
    internal: UUID, partner: str
) -> None:
    pseudonym = VAULT.pairwise(partner, internal)
    assert VAULT.resolve(partner, pseudonym) == internal
    assert VAULT.resolve("another", pseudonym) != internal
    assert pseudonym != internal.hex


@given(text=st.text(max_size=40))
def test_what_is_no_pseudonym_leads_nowhere_or_to_an_id_nobody_has(text: str) -> None:
    found = VAULT.resolve("clb-a", text)
    assert found is None or isinstance(found, UUID)


def test_ciphertext_opens_only_in_its_own_place_and_unaltered() -> None:
    key = new_key()
    sealed = encrypt(key, b"content", place="resource/1/1")
    assert decrypt(key, sealed, place="resource/1/1") == b"content"
    for place, altered in (
        ("resource/1/2", sealed),
        ("resource/1/1", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(Unreadable):
            decrypt(key, altered, place=place)


def test_a_look_up_hash_depends_on_kind_and_value() -> None:
    hashes = {VAULT.lookup(kind, value) for kind in ("insz", "name_birth") for value in ("1", "2")}
    assert len(hashes) == 4


@given(child=st.uuids(), partner=PARTNERS)
def test_the_kafka_key_is_one_of_256_buckets(child: UUID, partner: str) -> None:
    bucket = VAULT.bucket(partner, child)
    assert bucket == VAULT.bucket(partner, child)
    assert 0 <= int(bucket, 16) < 256
