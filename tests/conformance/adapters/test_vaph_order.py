"""The elements of a dossier stand in any order (`xsd:all`), and it says the same."""

import json
import random
import xml.etree.ElementTree as ET
from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Part
from tests.conformance.adapters.samples import sample, translated

dossiers = st.sampled_from(["vaph_01", "vaph_02", "vaph_03", "vaph_05"])


def shuffled(raw: bytes, chance: random.Random) -> bytes:
    """Every element's children in another order; those of one name are a list and keep theirs."""
    root = ET.fromstring(raw)
    for element in root.iter():
        queues: dict[str, list[ET.Element]] = defaultdict(list)
        for child in element:
            queues[child.tag].append(child)
        tags = [child.tag for child in element]
        chance.shuffle(tags)
        element[:] = [queues[tag].pop(0) for tag in tags]
    return bytes(ET.tostring(root, encoding="utf-8"))


def same(part: Part) -> tuple[object, ...]:
    segments = sorted(part.segments, key=lambda one: (one.key, one.resource["resourceType"]))
    return part.subject, part.related, part.asserted_at, part.version, segments


@settings(max_examples=60, deadline=None)
@given(name=dossiers, seed=st.integers(0, 2**32))
def test_a_dossier_in_any_order_says_the_same(name: str, seed: int) -> None:
    raw = sample(name).raw
    found = translated("vaph", shuffled(raw, random.Random(seed)))
    expected = translated("vaph", raw)
    assert [same(part) for part in found.parts] == [same(part) for part in expected.parts]
    assert found.retractions == expected.retractions
    assert set(found.rejections) == set(expected.rejections)
    assert set(found.account) == set(expected.account)


def reversed_keys(value: Any) -> Any:
    """The same JSON with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(one) for one in value] if isinstance(value, list) else value


def test_a_gir_delivery_with_its_keys_the_other_way_round_says_the_same() -> None:
    raw = sample("vaph_04").raw
    found = translated("vaph", json.dumps(reversed_keys(json.loads(raw))).encode())
    expected = translated("vaph", raw)
    assert found.parts == expected.parts
    assert found.retractions == expected.retractions
    assert set(found.rejections) == set(expected.rejections)
    assert set(found.account) == set(expected.account)
