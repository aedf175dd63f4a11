"""No name, national number or diagnosis appears where it must not: every path, then a search."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway import clock
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import metadata
from gateway.streams.hub_client import HubClient
from gateway.streams.intake_client import Sender, handed, stream_record
from tests.support.families import SAMPLES, Family, a_family
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH, RunningHub, eventually
from tests.support.topics import read_topic, topics_of

# What a source says of people; none of it may stand in a log, topic, key, header, URL or error.
CANARIES = (
    "Noor", "Peeters", "PEETERS", "Yasmina", "El Amrani", "Wouter", "Voorbeeldstraat",
    "F80.2", "F84.0", "F80", "299.00", "autisme", "Autismespectrum", "taalstoornis", "WPPSI",
    "2019-03-14", "14/3/2019", "vrolijke kleuter", "204418", "jb09",
)  # fmt: skip
SHORT = 4


@pytest.fixture(scope="module")
def everything_happened(system: RunningHub) -> Family:
    """Take one family through every path of the hub, with mistakes on the way."""
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    clb = system.delivered(CLB, family.clb_2024)
    system.delivered(CAW, family.record("caw", "caw_01_onthaal_export.csv"), "text/csv")
    sheet = (SAMPLES / "childcare" / "ko_inlichtingenfiche_noor.json").read_bytes()
    system.delivered(CHILDCARE, sheet, "application/json")
    _through_the_stream(system, family)
    consents = [parent.given(CLB, ["diagnosis", "functional"]) for parent in system.parents(family)]
    patient = clb["parts"][0]["patient"]
    system.search(CLB, "Condition", patient)
    eventually(lambda: read_topic(system.bootstrap, f"partner.{CLB}"))
    mother = system.parents(family)[0]
    mother.stop(consents[0])
    mother.client.get("/wie-keek")
    _through_the_acts(system, family, patient)
    system.person("an-auditor").client.get("/log")
    return family


def _through_the_acts(system: RunningHub, family: Family, patient: str) -> None:
    mother, father = system.parents(family)
    father.say_no("refuse", classes=["medical"]).raise_for_status()
    father.contest(mother.given(CLB, ["logistics"])).raise_for_status()
    asked = {"patient": patient, "classes": ["diagnosis"], "purpose": "care"}
    until = str(clock.brussels_date(clock.now()) + timedelta(days=30))
    system.call(CLB, "POST", "/proposals", json={**asked, "until": until}).raise_for_status()
    found = {
        "patient": patient,
        "outcome": "capable",
        "reasons": "Noor Peeters overziet de gevolgen, ook met taalstoornis en autisme.",
        "assessor": "Yasmina El Amrani",
    }
    system.call(CLB, "POST", "/assessments", json=found).raise_for_status()


def _through_the_stream(system: RunningHub, family: Family) -> None:
    client = HubClient(system.base_url, VAPH, system.keys[VAPH])
    record = handed("vaph", "x.xml", family.vaph_2024, content_type=None, idempotency_key=None)
    sender = Sender(partner=VAPH, private_jwk=system.keys[VAPH])
    stream_record(client, sender, record, bootstrap=system.bootstrap, at=clock.now())
    client.close()

    def taken_in() -> Any:
        auditor = system.person("an-auditor").client
        return len(auditor.get("/log?act=intake&partner=vaph").json()["entries"]) > 1

    eventually(taken_in)


def _canaries(family: Family) -> tuple[str, ...]:
    return (*CANARIES, family.child, family.mother, family.father, family.dossier)


def _found(text: str, family: Family) -> list[str]:
    any_canary = "|".join(re.escape(one) for one in _canaries(family))
    return re.findall(rf"(?<!\w)(?:{any_canary})(?!\w)", text)


def test_no_canary_stands_in_any_log(system: RunningHub, everything_happened: Family) -> None:
    logs = list(Path(system.stack.addresses.logs).glob("*.log"))
    assert len(logs) >= 5
    for log in logs:
        assert _found(log.read_text(errors="replace"), everything_happened) == [], log.name


def test_no_canary_stands_in_any_topic_key_header_or_message(
    system: RunningHub, everything_happened: Family
) -> None:
    topics = sorted(topics_of(system.bootstrap))
    assert {f"partner.{CLB}", "intake.vaph"} <= set(topics)
    for topic in topics:
        for one in read_topic(system.bootstrap, topic):
            parts = [topic.encode(), one.key or b"", one.value or b"", *_headers(one)]
            told = b" ".join(parts).decode(errors="replace")
            assert _found(told, everything_happened) == [], topic


def _headers(message: Any) -> list[bytes]:
    return [part for name, value in message.headers for part in (name.encode(), value)]


def test_what_lies_in_the_topics_is_ciphertext(
    system: RunningHub, everything_happened: Family
) -> None:
    for topic in (f"partner.{CLB}", "intake.vaph"):
        values = [one.value for one in read_topic(system.bootstrap, topic)]
        assert values
        for value in values:
            assert value.count(b".") == 4 or set(json.loads(value)) == {"withdrawn"}


def test_no_canary_stands_in_an_error_body_or_its_headers(
    system: RunningHub, everything_happened: Family
) -> None:
    record = everything_happened.vaph_2023
    answers = [
        system.deliver(VAPH, record[:2000]),
        system.deliver(VAPH, record.replace(b"<Repliek>", b"<!DOCTYPE Noor><Repliek>")),
        system.deliver(VAPH, record + b"\n", "text/Noor"),
        system.call(CLB, "GET", "/fhir/Condition/Noor"),
        system.call(CLB, "GET", "/fhir/Noor?patient=Peeters"),
        system.call(CLB, "POST", "/keys", json={"ids": "Noor Peeters"}),
        system.call(CLB, "POST", "/keys", json={"ids": ["Noor"] * 501}),
        system.call(CLB, "POST", "/proposals", json={"patient": "Noor", "Peeters": 1}),
        system.call(CLB, "POST", "/assessments", json={"patient": "Noor", "outcome": "autisme"}),
    ]
    for answer in answers:
        assert answer.status_code >= httpx.codes.BAD_REQUEST
        told = answer.text + str(dict(answer.headers))
        assert _found(told, everything_happened) == [], answer.url


def test_no_canary_stands_in_any_link_of_the_pages(
    system: RunningHub, everything_happened: Family
) -> None:
    mother = system.parents(everything_happened)[0]
    for path in ("/", "/wie-keek"):
        links = re.findall(r'(?:href|action|src)="([^"]*)"', mother.client.get(path).text)
        assert links
        assert _found(" ".join(links), everything_happened) == []


def test_the_database_holds_no_canary_in_clear(
    system: RunningHub, everything_happened: Family
) -> None:
    with transaction(system.hub.engine) as tx:
        for table in metadata.sorted_tables:
            if table.name == "partner":
                continue  # services are public organisations
            for row in tx.execute(select(table)):
                for value in row:
                    assert _found_in(value, everything_happened) == [], table.name


def _found_in(value: object, family: Family) -> list[str]:
    found = _found(_as_text(value), family)
    # Among a million random bytes of ciphertext some code of three stands by chance.
    return [one for one in found if not isinstance(value, bytes) or len(one) > SHORT]


def _as_text(value: object) -> str:
    # Bytes as they lie on disk: in hexadecimal no name would ever be found.
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def test_the_search_itself_would_find_a_canary(everything_happened: Family) -> None:
    assert _found("a line about Noor", everything_happened) == ["Noor"]
    assert _found(f"insz={everything_happened.child};", everything_happened)
    assert _found(_as_text(b"Noor"), everything_happened) == ["Noor"]
