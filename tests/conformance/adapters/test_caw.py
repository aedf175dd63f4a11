"""What a CAW intake export says and does not say."""

from adapters.contract import Fate, Part, ReadOptions, Translation
from tests.conformance.adapters.samples import sample, translated


def intake(*changes: tuple[str, str]) -> Translation:
    raw = sample("caw_01").raw.decode("cp1252")
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("caw", raw.encode("cp1252"))


def part(translation: Translation, given: str) -> Part:
    (found,) = [one for one in translation.parts if one.subject.given == given]
    return found


def said(one: Part) -> str:
    return str([segment.resource for segment in one.segments])


def test_every_row_is_a_part_of_its_own_and_adults_are_told_from_children() -> None:
    found = [(one.subject.given, one.adult) for one in intake().parts]
    assert found == [
        ("Yasmina", True),
        ("Noor", False),
        ("Hatice", True),
        ("", False),
        ("Fatou", True),
    ]


def test_an_adults_data_are_labelled_as_about_that_adult() -> None:
    for one in intake().parts:
        expected = "adult" if one.adult else "child"
        assert all(segment.about == {expected} for segment in one.segments)


def test_a_child_without_a_number_is_known_by_name_and_birth_date() -> None:
    noor = part(intake(), "Noor").subject
    assert (noor.insz, noor.family, noor.born) == (None, "Peeters", "2019-03-14")


def test_a_number_without_permission_is_not_used_even_when_it_is_there() -> None:
    translation = intake(("Noor;;N;", "Noor;19.63.14-212.43;N;"))
    assert part(translation, "Noor").subject.insz is None
    assert "19631421243" not in said(part(translation, "Noor"))
    (line,) = [one for one in translation.account if one.path == "line 4, column rrn"]
    assert line.fate is Fate.MINIMISED
    assert "permission" in line.reason


def test_free_text_makes_no_diagnosis_and_does_not_travel() -> None:
    translation = intake()
    kinds = {s.resource["resourceType"] for one in translation.parts for s in one.segments}
    assert kinds == {"Patient", "EpisodeOfCare", "Observation"}
    everything = "".join(said(one) for one in translation.parts)
    assert not any(w in everything for w in ("autisme", "Zeynep", "Vandenberghe", "1842", "wacht"))


def test_anonymous_help_is_never_linked_and_keeps_nothing_that_recognises() -> None:
    (anonymous,) = [one for one in intake().parts if not one.linkable]
    assert (anonymous.subject.family, anonymous.subject.given, anonymous.subject.born) == (
        "",
        "",
        None,
    )
    assert "jb09" not in said(anonymous)
    assert all("anonymous_help" in segment.flags for segment in anonymous.segments)


def test_a_name_that_lost_letters_is_marked_damaged() -> None:
    translation = intake((";Yildiz;", ";Y?ld?z;"))
    hatice = part(translation, "Hatice")
    assert hatice.subject.damaged
    assert "damaged_name" in hatice.segments[0].flags


def test_bad_rows_are_refused_with_their_line_and_the_rest_goes_on() -> None:
    translation = intake(
        ("204418;S8812;N;ONTHAAL;3/9/2024", "204418;S8812;N;ONTHAAL;31/2/2024"),
        ("92611905288", "92611905289"),
        ("ruzie pleeggezin", "ruzie; pleeggezin"),
    )
    assert [(one.where, one.field, one.code) for one in translation.rejections] == [
        ("line 4", "aanmelddatum", "date-invalid"),
        ("line 5", "rrn", "insz-invalid"),
        ("line 6", "row", "column-count"),
    ]
    assert [one.subject.given for one in translation.parts] == ["Yasmina", "Fatou"]


def test_an_unknown_domain_is_rejected_and_the_known_ones_go_on() -> None:
    translation = intake(("HUISVESTING|ADMINISTRATIE", "HUISVESTING|99"))
    (rejection,) = translation.rejections
    assert (rejection.where, rejection.field) == ("line 5", "leefgebieden")
    domains = [s for s in part(translation, "Hatice").segments if "/need/" in s.key]
    assert [one.key.rsplit("/", 1)[1] for one in domains] == ["housing"]


def test_the_same_client_twice_is_refused_the_second_time() -> None:
    translation = intake(("204418;S8812", "204417;S8812"))
    assert [(one.where, one.code) for one in translation.rejections] == [
        ("line 4", "duplicate-record")
    ]


def test_a_row_that_names_nobody_is_refused() -> None:
    translation = intake(("14/3/2019", ""))
    assert [(one.where, one.code) for one in translation.rejections] == [
        ("line 4", "subject-incomplete")
    ]


def test_the_same_export_in_unicode_says_the_same() -> None:
    text = sample("caw_01").raw.decode("cp1252")
    for encoding in ("utf-8", "utf-8-sig"):
        assert translated("caw", text.encode(encoding)) == intake()


def test_a_test_number_refuses_its_row_only() -> None:
    translation = translated("caw", sample("caw_01").raw, ReadOptions())
    assert [one.where for one in translation.rejections] == ["line 2", "line 5"]
    assert [one.subject.given for one in translation.parts] == ["Noor", "", "Fatou"]
