"""What a CLB transfer says: the compulsory part, an objection, and what was deleted."""

from adapters.contract import Ending, Fate, Part, RelatedKey, Segment, Translation
from tests.conformance.adapters.samples import sample, translated

MESSAGE = "message/LARS-2024-552800"
OBJECTION = '<verzet ingediend="J" door="ouder" datum="2024-11-12"/>'


def transfer(*changes: tuple[str, str]) -> Translation:
    raw = sample("clb_05").raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("clb", raw.encode())


def only_part(translation: Translation) -> Part:
    (part,) = translation.parts
    return part


def segments(translation: Translation) -> dict[str, Segment]:
    return {one.key: one for one in only_part(translation).segments}


def fate(translation: Translation, path: str) -> Fate:
    (line,) = [one for one in translation.account if one.path.endswith(path)]
    return line.fate


def test_an_objection_is_kept_as_a_denial_and_put_before_a_person() -> None:
    translation = transfer()
    objection = segments(translation)[f"{MESSAGE}/objection/parent"]
    assert objection.data_class == "confidential"
    assert objection.resource["provision"]["type"] == "deny"
    assert objection.resource["provision"]["purpose"][0]["code"] == "transfer"
    assert objection.resource["performer"][0]["display"] == "parent"
    assert [one.code for one in translation.questions] == ["transfer-objection"]


def test_a_parent_who_is_named_by_role_is_named_in_the_denial() -> None:
    found = segments(transfer((OBJECTION, OBJECTION.replace("ouder", "moeder"))))
    mother = next(one.resource for key, one in found.items() if "/related/MTH/" in key)
    performer = found[f"{MESSAGE}/objection/MTH"].resource["performer"][0]
    assert performer["reference"] == f"RelatedPerson/{mother['id']}"


def test_what_is_compulsory_but_not_read_is_not_said_to_be_objected_to() -> None:
    told = '<verplicht><vaccinaties><vaccin code="MBR"/></vaccinaties>'
    translation = transfer(("<verplicht><vaccinaties/>", told))
    assert fate(translation, "vaccin/@code") is Fate.UNKNOWN
    with_more = transfer(("<verplicht>", '<psychosociaal ref="P-1"/><verplicht>'))
    assert fate(with_more, "psychosociaal/@ref") is Fate.MINIMISED


def test_no_objection_is_no_denial_and_no_question() -> None:
    translation = transfer((OBJECTION, OBJECTION.replace('"J"', '"N"')))
    kinds = {one.resource["resourceType"] for one in only_part(translation).segments}
    assert "Consent" not in kinds
    assert translation.questions == ()


def test_an_answer_nobody_knows_is_taken_for_an_objection() -> None:
    translation = transfer((OBJECTION, OBJECTION.replace('"J"', '"?"')))
    assert f"{MESSAGE}/objection/parent" in segments(translation)
    assert [one.code for one in translation.rejections] == ["unknown-code"]


def test_what_is_to_be_passed_on_is_a_task_for_the_next_centre() -> None:
    task = segments(transfer())[f"{MESSAGE}/transfer"].resource
    (compulsory,) = task["input"]
    assert compulsory["valueIdentifier"]["value"] == "SC-31003"
    assert task["status"] == "requested"
    assert "verzet" not in str(task)


def test_only_the_compulsory_part_is_flagged_so() -> None:
    flagged = {key for key, one in segments(transfer()).items() if "compulsory" in one.flags}
    assert flagged == {f"{MESSAGE}/attendance"}


def test_how_much_was_held_back_is_kept_nowhere() -> None:
    translation = transfer()
    for name in ("@rubriek", "@aantalDocumenten"):
        assert fate(translation, name) is Fate.MINIMISED
    said = str([one.resource for one in only_part(translation).segments])
    assert "psychosociaal" not in said


def test_on_objection_what_is_not_compulsory_may_not_even_be_looked_at() -> None:
    content = ("<verplicht>", "<psychosociaal><nota>Mama is ziek</nota></psychosociaal><verplicht>")
    objected = transfer(content)
    assert fate(objected, "psychosociaal/nota") is Fate.MINIMISED
    agreed = transfer(content, (OBJECTION, OBJECTION.replace('"J"', '"N"')))
    assert fate(agreed, "psychosociaal/nota") is Fate.UNKNOWN
    for translation in (objected, agreed):
        assert "ziek" not in str([one.resource for one in only_part(translation).segments])


def test_a_sister_in_the_file_reaches_no_segment_and_no_link() -> None:
    translation = transfer()
    said = str([(one.key, one.resource) for one in only_part(translation).segments])
    assert "Lucía" not in said
    assert "2023-02-19" not in said
    fates = [one.fate for one in translation.account if "/broerZus/" in one.path]
    assert fates == [Fate.MINIMISED] * 4


def test_a_second_parent_without_a_number_keeps_authority() -> None:
    assert only_part(transfer()).related[1] == RelatedKey(
        insz=None, relation="parent", authority="exercised"
    )


def test_a_deleted_message_is_a_retraction_by_the_key_every_message_has() -> None:
    translation = transfer()
    (ended,) = translation.retractions
    assert (ended.key, ended.ending) == ("message/LARS-2023-500877", Ending.DELETED)
    assert ended.where == "/larsExport/verwijderd"
    entities = segments(translation)[MESSAGE].resource["entity"]
    assert [one["role"] for one in entities] == ["source", "removal"]


def test_a_deletion_that_names_nothing_is_rejected() -> None:
    translation = transfer(('id="LARS-2023-500877" ', ""))
    assert translation.retractions == ()
    assert [one.code for one in translation.rejections] == ["missing-field"]
