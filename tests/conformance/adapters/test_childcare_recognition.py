"""A recognition for the care allowance tells of needs and a period, and of no diagnosis."""

import pytest

from adapters.contract import Fate, IdentityChange, NumberChange, Part, Segment, Translation, dump
from tests.conformance.adapters.samples import sample, translated

RAW = sample("ko_06").raw.decode()


def answer(*changes: tuple[str, str]) -> Translation:
    text = RAW
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return translated("childcare", text.encode())


def only_part(found: Translation) -> Part:
    (part,) = found.parts
    return part


def segments(found: Translation, kind: str) -> list[Segment]:
    return [one for one in only_part(found).segments if one.resource["resourceType"] == kind]


def test_the_points_are_scores_with_their_total() -> None:
    (points,) = segments(answer(), "Observation")
    assert points.resource["valueQuantity"]["value"] == 11
    assert [one["valueQuantity"]["value"] for one in points.resource["component"]] == [2, 5, 4]
    assert points.data_class == "diagnostic_report"


def test_the_recognition_covers_a_period_that_may_begin_before_the_decision() -> None:
    (cover,) = segments(answer(), "Coverage")
    assert cover.resource["period"] == {"start": "2024-11-01", "end": "2028-03-31"}
    assert cover.resource["extension"][0]["valueDate"] == "2025-01-20"
    assert cover.data_class == "functional"


def test_there_is_no_diagnosis_in_it() -> None:
    assert segments(answer(), "Condition") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("<pillarsTotal>11<", "<pillarsTotal>12<"), "total-inconsistent"),
        (("<pillar1>2<", "<pillar1>7<"), "value-implausible"),
        (("<pillar3>4<", "<pillar3>vier<"), "number-invalid"),
    ],
)
def test_points_that_cannot_be_are_refused_and_the_period_stands(
    change: tuple[str, str], code: str
) -> None:
    found = answer(change)
    assert [one.code for one in found.rejections] == [code]
    assert segments(found, "Observation") == []
    assert len(segments(found, "Coverage")) == 1


def test_points_without_a_total_cannot_be_checked() -> None:
    found = answer(("<pillarsTotal>11</pillarsTotal>", ""))
    assert segments(found, "Observation") == []
    fates = {line.fate for line in found.account if "/pillars/" in line.path}
    assert fates == {Fate.REJECTED}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("RECOGNITION_DETERMINED", "RECOGNITION_REVIEWED"), "unknown-code"),
        (("<decisionStatus>RECOGNITION_DETERMINED</decisionStatus>", ""), "missing-field"),
        (("<dateOfDecision>2025-01-20<", "<dateOfDecision>2025-02-31<"), "date-invalid"),
        (("<dateOfDecision>2025-01-20<", "<dateOfDecision><"), "missing-field"),
    ],
)
def test_a_decision_that_may_not_stand_is_refused(change: tuple[str, str], code: str) -> None:
    found = answer(change)
    assert [one.code for one in found.rejections] == [code]
    assert segments(found, "Coverage") == []


def test_the_sign_for_an_open_end_is_no_end() -> None:
    (cover,) = segments(answer(("2028-03-31", "9999-12-31")), "Coverage")
    assert cover.resource["period"] == {"start": "2024-11-01"}


def test_an_appeal_is_for_a_person() -> None:
    found = answer(("<appeal>false<", "<appeal>true<"))
    assert [one.code for one in found.questions] == ["appeal-running"]


def test_an_answer_that_found_nothing_is_nobody() -> None:
    results = RAW[RAW.index("<results>") : RAW.index("</results>") + len("</results>")]
    found = answer((results, ""), ("DATA_FOUND", "NO_DATA_FOUND"))
    assert (found.parts, found.rejections) == ((), ())


def test_a_number_that_was_replaced_is_told() -> None:
    part = only_part(answer(("<ssin>", '<ssin canceled="true" replacedBy="21693011733">')))
    assert part.identity == IdentityChange(
        kind=NumberChange.REPLACED, old="19631421243", new="21693011733"
    )
    assert part.subject.insz == "21693011733"


def test_a_number_that_was_cancelled_is_nobodys() -> None:
    found = answer(("<ssin>", '<ssin canceled="true">'))
    assert found.parts == ()
    assert [one.code for one in found.rejections] == ["insz-cancelled"]


def test_the_key_stays_the_same_and_holds_no_number() -> None:
    later = answer(("<pillar1>2<", "<pillar1>3<"), ("<pillarsTotal>11<", "<pillarsTotal>12<"))
    keys = [[one.key for one in only_part(found).segments] for found in (answer(), later)]
    assert keys[0] == keys[1]
    assert not any("19631421243" in key for key in keys[0])


def test_the_moment_of_the_answer_orders_it_when_it_is_there() -> None:
    moment = (
        "<informationCBSS><timestampReply>2025-02-01T10:00:00Z</timestampReply></informationCBSS>"
    )
    found = answer(("<ssin>", f"{moment}<ssin>"))
    assert only_part(found).asserted_at == "2025-02-01T11:00:00+01:00"
    assert b"2025-02-01T11:00:00" in dump(segments(found, "Provenance")[0].resource)


def cover_keys(found: Translation) -> list[str]:
    return [one.key.split("/", 2)[2] for one in segments(found, "Coverage")]


def test_a_revised_decision_takes_the_place_of_the_first() -> None:
    revised = answer(("<dateOfDecision>2025-01-20<", "<dateOfDecision>2025-06-02<"))
    spelled = answer(("<startDateRecognition>2024-11-01<", "<startDateRecognition>01/11/2024<"))
    assert cover_keys(answer()) == cover_keys(revised) == cover_keys(spelled)
    assert only_part(answer()).asserted_at < only_part(revised).asserted_at


def test_of_two_decisions_about_one_period_the_later_one_stands() -> None:
    begin, end = "<handicapRecognition>", "</handicapRecognition>"
    one = RAW[RAW.index(begin) : RAW.index(end) + len(end)]
    later = one.replace("2025-01-20", "2025-06-02").replace("2028-03-31", "2027-03-31")
    for both in (one + later, later + one):
        found = answer((one, both))
        (cover,) = segments(found, "Coverage")
        assert cover.resource["period"]["end"] == "2027-03-31"
        assert found.rejections == ()
