"""Free text of a CLB is split by whom it tells about, and the order of elements is free."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clb.telling import passages
from adapters.contract import Segment
from tests.conformance.adapters.samples import sample, translated


def classes(text: str) -> list[tuple[str, str]]:
    return [(one.data_class, one.text) for one in passages(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Noor speelt graag.", [("", "Noor speelt graag.")]),
        (
            "Noor speelt graag. Mama is vaak ziek. Noor rekent vlot.",
            [("", "Noor speelt graag. Noor rekent vlot."), ("parent_data", "Mama is vaak ziek.")],
        ),
        (
            "Mama is vaak ziek. Ze krijgt hulp. Noor rekent vlot.",
            [("", "Noor rekent vlot."), ("parent_data", "Mama is vaak ziek. Ze krijgt hulp.")],
        ),
        ("Haar broertje stottert ook.", [("third_party", "Haar broertje stottert ook.")]),
        ('Juf zegt: "ze is stil".', [("third_party", 'Juf zegt: "ze is stil".')]),
        ("Vader maakte zich verontrust.", [("concern", "Vader maakte zich verontrust.")]),
        ("Dit vertelde ze in vertrouwen.", [("confidential", "Dit vertelde ze in vertrouwen.")]),
        ("Omarmt nieuwe taken.", [("", "Omarmt nieuwe taken.")]),
    ],
)
def test_a_sentence_about_somebody_else_is_held_apart(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert classes(text) == expected


def test_it_is_known_about_whom_unless_one_sentence_tells_of_nobody_known() -> None:
    (both,) = passages("Mama is ziek. Papa werkt ver.")
    assert both.roles == {"MTH", "FTH"}
    (nobody,) = passages("Mama is ziek. De ouders zijn moe.")
    assert nobody.roles == frozenset()


@given(st.text(max_size=200))
def test_no_word_is_lost_and_none_is_added(text: str) -> None:
    told = " ".join(one.text for one in passages(text))
    assert sorted(told.split()) == sorted(text.split())


XML = ["clb_01", "clb_03", "clb_04", "clb_05"]


@pytest.mark.parametrize("name", XML)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_order_of_elements_does_not_matter(name: str, data: st.DataObject) -> None:
    root = ET.fromstring(sample(name).raw)
    expected = by_key(sample(name).raw)
    for element in root.iter():
        if element.tag in {"larsExport", "leerling", "traject", "verslag", "overdracht", "bericht"}:
            element[:] = data.draw(st.permutations(list(element)))
    assert by_key(ET.tostring(root, encoding="utf-8")) == expected


def by_key(raw: bytes) -> dict[str, str]:
    part = translated("clb", raw).parts[0]
    return {one.key: settled(one, part.segments) for one in part.segments}


def settled(one: Segment, everyone: tuple[Segment, ...]) -> str:
    """A segment without the numbers that only say in which order relatives stand."""
    relatives = [other for other in everyone if "/related/" in other.key]
    keys = {who: other.key for other in relatives for who in other.about if "-" in who}
    about = sorted(keys.get(who, who) for who in one.about)
    lists = {name: sorted(map(str, value)) if isinstance(value, list) else value
             for name, value in one.resource.items()}  # fmt: skip
    return str((one.data_class, about, sorted(one.flags), sorted(lists.items(), key=str)))
