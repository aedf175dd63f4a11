"""What a CLB trajectory says and does not say."""

from adapters.contract import Fate, Part, RelatedKey, Resource, Translation
from tests.conformance.adapters.samples import sample, translated, unreadable


def export(*changes: tuple[str, str]) -> Translation:
    raw = sample("clb_01").raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("clb", raw.encode())


def only_part(translation: Translation) -> Part:
    (part,) = translation.parts
    return part


def resources(translation: Translation, kind: str) -> list[Resource]:
    found = [segment.resource for segment in only_part(translation).segments]
    return [one for one in found if one["resourceType"] == kind]


def test_a_suspicion_is_provisional_and_a_refuted_one_refuted() -> None:
    conditions = {one["code"]["coding"][0]["code"]: one for one in resources(export(), "Condition")}
    assert set(conditions) == {"F84.0", "F94.0"}
    suspicion = conditions["F84.0"]
    assert suspicion["verificationStatus"]["coding"][0]["code"] == "provisional"
    assert suspicion["code"]["coding"][1]["code"] == "299.00"
    assert suspicion["recordedDate"] == "2024-10-10"
    assert conditions["F94.0"]["verificationStatus"]["coding"][0]["code"] == "refuted"


def test_hypotheses_are_flagged_and_nothing_else_is() -> None:
    for segment in only_part(export()).segments:
        expected = segment.resource["resourceType"] == "Condition"
        assert ("hypothesis" in segment.flags) == expected


def test_needs_are_functional_with_their_words_and_qualifier() -> None:
    found = [one for one in only_part(export()).segments if "/need/" in one.key]
    assert {one.data_class for one in found} == {"functional"}
    needs = {one.resource["code"]["coding"][0]["code"]: one.resource for one in found}
    assert set(needs) == {"d330", "d710", "e585"}
    assert needs["e585"]["valueCodeableConcept"]["coding"][0]["code"] == "+2"
    assert needs["d330"]["code"]["text"].startswith("Heeft nood aan visuele")


def test_the_words_of_a_hypothesis_stay_in_the_original() -> None:
    said = str([segment.resource for segment in only_part(export()).segments])
    assert "GEEN diagnose" not in said
    assert "taalbegrip zwak" in said


def test_parents_have_their_authority_as_the_pupil_file_says() -> None:
    assert only_part(export()).related == (
        RelatedKey(insz="90710208412", relation="parent", authority="exercised"),
        RelatedKey(insz="88672331155", relation="parent", authority="exercised"),
    )


def test_an_unknown_parent_with_authority_is_kept_without_a_name() -> None:
    translation = export(
        ("<naam>El Amrani</naam>", "<naam>onbekend</naam>"),
        (
            "<voornaam>Yasmina</voornaam><rijksregisternummer>90710208412",
            "<voornaam/><rijksregisternummer>",
        ),
    )
    assert only_part(translation).related[0] == RelatedKey(
        insz=None, relation="parent", authority="exercised"
    )
    assert "name" not in resources(translation, "RelatedPerson")[0]


def test_a_code_no_table_maps_goes_to_a_person() -> None:
    translation = export(("299.00", "300.01"))
    assert [one.code for one in translation.rejections] == ["unknown-code"]
    assert len(resources(translation, "Condition")) == 1


def test_a_wrong_national_number_refuses_the_message() -> None:
    translation = export(("19631421243", "19631421244"))
    assert translation.parts == ()
    assert [(one.code, one.field) for one in translation.rejections] == [
        ("insz-invalid", "rijksregisternummer")
    ]
    assert {one.fate for one in translation.account} == {Fate.REJECTED}


def test_a_date_that_does_not_exist_is_rejected_where_it_stands() -> None:
    translation = export(("10/10/2024", "31/02/2024"))
    (rejection,) = translation.rejections
    assert (rejection.code, rejection.where) == ("date-invalid", "/larsExport/traject/fase[3]")


def test_a_phase_of_which_only_the_month_is_told_keeps_that_month() -> None:
    translation = export(("10/10/2024", "10/2024"))
    assert translation.rejections == ()
    found = resources(translation, "ClinicalImpression")
    assert [one["effectiveDateTime"] for one in found] == ["2024-10"]


def test_the_code_of_a_phase_without_a_day_is_accounted_for() -> None:
    for day in ("31/02/2024", ""):
        translation = export(("10/10/2024", day))
        fates = {one.path: one.fate for one in translation.account}
        assert fates["/larsExport/traject/fase[3]/@code"] is not Fate.UNKNOWN


def test_an_unknown_level_of_confidentiality_is_treated_as_the_strictest() -> None:
    translation = export(('niveau="beroepsgeheim"', 'niveau="anders"'))
    assert [one.code for one in translation.rejections] == ["unknown-code"]
    conditions = [s for s in only_part(translation).segments if "/hypothesis/" in s.key]
    assert all("professional_secrecy" in segment.flags for segment in conditions)


def test_a_record_is_known_again_by_a_later_version() -> None:
    first, second = export(), export(("<volgnummer>1<", "<volgnummer>2<"))
    assert [s.key for s in only_part(first).segments] == [s.key for s in only_part(second).segments]
    assert only_part(first).version < only_part(second).version


def test_the_mothers_words_are_hers_to_share() -> None:
    segments = {one.key.split("/", 2)[2]: one for one in only_part(export()).segments[3:-2]}
    own, hers = segments["conclusion"], segments["conclusion/parent_data"]
    assert own.resource["summary"].endswith("taalbegrip zwak < pc 10.")
    assert "Mama" not in str(own.resource)
    assert hers.resource["valueString"].startswith("Mama geeft aan")
    assert hers.data_class == "parent_data"
    assert hers.about == {"child", "related-1"}


def test_words_about_somebody_nobody_knows_go_nowhere() -> None:
    translation = export(("Mama geeft aan", "Haar broer zegt"))
    (apart,) = [one for one in only_part(translation).segments if "third_party" in one.key]
    assert "unsplittable" in apart.flags


def test_a_need_in_words_about_somebody_else_keeps_its_code_only() -> None:
    translation = export(("Kleuterleider volgde vorming", "Mama is zelf ziek"))
    (need,) = [one for one in only_part(translation).segments if one.key.endswith("e585")]
    assert "text" not in need.resource["code"]
    (line,) = [one for one in translation.account if one.path.endswith("behoefte[3]")]
    assert line.fate is Fate.MINIMISED


def test_a_trajectory_without_an_id_is_refused_with_all_it_says() -> None:
    translation = export(('id="HGD-2024-0907" ', ""))
    assert [(one.code, one.where) for one in translation.rejections] == [
        ("missing-field", "/larsExport/traject")
    ]
    kinds = {one.resource["resourceType"] for one in only_part(translation).segments}
    assert kinds == {"Patient", "RelatedPerson", "Organization", "Provenance"}
    fates = {one.fate for one in translation.account if "/traject/" in one.path}
    assert fates <= {Fate.REJECTED, Fate.MINIMISED}


def test_the_pupil_is_known_by_lars_own_number_when_it_gives_one() -> None:
    part = only_part(export(("<leerling>", '<leerling id="L-1">')))
    assert (part.subject.local, part.subject.gender) == ("L-1", "female")
    assert part.segments[0].key == "pupil/lars/L-1/patient"
    assert part.segments[0].resource["identifier"][1]["value"] == "L-1"


def test_a_kind_of_export_nobody_reads_is_refused_as_a_whole() -> None:
    raw = sample("clb_01").raw.replace(b"HGD_TRAJECT", b"ROOSTER")
    answer = unreadable("clb", raw)
    assert (answer.code, answer.where) == ("unexpected-document", "the whole file")


def test_a_version_nobody_reads_and_a_message_without_a_pupil_are_refused_by_place() -> None:
    raw = sample("clb_01").raw
    assert unreadable("clb", raw.replace(b'versie="2.4"', b'versie="9"')).where.endswith("@versie")
    nobody = raw.replace(b"<leerling>", b"<ander>").replace(b"</leerling>", b"</ander>")
    assert unreadable("clb", nobody).code == "unexpected-document"
