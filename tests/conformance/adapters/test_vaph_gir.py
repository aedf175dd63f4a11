"""What registrations of help (GIR) add, change and delete."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from adapters.contract import Ending, Fate, Part, Resource, Translation
from tests.conformance.adapters.samples import sample, translated

FIRST, SECOND = "GIR-770001", "GIR-770002"
NEXT_DAY = "2024-12-03T07:30:12+01:00"


def nothing(_: Any) -> None:
    """Leave the sample as it is."""


def gir(change: Callable[[Any], None] = nothing) -> Translation:
    document = json.loads(sample("vaph_04").raw)
    change(document)
    return translated("vaph", json.dumps(document).encode())


def agreement(document: Any, **values: Any) -> None:
    document["begeleidingsovereenkomsten"].append(
        {"id": FIRST, "actie": "WIJZIGEN", "rijksregisternummer": "19631421243", **values}
    )


def resource(part: Part, kind: str) -> Resource:
    (found,) = [s.resource for s in part.segments if s.resource["resourceType"] == kind]
    return found


def refused(translation: Translation) -> list[tuple[str, str, str]]:
    return [(one.where, one.field, one.code) for one in translation.rejections]


def test_each_agreement_is_an_episode_of_care_of_its_person() -> None:
    found = [
        (one.subject.insz, resource(one, "EpisodeOfCare")["type"][0]["coding"][0]["code"])
        for one in gir().parts
    ]
    assert found == [("19631421243", "rth"), ("22041199765", "gio")]
    assert not gir().snapshot
    episode = resource(gir().parts[0], "EpisodeOfCare")
    assert (episode["status"], episode["period"]) == ("active", {"start": "2024-03-04"})


def test_the_provider_is_the_organisation_that_a_dossier_names_too() -> None:
    of_dossier = [
        s.resource
        for s in translated("vaph", sample("vaph_01").raw).parts[0].segments
        if s.key == "organization/rth/RTH-9901"
    ]
    assert [one["id"] for one in of_dossier] == [resource(gir().parts[0], "Organization")["id"]]


def test_days_of_help_are_left_out_with_a_reason() -> None:
    translation = gir()
    kinds = {s.resource["resourceType"] for one in translation.parts for s in one.segments}
    assert "Encounter" not in kinds
    line = next(one for one in translation.account if one.path == "$.dagregistraties[0].punten")
    assert line.fate is Fate.MINIMISED
    assert "off by default" in line.reason


def test_what_the_file_alone_cannot_place_is_refused_by_place() -> None:
    assert set(refused(gir())) == {
        ("$.dagregistraties[3]", "id", "unknown-record"),
        ("$.dagregistraties[5]", "overeenkomst", "unknown-agreement"),
    }


def test_a_deletion_is_a_retraction_even_of_what_never_arrived() -> None:
    (one,) = gir().retractions
    assert (one.key, one.ending) == ("registration/GIR-880103", Ending.DELETED)
    assert one.asserted_at == one.version == "2024-12-02T07:30:12+01:00"


def test_a_later_record_of_one_file_with_the_same_id_takes_its_place() -> None:
    def ends(document: Any) -> None:
        agreement(document, startdatum="2024-03-05", einddatum="2024-11-30")

    translation = gir(ends)
    episode = resource(translation.parts[0], "EpisodeOfCare")
    assert episode["status"] == "finished"
    assert episode["period"] == {"start": "2024-03-05", "end": "2024-11-30"}
    (entity,) = resource(translation.parts[0], "Provenance")["entity"]
    assert (entity["role"], entity["what"]["identifier"]["value"]) == ("revision", FIRST)
    first = [one for one in translation.account if one.path.startswith("$.begeleidingsovereenkoms")]
    assert {one.fate for one in first[:5]} == {Fate.MINIMISED}


def test_a_change_in_a_later_file_is_a_later_version_of_the_same_keys() -> None:
    def later(document: Any) -> None:
        document["aangemaakt"] = NEXT_DAY
        document["begeleidingsovereenkomsten"][0]["actie"] = "WIJZIGEN"

    (first, *_), (second, *_) = gir().parts, gir(later).parts
    kept = {s.key for s in first.segments} & {s.key for s in second.segments}
    assert f"agreement/{FIRST}/episode" in kept
    assert first.version < second.version


def test_an_agreement_that_ends_later_still_runs() -> None:
    def ends_later(document: Any) -> None:
        document["begeleidingsovereenkomsten"][0]["einddatum"] = "2025-06-30"

    episode = resource(gir(ends_later).parts[0], "EpisodeOfCare")
    assert (episode["status"], episode["period"]["end"]) == ("active", "2025-06-30")


def test_an_agreement_added_and_deleted_in_one_file_is_only_a_retraction() -> None:
    def deletes(document: Any) -> None:
        agreement(document, actie="VERWIJDEREN", reden="vergissing")

    translation = gir(deletes)
    assert [one.subject.insz for one in translation.parts] == ["22041199765"]
    assert f"agreement/{FIRST}" in {one.key for one in translation.retractions}
    assert ("$.begeleidingsovereenkomsten[2]", "id", "unknown-record") not in refused(translation)


def test_the_same_record_added_twice_is_refused_the_second_time() -> None:
    def twice(document: Any) -> None:
        agreement(document, actie="TOEVOEGEN", startdatum="2020-01-01")

    translation = gir(twice)
    assert ("$.begeleidingsovereenkomsten[2]", "id", "duplicate-record") in refused(translation)
    assert resource(translation.parts[0], "EpisodeOfCare")["period"]["start"] == "2024-03-04"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rijksregisternummer": "19631421244"}, "insz-invalid"),
        ({"rijksregisternummer": None}, "insz-missing"),
        ({"id": None}, "missing-field"),
        ({"actie": "VERNIETIGEN"}, "unknown-code"),
        ({"actie": ""}, "missing-field"),
    ],
)
def test_an_agreement_that_cannot_be_used_takes_its_days_along(
    changes: dict[str, Any], code: str
) -> None:
    def spoils(document: Any) -> None:
        document["begeleidingsovereenkomsten"][0] |= changes

    translation = gir(spoils)
    assert [one.subject.insz for one in translation.parts] == ["22041199765"]
    assert code in {one[2] for one in refused(translation)}
    days = [one for one in translation.account if one.path == "$.dagregistraties[0].datum"]
    assert [one.fate for one in days] == [Fate.REJECTED]


def test_an_unknown_form_of_help_is_refused_and_the_agreement_goes_on() -> None:
    def other_form(document: Any) -> None:
        document["begeleidingsovereenkomsten"][1]["ondersteuningsvorm"] = "XYZ"

    translation = gir(other_form)
    assert "type" not in resource(translation.parts[1], "EpisodeOfCare")
    where = "$.begeleidingsovereenkomsten[1]"
    assert (where, "ondersteuningsvorm", "unknown-code") in refused(translation)


@pytest.mark.parametrize("created", [None, "gisteren"])
def test_a_delivery_without_an_instant_is_refused_as_a_whole(created: str | None) -> None:
    def undated(document: Any) -> None:
        document["aangemaakt"] = created

    translation = gir(undated)
    assert (translation.parts, translation.retractions) == ((), ())
    assert len(translation.rejections) == 1


def test_a_delivery_without_records_is_fine() -> None:
    def empties(document: Any) -> None:
        document["begeleidingsovereenkomsten"] = []
        del document["dagregistraties"]

    translation = gir(empties)
    assert (translation.parts, translation.rejections) == ((), ())
    assert {one.fate for one in translation.account} == {Fate.MINIMISED}
