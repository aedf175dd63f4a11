"""Partners hand in records in their own format: nothing accepted is lost, nothing bad gets in."""

import json
from typing import Any
from uuid import UUID

import httpx
import pytest

from gateway import clock
from gateway.kit.damage import damaged
from gateway.kit.samples import SOURCES
from gateway.store import receipts
from gateway.store.engine import transaction
from tests.support.families import a_family
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH, RunningHub, eventually

XML, CSV, JSON = "application/xml", "text/csv", "application/json"


def test_a_record_is_accepted_and_every_part_and_field_is_accounted_for(
    system: RunningHub,
) -> None:
    receipt = system.delivered(VAPH, a_family().vaph_2023)
    assert [part["outcome"] for part in receipt["parts"]] == ["stored"]
    assert {line["fate"] for line in receipt["account"]} <= {"mapped", "minimised"}
    assert receipt["refused"] is None


def test_a_repeat_gets_the_same_receipt_and_changes_nothing(system: RunningHub) -> None:
    record = a_family().vaph_2023
    first = system.deliver(VAPH, record).json()
    again = system.deliver(VAPH, record).json()
    assert (again["receipt"], again["repeated"]) == (first["receipt"], True)


def test_an_idempotency_key_for_other_content_is_refused_with_the_remedy(
    system: RunningHub,
) -> None:
    family = a_family()
    key = {"Idempotency-Key": f"delivery-{family.dossier}"}
    assert system.deliver(VAPH, family.vaph_2023, **key).status_code == httpx.codes.ACCEPTED
    answer = system.deliver(VAPH, family.vaph_2024, **key)
    assert answer.status_code == httpx.codes.CONFLICT
    assert "new key" in answer.json()["detail"]


def test_the_exact_bytes_of_the_original_are_kept(system: RunningHub) -> None:
    record = a_family().vaph_2023
    receipt = system.delivered(VAPH, record)
    with transaction(system.hub.engine) as tx:
        assert receipts.original_of(tx, system.hub.vault, UUID(receipt["id"])) == record


def test_another_partner_cannot_read_the_receipt(system: RunningHub) -> None:
    receipt = system.deliver(VAPH, a_family().vaph_2023).json()
    own = system.call(CLB, "GET", receipt["location"])
    absent = system.call(CLB, "GET", "/intake/receipts/6f1ed002-ab5d-4d07-9a2c-0d1f2f2b7c11")
    assert own.status_code == absent.status_code == httpx.codes.NOT_FOUND
    assert own.content == absent.content


BAD = {
    "empty file": (VAPH, b"", XML, 400),
    "truncated file": (VAPH, a_family().vaph_2023[:900], XML, 400),
    "DTD in XML": (VAPH, b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', XML, 400),
    "too deep": (VAPH, b"<a>" * 5000 + b"</a>" * 5000, XML, 400),
    "duplicate JSON keys": (CHILDCARE, b'{"ficheId": "1", "ficheId": "2"}', JSON, 400),
    "deep JSON": (CHILDCARE, b"[" * 5000 + b"]" * 5000, JSON, 400),
    "wrong encoding": (CHILDCARE, '{"naam": "Zoë"}'.encode("cp1252"), JSON, 415),
    "wrong content type": (VAPH, a_family().vaph_2023, "image/png", 415),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_clear_error_that_names_place_and_remedy(
    system: RunningHub, name: str
) -> None:
    partner, raw, content_type, status = BAD[name]
    answer = system.deliver(partner, raw, content_type)
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code in {status, 422}, problem
    assert problem["where"]
    assert len(problem["detail"]) > 10


def test_the_original_of_a_refused_record_is_kept_and_a_repeat_is_refused_alike(
    system: RunningHub,
) -> None:
    record = a_family().vaph_2023[:900]
    first, again = system.deliver(VAPH, record), system.deliver(VAPH, record)
    assert first.json() == again.json()
    receipt = system.call(VAPH, "GET", f"/intake/receipts/{first.json()['receipt']}").json()
    assert receipt["status"] == "refused"
    assert receipt["size"] == len(record)


def test_an_oversized_record_is_refused_before_it_is_read_whole(system: RunningHub) -> None:
    answer = system.deliver(VAPH, b"<x>" + b" " * 20_000_001 + b"</x>")
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


def test_an_unknown_source_is_named_with_the_known_ones(system: RunningHub) -> None:
    answer = system.call(VAPH, "POST", "/intake/nowhere", content=b"x")
    assert answer.status_code == httpx.codes.NOT_FOUND
    assert "childcare" in answer.json()["detail"]


def test_a_partner_delivers_only_to_its_own_source(system: RunningHub) -> None:
    answer = system.call(
        CLB, "POST", "/intake/vaph", content=a_family().vaph_2023, headers={"Content-Type": XML}
    )
    assert answer.status_code == httpx.codes.FORBIDDEN


def test_a_bad_row_in_a_good_file_waits_for_a_person_and_the_rest_goes_on(
    system: RunningHub,
) -> None:
    family = a_family()
    raw = family.record("caw", "caw_01_onthaal_export.csv")
    lines = raw.split(b"\r\n")
    broken = next(i for i, line in enumerate(lines) if line.startswith(b"204418"))
    lines[broken] = lines[broken].replace(b"14/3/2019", b"31/2/2019")
    receipt = system.delivered(CAW, b"\r\n".join(lines), CSV)
    outcomes = {part["outcome"] for part in receipt["parts"]}
    assert "rejected" in outcomes
    assert "kept_in_original" in outcomes
    rejected = next(part for part in receipt["parts"] if part["outcome"] == "rejected")
    assert rejected["where"]
    assert rejected["message"]


def test_records_without_a_national_number_wait_and_anonymous_help_is_never_linked(
    system: RunningHub,
) -> None:
    receipt = system.delivered(CAW, a_family().record("caw", "caw_01_onthaal_export.csv"), CSV)
    by_code = {part["code"]: part["outcome"] for part in receipt["parts"] if part["code"]}
    assert by_code["anonymous"] == "kept_in_original"
    assert by_code["identity-match"] == "review"


def test_no_error_body_repeats_what_was_sent(system: RunningHub) -> None:
    marker = "Geheimenaam"
    body = json.dumps({"ficheId": marker, "kind": {"naam": marker}}).encode()
    for raw in (body, body[:-5], body.replace(b'"kind"', b'"ficheId"')):
        assert marker not in system.deliver(CHILDCARE, raw, JSON).text


def test_at_least_one_record_was_logged_as_intake(system: RunningHub) -> None:
    system.delivered(VAPH, a_family().vaph_2023)
    auditor = system.person("an-auditor")
    page = auditor.client.get("/log?act=intake").json()
    assert page["entries"][0]["act"] == "intake"
    assert page["entries"][0]["at"] <= clock.now().isoformat()


def test_a_record_refused_for_its_header_is_welcome_with_the_right_one(
    system: RunningHub,
) -> None:
    record = a_family().vaph_2023
    wrong = system.deliver(VAPH, record, "image/png")
    assert wrong.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE
    right = system.deliver(VAPH, record, XML)
    assert right.status_code == httpx.codes.ACCEPTED
    assert right.json()["receipt"] == wrong.json()["receipt"]
    assert system.delivered(VAPH, record)["status"] == "processed"


def test_one_number_twice_in_a_file_is_one_child(system: RunningHub) -> None:
    family = a_family()
    raw = family.record("caw", "caw_01_onthaal_export.csv")
    row = next(line for line in raw.split(b"\r\n") if line.startswith(b"204418"))
    known = row.replace(b";;N;14/3/2019", f";{family.child};J;14/3/2019".encode())
    again = known.replace(b"204418", b"204419")
    receipt = system.delivered(CAW, raw.replace(row, known + b"\r\n" + again), CSV)
    patients = [part["patient"] for part in receipt["parts"] if part["outcome"] == "stored"]
    assert len(patients) == 2
    assert len(set(patients)) == 1


def test_a_person_finds_the_refused_row_in_the_queue_and_closes_it(system: RunningHub) -> None:
    raw = a_family().record("caw", "caw_01_onthaal_export.csv")
    row = next(line for line in raw.split(b"\r\n") if line.startswith(b"204418"))
    bad = raw.replace(row, row.replace(b"14/3/2019", b"31/2/2019"))
    receipt = system.delivered(CAW, bad, CSV)["id"]

    def waiting() -> list[dict[str, str]]:
        lines = system.stack.run("review", "list", "--json").splitlines()
        return [one for one in map(json.loads, lines) if one["receipt"] == receipt]

    (item,) = waiting()
    assert item["kind"] == "rejected_part"
    assert "31/2/2019" not in json.dumps(item)
    system.stack.run("review", "close", item["id"])
    assert waiting() == []


def test_damaged_records_give_no_server_error_and_are_stored_whole_or_not_at_all(
    system: RunningHub,
) -> None:
    accepted: list[tuple[str, str]] = []
    for partner, raw, content_type in WHOLE:
        for damage in damaged(raw, seed=7, times=12):
            answer = system.deliver(partner, damage, content_type)
            assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
            if answer.status_code == httpx.codes.ACCEPTED:
                accepted.append((partner, answer.json()["location"]))
    assert accepted
    for partner, location in accepted:
        receipt = eventually(lambda: processed(system, partner, location))  # noqa: B023
        stored = [part for part in receipt["parts"] if part["outcome"] == "stored"]
        assert all(part["resources"] for part in stored)


WHOLE = [
    (VAPH, a_family().vaph_2023, XML),
    (CLB, (SOURCES / "clb" / "clb_01_noor_hgd_traject.xml").read_bytes(), XML),
    (CAW, (SOURCES / "caw" / "caw_01_onthaal_export.csv").read_bytes(), CSV),
    (CHILDCARE, (SOURCES / "childcare" / "ko_02_inlichtingenfiche_milan.json").read_bytes(), JSON),
]


def processed(system: RunningHub, partner: str, location: str) -> Any:
    """The receipt once nothing of it waits any more."""
    receipt = system.call(partner, "GET", location).json()
    return receipt if receipt["status"] in {"processed", "refused"} else None
