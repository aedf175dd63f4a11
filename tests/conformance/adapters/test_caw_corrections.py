"""What CAW corrections change, end and ask."""

import pytest

from adapters.contract import Amendment, Ending, Fate, NumberChange, Translation
from tests.conformance.adapters.samples import sample, translated

HEADER = "clientnr;systeemnr;actie;veld;oude_waarde;nieuwe_waarde;datum_wijziging;reden"


def corrections(*changes: tuple[str, str]) -> Translation:
    text = sample("caw_03").text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return translated("caw", text.encode())


def rows(*lines: str) -> Translation:
    return translated("caw", "\r\n".join([HEADER, *lines, ""]).encode())


def amendment(translation: Translation) -> Amendment:
    (found,) = translation.amendments
    return found


def test_a_number_that_comes_later_makes_the_same_client_known() -> None:
    translation = corrections()
    (part,) = translation.parts
    assert (part.subject.insz, part.subject.local) == ("19631421243", "204418")
    assert part.identity is not None
    assert (part.identity.kind, part.identity.new) == (NumberChange.ASSIGNED, "19631421243")
    assert part.segments == ()
    change = amendment(translation)
    assert (change.key, change.element) == ("client/204418/patient", "identifier")
    assert [number["value"] for number in change.value] == ["19631421243", "204418"]


def test_a_correction_hits_the_key_that_the_intake_export_gave() -> None:
    intake = translated("caw", sample("caw_01").raw)
    (noor,) = [one for one in intake.parts if one.subject.given == "Noor"]
    assert amendment(corrections()).key in {s.key for s in noor.segments}
    assert noor.subject.local == corrections().parts[0].subject.local
    assert noor.version < amendment(corrections()).version


def test_a_wish_about_sharing_in_words_goes_to_a_person_and_is_never_read_by_us() -> None:
    translation = corrections()
    (question,) = translation.questions
    assert (question.where, question.code) == ("line 3", "consent-wish")
    assert "enkel" not in question.message
    (line,) = [one for one in translation.account if one.path == "line 3, column nieuwe_waarde"]
    assert line.fate is Fate.MINIMISED


def test_a_name_that_lost_letters_changes_no_name() -> None:
    translation = corrections()
    rejected = {(one.where, one.field, one.code) for one in translation.rejections}
    assert ("line 4", "nieuwe_waarde", "damaged-name") in rejected
    assert all("name" not in one.element for one in translation.amendments)


def test_the_same_name_with_all_its_letters_changes_that_part_of_the_name_only() -> None:
    change = corrections(("Y?ld?z", "Y\u0131ld\u0131z")).amendments[1]
    assert (change.key, change.element, change.value) == (
        "client/204502/patient",
        "name.0.family",
        "Y\u0131ld\u0131z",
    )


def test_a_deleted_client_ends_all_that_the_centre_said_of_that_client() -> None:
    first, second = corrections().retractions
    for one, client in ((first, "204611"), (second, "204999")):
        assert (one.key, one.ending) == (f"client/{client}", Ending.DELETED)
        assert one.subject is not None
        assert (one.subject.local, one.subject.insz, one.subject.family) == (client, None, "")


def test_everything_that_any_export_said_of_a_client_lies_under_the_key_that_ends() -> None:
    for name, client in (("caw_01", "204502"), ("caw_02", "204502"), ("caw_04", "204733")):
        parts = translated("caw", sample(name).raw).parts
        keys = [s.key for one in parts for s in one.segments if client in s.key]
        (ended,) = rows(f"{client};S1;V;;;;1/2/2025;").retractions
        assert keys
        assert all(key.startswith(f"{ended.key}/") for key in keys)


def test_deleting_a_client_whom_the_file_does_not_know_goes_before_a_person_too() -> None:
    rejected = [one for one in corrections().rejections if one.code == "unknown-record"]
    assert [(one.where, one.field) for one in rejected] == [("line 6", "clientnr")]


def test_another_number_than_before_is_no_correction_a_machine_may_make() -> None:
    translation = rows("1;S1;W;rrn;96441799840;19.63.14-212.43;1/2/2025;")
    assert (translation.parts, translation.amendments) == ((), ())
    assert [one.code for one in translation.rejections] == ["number-changed"]


def test_a_wrong_number_is_refused_by_itself() -> None:
    translation = rows("1;S1;W;rrn;;19.63.14-212.44;1/2/2025;")
    assert (translation.parts, translation.amendments) == ((), ())
    assert [(one.where, one.code) for one in translation.rejections] == [("line 2", "insz-invalid")]


def test_a_permission_that_ends_takes_the_number_away_and_asks() -> None:
    translation = rows("1;S1;W;rrn_toestemming;J;N;1/2/2025;")
    assert [one["value"] for one in amendment(translation).value] == ["1"]
    assert [one.code for one in translation.questions] == ["number-permission"]
    assert rows("1;S1;W;rrn_toestemming;N;J;1/2/2025;").amendments == ()


@pytest.mark.parametrize(
    ("row", "element", "value"),
    [
        ("1;S1;W;voornaam;Fatu;Fatou;1/2/2025;", "name.0.given", ["Fatou"]),
        ("1;S1;W;geb_datum;;17-4-1996;1/2/2025;", "birthDate", "1996-04-17"),
        ("1;S1;W;geslacht;;V;1/2/2025;", "gender", "female"),
        ("1;S1;V;geslacht;V;;1/2/2025;", "gender", None),
        ("1;S1;V;rrn;96441799840;;1/2/2025;", "identifier", None),
    ],
)
def test_a_field_of_the_person_changes_its_own_element(
    row: str, element: str, value: object
) -> None:
    change = amendment(rows(row))
    assert change.element == element
    assert value is None or change.value == value


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1;S1;W;geb_datum;;31/2/1996;1/2/2025;", "date-invalid"),
        ("1;S1;W;geslacht;;Q;1/2/2025;", "unknown-code"),
        ("1;S1;W;naam;Claes;;1/2/2025;", "missing-field"),
        ("1;S1;W;fase;ONTHAAL;NAZORG;1/2/2025;", "unsupported-field"),
        ("1;S1;W;hobby;;lezen;1/2/2025;", "unknown-code"),
        ("1;;W;;;lezen;1/2/2025;", "missing-field"),
        ("1;S1;W;naam;;Claes;;", "date-invalid"),
        ("1;;X;naam;;Claes;1/2/2025;", "unsupported-action"),
        (";;W;naam;;Claes;1/2/2025;", "missing-field"),
    ],
)
def test_what_cannot_be_applied_is_refused_with_its_line(row: str, code: str) -> None:
    translation = rows(row)
    assert (translation.amendments, translation.retractions) == ((), ())
    assert [(one.where, one.code) for one in translation.rejections] == [("line 2", code)]


def test_a_field_that_no_export_lets_through_changes_nothing() -> None:
    translation = rows("1;S1;W;inkomen_maand;1.200;1.400;1/2/2025;verhoging")
    assert (translation.amendments, translation.rejections, translation.questions) == ((), (), ())


def test_of_two_changes_on_one_day_the_later_line_has_the_last_word() -> None:
    first, second = rows("1;S1;W;naam;;Claes;1/2/2025;", "1;S1;W;naam;;Claeys;1/2/2025;").amendments
    assert first.version < second.version


@pytest.mark.parametrize("field", ["rrn;;96441799840", "voornaam;;Fatou", "geb_datum;;17/4/1996"])
def test_help_without_a_name_is_given_none_by_a_correction(field: str) -> None:
    found = rows(f"1;;W;{field};1/2/2025;")
    assert (found.parts, found.amendments) == ((), ())
    assert [one.code for one in found.questions] == ["anonymous-client"]
