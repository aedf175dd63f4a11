"""A struck dossier ends all that VAPH said about the person, and says nothing itself."""

import pytest

from adapters.contract import Ending, Fate, ReadOptions, Retraction, Translation
from tests.conformance.adapters.samples import sample, translated, unreadable


def struck(*changes: tuple[str, str]) -> Translation:
    raw = sample("vaph_05").raw.decode()
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new)
    return translated("vaph", raw.encode())


def retraction(translation: Translation) -> Retraction:
    (found,) = translation.retractions
    return found


def test_everything_that_vaph_said_about_the_person_is_withdrawn() -> None:
    translation = struck()
    one = retraction(translation)
    assert (one.key, one.ending, one.where) == (None, Ending.WITHDRAWN, "/vaphMelding")
    assert one.subject is not None
    assert (one.subject.insz, one.subject.local) == ("16660514646", "9900789")
    assert one.asserted_at == one.version == "2025-02-11T11:05:42+01:00"
    assert (translation.parts, translation.rejections) == ((), ())


def test_why_and_with_what_effect_stays_in_the_original() -> None:
    fates = {line.path.split("/", 2)[2]: line for line in struck().account}
    for place in ("reden/code", "reden/omschrijving", "gevolg", "ingangsdatum"):
        assert fates[place].fate is Fate.MINIMISED
    assert fates["persoon/rijksregisternummer"].to == ("Retraction.subject",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("16660514646", "16660514647"), "insz-invalid"),
        (("16660514646", ""), "insz-missing"),
        (("2025-02-11T11:05:42+01:00", ""), "missing-field"),
        (("2025-02-11T11:05:42+01:00", "onlangs"), "date-invalid"),
    ],
)
def test_without_a_sure_person_or_instant_nothing_ends(change: tuple[str, str], code: str) -> None:
    translation = struck(change)
    assert translation.retractions == ()
    assert [one.code for one in translation.rejections] == [code]
    assert {one.fate for one in translation.account if one.path.endswith("gevolg")} == {
        Fate.REJECTED
    }


def test_a_test_number_strikes_nothing_where_those_are_not_allowed() -> None:
    translation = translated("vaph", sample("vaph_05").raw, ReadOptions())
    assert translation.retractions == ()
    assert [one.code for one in translation.rejections] == ["insz-test-number-refused"]


def test_a_wrong_first_day_is_told_and_the_dossier_is_struck_all_the_same() -> None:
    translation = struck(("2025-02-01", "2025-02-31"))
    assert retraction(translation).ending is Ending.WITHDRAWN
    assert [one.code for one in translation.rejections] == ["date-invalid"]


@pytest.mark.parametrize("change", [("SCHRAPPING", "HERSTEL"), ('versie="0.1"', 'versie="2"')])
def test_another_kind_or_version_of_message_is_not_read_as_this_one(
    change: tuple[str, str],
) -> None:
    raw = sample("vaph_05").raw.decode().replace(*change)
    assert unreadable("vaph", raw.encode()).code == "unexpected-document"
