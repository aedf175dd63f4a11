"""Free text is split by whom it tells about, and the order of elements is free."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Segment
from adapters.reading.node import Field
from adapters.telling import named, passages
from schemas import code_table
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


def name(text: str) -> Field:
    return Field(path="$", place="$", name="naam", text=text)


MOTHER = code_table("clb-contact-role")["moeder"]
PEOPLE = named(
    [(MOTHER, (name("El Amrani"), name("Yasmina"))), (None, (name("PEETERS"), name("Karim")))],
    (name("Peeters"), name("Noor")),
)


@pytest.mark.parametrize(
    ("text", "data_class", "roles"),
    [
        ("Yasmina El Amrani is depressief.", "parent_data", {"MTH"}),
        ("Ook AMRANI kwam langs.", "parent_data", {"MTH"}),
        ("Karim heeft autisme.", "third_party", set()),
        ("Yasmina en Karim wonen samen.", "third_party", set()),
        ("Noor Peeters rekent vlot.", "", set()),
        ("Ze speelt met een el en een stok.", "", set()),
        ("Haar tante is ziek.", "third_party", set()),
    ],
)
def test_a_name_in_the_file_says_of_whom_a_sentence_tells(
    text: str, data_class: str, roles: set[str]
) -> None:
    (told,) = passages(text, PEOPLE)
    assert told.data_class == data_class
    assert told.roles == roles


def test_a_name_that_two_people_bear_is_nobodys() -> None:
    father = code_table("clb-contact-role")["vader"]
    both = named([(MOTHER, (name("Claes"),)), (father, (name("Claes"),))], ())
    (told,) = passages("Claes is ziek.", both)
    assert (told.data_class, told.roles) == ("third_party", frozenset())


def by_path(raw: bytes, source: str) -> dict[str, Segment]:
    (part,) = translated(source, raw).parts
    return {one.key: one for one in part.segments}


def test_a_conclusion_that_names_a_parent_is_no_history_of_the_pupil() -> None:
    raw = sample("clb_01").raw.decode()
    told = "Yasmina El Amrani is depressief. Wouter heeft een alcoholprobleem."
    raw = raw.replace("Noor is een vrolijke", f"{told} Noor is een vrolijke")
    found = by_path(raw.encode(), "clb")
    own = found["traject/HGD-2024-0907/conclusion"]
    assert "depressief" not in str(own.resource)
    assert "alcohol" not in str(own.resource)
    apart = found["traject/HGD-2024-0907/conclusion/parent_data"]
    assert told in apart.resource["valueString"]
    assert apart.about == {"child", "related-1", "related-2"}


def test_words_of_a_need_that_name_a_parent_stay_in_the_original() -> None:
    raw = sample("clb_01").raw.decode()
    need = "Heeft nood aan visuele ondersteuning bij instructies"
    found = by_path(raw.replace(need, "Yasmina is slechtziend").encode(), "clb")
    assert "slechtziend" not in str(found)


def test_the_conclusion_on_a_young_child_is_split_too() -> None:
    document = json.loads(sample("ko_04").raw)
    document["conclusie"] = "Fatou is depressief. Gehoortest hernemen. Broer Karim heeft autisme."
    found = by_path(json.dumps(document).encode(), "childcare")
    key = "report/KR-2024-900077/conclusion"
    assert found[key].resource["conclusion"] == "Gehoortest hernemen."
    mother, brother = found[f"{key}/parent_data"], found[f"{key}/third_party"]
    assert mother.resource["valueString"] == "Fatou is depressief."
    assert mother.about == {"child", "related-1"}
    assert mother.flags == {"free_text"}
    assert "unsplittable" in brother.flags


def test_a_remark_or_care_need_on_a_sheet_is_split_too() -> None:
    document = json.loads(sample("ko_02").raw)
    document["medisch"]["bijzonderheden"] = "Mama heeft epilepsie; broer Karim heeft autisme"
    document["specifiekeZorgbehoefte"] = {
        "aanwezig": True,
        "omschrijving": "Mama is blind. Rustig hoekje.",
    }
    found = by_path(json.dumps(document).encode(), "childcare")
    told = {key.split("/", 2)[2]: one for key, one in found.items() if key.startswith("sheet/")}
    assert "remark/1" not in told
    assert "unsplittable" in told["remark/1/third_party"].flags
    assert told["care-need"].resource["valueString"] == "Rustig hoekje."
    assert told["care-need/parent_data"].resource["valueString"] == "Mama is blind."
    assert told["care-need/parent_data"].data_class == "parent_data"
