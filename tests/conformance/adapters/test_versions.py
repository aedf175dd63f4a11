"""An old version that is exported again brings nothing back: the source's own number decides."""

import json
from itertools import permutations
from uuid import UUID

import pytest

from adapters.contract import Translation, dump
from gateway.exchange.records.origin import Origin
from gateway.fhir.standing import Base, Told, order_of
from tests.conformance.adapters.samples import sample, translated

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ORIGIN = Origin(receipt=UUID(int=1), partner="one", source="one", delivered_by="one", sha256=b"1")


def standing(key: str, *told: Translation) -> Told:
    """What counts of a statement after all of these, folded as the hub does."""
    known = Told()
    for found in told:
        for part in found.parts:
            for one in part.segments:
                if one.key == key:
                    order = ORIGIN.order_of_segment(part, one)
                    known = known.with_base(Base(order, dump(one.resource)))
        for end in found.retractions:
            if end.key and f"{key}/".startswith(f"{end.key}/"):
                known = known.with_end(end.ending, order_of(end.asserted_at, end.version))
    return known


def in_any_order(key: str, *told: Translation) -> Told:
    (found,) = {
        repr(standing(key, *one)): standing(key, *one) for one in permutations(told)
    }.values()
    return found


def report(number: int, on: str, body: str) -> Translation:
    raw = sample("clb_04").raw.decode()
    head, _ = raw.split("    <diagnose ")
    head = head.replace("<volgnummer>2<", f"<volgnummer>{number}<", 1)
    head = head.replace("2024-11-29T17:03:11", on)
    told = f"{head}{body}</verslag></larsExport>"
    return translated("clb", told.encode())


DIAGNOSIS = (
    '<diagnose classificatie="ICD-10" code="F80.2" bron="NKO-dienst">Taalstoornis</diagnose>'
)
UNDONE = '<ongedaan classificatie="ICD-10" code="F80.2" volgnummer="1">Fout</ongedaan>'


def test_a_diagnosis_taken_back_stays_away_when_the_first_version_is_exported_again() -> None:
    key = f"report/V-2024-2991/diagnosis/{ICD_10}/F80.2"
    first = report(1, "2024-05-08T09:00:00", DIAGNOSIS)
    second = report(2, "2024-11-29T17:03:11", UNDONE)
    again = report(1, "2025-02-01T09:00:00", DIAGNOSIS)
    assert in_any_order(key, first, second, again).ending == "entered-in-error"
    third = report(3, "2025-01-01T09:00:00", DIAGNOSIS)
    assert in_any_order(key, first, second, again, third).ending is None


def test_a_deleted_message_stays_deleted_when_it_is_exported_again() -> None:
    key = "message/LARS-2024-549002"
    gone = '</verslag><verwijderd id="LARS-2024-549002"/><verslag>'
    other = report(1, "2024-12-01T09:00:00", gone)
    told = report(1, "2024-05-08T09:00:00", DIAGNOSIS)
    again = report(1, "2025-02-01T09:00:00", DIAGNOSIS)
    assert [one.key for one in other.retractions] == [key]
    assert in_any_order(key, told, other, again).ending == "deleted"


@pytest.mark.parametrize("name", ["clb_04"])
def test_a_person_and_an_organisation_follow_the_moment_since_no_number_is_theirs(
    name: str,
) -> None:
    (part,) = translated("clb", sample(name).raw).parts
    own = {one.key.split("/")[0] for one in part.segments if one.version is None}
    assert own == {"pupil", "organization"}
    assert {one.version for one in part.segments} == {None, "v000000002"}


def decided(version: int, action: str, on: str) -> Translation:
    document = json.loads(sample("gp_01").raw)
    first = document["beslissingen"][0] | {"versie": version, "actie": action}
    document["bericht"]["tijdstip"] = on
    return translated("groeipakket", json.dumps({**document, "beslissingen": [first]}).encode())


def test_a_withdrawn_decision_stays_away_when_the_first_version_is_sent_again() -> None:
    first = decided(1, "TOEGEKEND", "2024-07-01T09:00:00+02:00")
    gone = decided(2, "INGETROKKEN", "2024-08-01T09:00:00+02:00")
    again = decided(1, "TOEGEKEND", "2024-09-01T09:00:00+02:00")
    (ended,) = gone.retractions
    assert ended.key
    assert in_any_order(ended.key, first, gone, again).ending == "withdrawn"
    anew = decided(3, "TOEGEKEND", "2024-08-15T09:00:00+02:00")
    assert in_any_order(ended.key, first, gone, again, anew).ending is None


def child_report(version: int, on: str, conclusion: str) -> Translation:
    document = json.loads(sample("ko_04").raw)
    document |= {"versie": version, "aangemaaktOp": on, "conclusie": conclusion}
    return translated("childcare", json.dumps(document).encode())


def test_a_report_on_a_child_keeps_its_newest_version_and_ends_in_every_version() -> None:
    first = child_report(1, "2024-12-12T09:00:00+01:00", "Eerst.")
    second = child_report(2, "2025-01-09T09:00:00+01:00", "Daarna.")
    again = child_report(1, "2025-02-01T09:00:00+01:00", "Eerst.")
    key = "report/KR-2024-900077/conclusion"
    base = in_any_order(key, first, second, again).base
    assert base
    assert b"Daarna." in base.content
    document = json.loads(sample("ko_05").raw)
    (message,) = [one for one in document["meldingen"] if one["soort"] == "RAPPORT_INGETROKKEN"]
    message["rapportId"] = "KR-2024-900077"
    gone = translated("childcare", json.dumps({"meldingen": [message]}).encode())
    assert in_any_order(key, first, gone, second, again).ending == "withdrawn"


def contact(number: str, made: str, length: str) -> Translation:
    document = json.loads(sample("clb_02").raw)
    one = document["records"][0] | {"volgnummer": number, "lengte_cm": length}
    return translated("clb", json.dumps({**document, "tijdstip": made, "records": [one]}).encode())


def test_a_contact_keeps_its_newest_version_when_an_older_one_is_exported_again() -> None:
    told = [
        contact("1", "2024-10-08T09:00:00+02:00", "112,4"),
        contact("2", "2024-10-09T09:00:00+02:00", "114,2"),
        contact("1", "2024-10-10T09:00:00+02:00", "112,4"),
    ]
    assert all(one.rejections == () for one in told)
    (key,) = [
        one.key for one in told[0].parts[0].segments if "114.2" in repr(one) or "112.4" in repr(one)
    ]
    base = in_any_order(key, *told).base
    assert base
    assert b"114.2" in base.content
