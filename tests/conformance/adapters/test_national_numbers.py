"""A valid number may be somebody else's: what stands beside it in the file is compared with it."""

import json

import pytest

from adapters.contract import Part, Translation
from tests.conformance.adapters.samples import sample, translated


def changed(name: str, *changes: tuple[str, str]) -> Translation:
    one = sample(name)
    text = one.text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return translated(one.source, text.encode())


def numbers(part: Part) -> list[str]:
    patient = part.segments[0].resource
    return [one["value"] for one in patient.get("identifier", []) if "ssin" in one["system"]]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("clb_01", ("2019-03-14", "2019-03-15")),
        ("clb_02", ("14/3/2019", "15/3/2019")),
        ("gp_01", ("14/3/2019", "15/3/2019")),
        ("caw_01", ("2/11/1990", "3/11/1990")),
        ("caw_04", ("8/12/2020", "9/12/2020")),
    ],
)
def test_a_number_of_another_birth_date_leads_to_nobody_and_a_person_is_told(
    name: str, change: tuple[str, str]
) -> None:
    before, after = changed(name), changed(name, change)
    told = [one for one in after.rejections if one.code == "number-birth-conflict"]
    assert told
    assert [one.id for one in after.parts] == [one.id for one in before.parts]
    for part in after.parts:
        if part.id in {one.part for one in told}:
            assert part.subject.insz is None
            assert numbers(part) == []


def test_a_partial_birth_date_says_nothing_against_a_number() -> None:
    found = changed("clb_01", ("2019-03-14", "2019"))
    assert found.parts[0].subject.insz == "19631421243"


def test_a_number_of_another_birth_date_is_given_to_no_child() -> None:
    found = changed("ko_05", ('"geboortedatum": "2024-11-28"', '"geboortedatum": "2024-11-27"'))
    assert "1" not in {one.id for one in found.parts}
    assert [one.new for one in (part.identity for part in found.parts) if one] == ["17600061396"]
    assert ("1", "number-birth-conflict") in {(one.part, one.code) for one in found.rejections}


def test_the_childs_own_number_is_no_relatives() -> None:
    report = json.loads(sample("ko_04").raw)
    report["kind"].update({"insz": "24712823849", "geboortedatum": "2024-11-28"})
    report["moeder"]["insz"] = "24712823849"
    found = translated("childcare", json.dumps(report).encode())
    (part,) = found.parts
    assert part.subject.insz == "24712823849"
    assert [(one.insz, one.relation) for one in part.related] == [(None, "parent")]
    assert "number-of-subject" in {one.code for one in found.rejections}


def test_a_representative_with_the_childs_own_number_is_refused() -> None:
    text = sample("vaph_01").text
    (part,) = translated("vaph", text.encode()).parts
    other, own = part.related[0].insz, part.subject.insz
    assert other
    assert own
    found = translated("vaph", text.replace(other, own).encode())
    assert own not in {one.insz for one in found.parts[0].related}
    assert "number-of-subject" in {one.code for one in found.rejections}
