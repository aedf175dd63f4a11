import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.deliveries.size_class import (
    LAST,
    SMALLEST,
    TooLarge,
    padded,
    size_class,
    unpadded,
)
from gateway.identity.jose import content_jwk, seal, unseal
from gateway.store.vault import new_key
from gateway.streams.client import LARGEST_MESSAGE

ID = "6dbd3a5e-9b5f-4e0c-9f6e-2f4d3a0f0f11"
CONTENT = st.dictionaries(st.text(), st.text() | st.integers(), max_size=60)


def sealed(content: bytes) -> tuple[bytes, dict[str, str]]:
    key = new_key()
    return seal(key, ID, padded(content)), content_jwk(key, ID)


@given(one=CONTENT, other=CONTENT)
def test_two_contents_of_one_class_weigh_the_same(
    one: dict[str, object], other: dict[str, object]
) -> None:
    first, second = json.dumps(one).encode(), json.dumps(other).encode()
    alike = size_class(len(first)) == size_class(len(second))
    assert (len(sealed(first)[0]) == len(sealed(second)[0])) is alike


@given(content=CONTENT)
def test_whoever_has_the_key_reads_exactly_what_was_written(content: dict[str, object]) -> None:
    written = json.dumps(content).encode()
    message, key = sealed(written)
    opened = unseal(key, message)
    assert opened is not None
    assert json.loads(opened) == content
    assert unpadded(opened) == written


def test_a_message_from_before_there_were_classes_is_read_as_it_is() -> None:
    key, written = new_key(), b'{"resourceType":"Bundle"}'
    opened = unseal(content_jwk(key, ID), seal(key, ID, written))
    assert opened is not None
    assert unpadded(opened) == written


@given(length=st.integers(0, LAST))
def test_a_class_is_never_smaller_and_at_most_twice_as_large(length: int) -> None:
    chosen = size_class(length)
    assert length <= chosen <= max(SMALLEST, 2 * length)
    assert size_class(chosen) == chosen


@given(lengths=st.tuples(st.integers(0, LAST), st.integers(0, LAST)))
def test_more_content_is_never_in_a_smaller_class(lengths: tuple[int, int]) -> None:
    small, large = sorted(lengths)
    assert size_class(small) <= size_class(large)


def test_there_are_few_classes() -> None:
    edges = [*(1 << power for power in range(25) if 1 << power <= LAST), LAST]
    assert len({size_class(one) for one in edges}) == 14


def test_the_last_class_fits_a_message_and_more_is_refused() -> None:
    base64_and_head = 4 * (LAST + 64) // 3 + 4096
    assert base64_and_head < LARGEST_MESSAGE
    with pytest.raises(TooLarge):
        size_class(LAST + 1)
