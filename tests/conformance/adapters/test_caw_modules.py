"""What a CAW module export says and does not say."""

from adapters.contract import Ending, Fate, Part, Resource, Translation
from tests.conformance.adapters.samples import sample, translated


def modules(*changes: tuple[str, str]) -> Translation:
    text = sample("caw_02").text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return translated("caw", text.encode("cp1252"))


def resource(part: Part, kind: str) -> Resource:
    (found,) = [s.resource for s in part.segments if s.resource["resourceType"] == kind]
    return found


def starts(translation: Translation) -> list[str]:
    return [resource(one, "EpisodeOfCare")["period"]["start"] for one in translation.parts]


def test_three_ways_to_write_a_date_are_one_and_two_digits_are_of_this_century() -> None:
    days = ["2024-09-16", "2024-10-01", "2024-10-21", "2024-10-21", "2024-12-02"]
    assert starts(modules()) == days
    assert starts(modules(("1/10/24", "1-10-2024"))) == days


def test_what_the_export_got_wrong_is_refused_by_place_and_never_guessed() -> None:
    translation = modules()
    found = {(one.where, one.field, one.code) for one in translation.rejections}
    assert found == {
        ("line 4", "module_einde", "date-invalid"),
        ("line 5", "uren", "value-implausible"),
        ("line 5", "leefgebied_code", "unknown-code"),
        ("line 5", "ernst", "unknown-code"),
    }
    assert len(translation.parts) == 5
    kinds = [s.resource["resourceType"] for s in translation.parts[3].segments]
    assert kinds == ["EpisodeOfCare", "ServiceRequest"]


def test_a_module_with_an_impossible_end_and_a_reason_has_ended_on_no_known_day() -> None:
    ended = modules().parts[2]
    assert resource(ended, "EpisodeOfCare")["status"] == "finished"
    assert resource(ended, "ServiceRequest")["status"] == "completed"
    assert resource(ended, "EpisodeOfCare")["period"] == {"start": "2024-10-21"}


def test_without_a_reason_nobody_can_tell_whether_it_ended() -> None:
    translation = modules(("DOEL_BEREIKT", ""))
    assert ("line 4", "date-invalid") in {(one.where, one.code) for one in translation.rejections}
    assert [one.id for one in translation.parts] == ["1", "2", "4", "5"]


def test_which_help_it_is_stands_apart_from_that_there_is_help() -> None:
    for one in modules().parts:
        classes = {s.resource["resourceType"]: s.data_class for s in one.segments}
        assert classes["EpisodeOfCare"] == "logistics"
        assert classes["ServiceRequest"] == "functional"
        assert resource(one, "EpisodeOfCare")["type"][0]["coding"][0]["code"] == "caw-guidance"


def test_a_client_is_known_by_the_centres_own_number_only() -> None:
    first = modules().parts[0]
    assert first.subject.local == "204417"
    assert (first.subject.insz, first.subject.family, first.subject.born) == (None, "", None)
    assert all(s.key.startswith("client/204417/module/") for s in first.segments)


def test_hours_household_and_professional_stay_in_the_original() -> None:
    fates = {line.path: line for line in modules().account}
    for column in ("uren", "systeemnr", "begeleider"):
        assert fates[f"line 2, column {column}"].fate is Fate.MINIMISED


def test_hours_are_counted_in_the_flemish_way() -> None:
    for written in ("999,75", "1000", "1.000,00"):
        codes = {one.code for one in modules(("12,75", written)).rejections}
        assert "number-invalid" not in codes
    bad = modules(("12,75", "12.75")).rejections
    assert ("line 2", "uren", "number-invalid") in {(one.where, one.field, one.code) for one in bad}


def test_a_module_of_an_unknown_type_or_without_a_start_is_refused_with_its_line() -> None:
    for change in (
        ("Budgetbegeleiding", "Iets anders"),
        ("1/10/24", ""),
        ("1/10/24", "9999-12-31"),
    ):
        translation = modules(change)
        assert "line 3" in {one.where for one in translation.rejections}
        assert "2" not in {one.id for one in translation.parts}


def test_a_changed_module_is_a_later_version_of_the_same_keys() -> None:
    (first, *_), (changed, *_) = (
        modules().parts,
        modules(("204417;S8812;N;Begeleiding gezin", "204417;S8812;W;Begeleiding gezin")).parts,
    )
    assert [s.key for s in first.segments] == [s.key for s in changed.segments]
    assert first.version < changed.version


def test_a_deleted_module_retracts_all_that_was_said_of_it() -> None:
    translation = modules(("204417;S8812;N;Begeleiding gezin", "204417;S8812;V;Begeleiding gezin"))
    (ended,) = translation.retractions
    stated = modules().parts[0]
    assert all(s.key.startswith(f"{ended.key}/") for s in stated.segments)
    assert ended.ending is Ending.DELETED
    assert (ended.asserted_at, ended.version) > (stated.asserted_at, stated.version)


FIRST = "204417;S8812;N;Begeleiding gezin;16-09-2024;;12,75"


def order(found: Translation) -> tuple[str, str]:
    one = found.retractions[0] if found.retractions else found.parts[0]
    return one.asserted_at, one.version


def test_when_a_module_ended_says_nothing_about_which_row_is_the_later_one() -> None:
    stated = modules((FIRST, FIRST.replace(";;12", ";31/12/2024;12")))
    ends_sooner = modules((FIRST, FIRST.replace(";N;", ";W;").replace(";;12", ";1/10/2024;12")))
    runs_again = modules((FIRST, FIRST.replace(";N;", ";W;")))
    deleted = modules((FIRST, FIRST.replace(";N;", ";V;")))
    assert order(stated) < order(ends_sooner) == order(runs_again) < order(deleted)


def test_a_client_that_is_deleted_takes_modules_along_whenever_they_ended() -> None:
    (gone,) = rows_that_delete("204417").retractions
    ended_later = modules((FIRST, FIRST.replace(";;12", ";31/12/2099;12"))).parts[0]
    assert (gone.asserted_at, gone.version) > (ended_later.asserted_at, ended_later.version)
    assert all(s.key.startswith(f"{gone.key}/") for s in ended_later.segments)


def rows_that_delete(client: str) -> Translation:
    header = sample("caw_03").text.splitlines()[0]
    return translated("caw", f"{header}\r\n{client};S1;V;;;;7/1/2025;\r\n".encode())


def test_a_row_without_a_household_is_anonymous_help() -> None:
    part = modules(("204417;S8812;N;Begeleiding gezin", "204417;;N;Begeleiding gezin")).parts[0]
    assert not part.linkable
    assert part.subject.local is None
    assert all("anonymous_help" in s.flags for s in part.segments)


def test_nobody_is_called_a_child_in_a_file_that_holds_no_age() -> None:
    assert {who for one in modules().parts for s in one.segments for who in s.about} == set()
