"""The columns of an export stand in any order, and the rows of one too; they say the same."""

import csv
import io
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Segment, Translation
from tests.conformance.adapters.samples import sample, translated

exports = st.sampled_from(["caw_01", "caw_02", "caw_03", "caw_04"])


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("cp1252")


def read(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sample(name).text, newline=""), delimiter=";"))


def segments(translation: Translation) -> list[Segment]:
    found = [segment for part in translation.parts for segment in part.segments]
    return sorted(found, key=lambda one: (one.key, one.resource["resourceType"]))


@settings(max_examples=40, deadline=None)
@given(name=exports, seed=st.integers(0, 2**32))
def test_columns_in_any_order_say_the_same(name: str, seed: int) -> None:
    rows = read(name)
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    found = translated("caw", written([[row[cell] for cell in order] for row in rows]))
    expected = translated("caw", sample(name).raw)
    assert found.parts == expected.parts
    assert set(found.account) == set(expected.account)
    assert (found.amendments, found.retractions) == (expected.amendments, expected.retractions)


@settings(max_examples=40, deadline=None)
@given(name=exports, seed=st.integers(0, 2**32))
def test_rows_in_any_order_say_the_same_of_everybody(name: str, seed: int) -> None:
    header, *rows = read(name)
    random.Random(seed).shuffle(rows)
    found = translated("caw", written([header, *rows]))
    expected = translated("caw", sample(name).raw)
    assert segments(found) == segments(expected)
    assert {one.subject for one in found.parts} == {one.subject for one in expected.parts}
    assert len(found.rejections) == len(expected.rejections)
