"""Days of help, for an installation that asks families about them."""

import json
from typing import Any

import fhirkit
import pytest

from adapters.contract import Fate, ReadOptions, Resource, Translation, dump
from gateway.fhir.validate import validate
from tests.conformance.adapters.samples import sample, translated

WITH_DAYS = ReadOptions(allow_test_numbers=True, day_registrations=True)


def gir(**first: Any) -> Translation:
    """The sample, with values of its first registration changed."""
    document = json.loads(sample("vaph_04").raw)
    document["dagregistraties"][0] |= first
    return translated("vaph", json.dumps(document).encode(), WITH_DAYS)


def encounters(translation: Translation) -> dict[str, Resource]:
    return {
        segment.key.split("/")[1]: segment.resource
        for part in translation.parts
        for segment in part.segments
        if segment.resource["resourceType"] == "Encounter"
    }


def test_each_day_is_an_encounter_under_its_agreement_and_the_correction_counts() -> None:
    days = {key: one["period"]["start"] for key, one in encounters(gir()).items()}
    assert days == {
        "GIR-880101": "2024-10-14",
        "GIR-880102": "2024-11-21",
        "GIR-880110": "2024-11-25",
    }
    for part in gir().parts:
        places = {f"{s.resource['resourceType']}/{s.resource['id']}" for s in part.segments}
        for segment in part.segments:
            if segment.resource["resourceType"] == "Encounter":
                assert segment.resource["episodeOfCare"][0]["reference"] in places


def test_fractions_of_a_point_keep_their_spelling() -> None:
    said = dump(encounters(gir(punten=0.22))["GIR-880102"]).decode()
    assert '"valueDecimal":0.155' in said
    raw = sample("vaph_04").raw.replace(b'"punten": 0.22', b'"punten": 0.220')
    found = encounters(translated("vaph", raw, WITH_DAYS))["GIR-880101"]
    assert '"valueDecimal":0.220' in dump(found).decode()


def test_a_corrected_day_is_told_in_the_provenance() -> None:
    (origin,) = [
        s.resource for s in gir().parts[0].segments if s.resource["resourceType"] == "Provenance"
    ]
    told = {(one["role"], one["what"]["identifier"]["value"]) for one in origin["entity"]}
    assert told == {("source", "GIR-770001"), ("revision", "GIR-880102")}


def test_a_day_is_valid_fhir_and_every_field_has_a_fate() -> None:
    translation = gir()
    for one in encounters(translation).values():
        assert validate(one) == ()
        assert fhirkit.validate(dump(one)) == []
    assert Fate.UNKNOWN not in {line.fate for line in translation.account}


@pytest.mark.parametrize(
    ("change", "code", "stays"),
    [
        ({"datum": "2024-02-31"}, "date-invalid", False),
        ({"datum": None}, "missing-field", False),
        ({"functie": "IETS"}, "unknown-code", True),
        ({"punten": "veel"}, "number-invalid", True),
        ({"duurMinuten": "1u"}, "number-invalid", True),
    ],
)
def test_a_day_is_refused_without_its_date_and_goes_on_without_its_details(
    change: dict[str, Any], code: str, stays: bool
) -> None:
    translation = gir(**change)
    assert code in {one.code for one in translation.rejections}
    assert ("GIR-880101" in encounters(translation)) is stays


def test_a_deleted_day_is_retracted_under_the_key_it_would_have_had() -> None:
    translation = gir(id="GIR-880103")
    keys = {s.key for part in translation.parts for s in part.segments}
    (ended,) = translation.retractions
    assert ended.key == "registration/GIR-880103"
    assert not any(key.startswith(ended.key) for key in keys)
    assert "unknown-record" not in {one.code for one in translation.rejections}
