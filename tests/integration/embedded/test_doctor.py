import json

import pytest

from gateway.embedded import doctor
from gateway.embedded.doctor import Finding, State, run_doctor
from gateway.embedded.kafka import Broker
from gateway.embedded.ports import free_port


def lines(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    return {line["name"]: line for line in json.loads(capsys.readouterr().out)}


def test_doctor_finds_what_the_demo_needs_on_this_machine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = run_doctor(as_json=True)
    found = lines(capsys)
    needed = ("Python", "PostgreSQL", "Kafka broker (Tansu)", "test sign-in", "clock")
    assert {found[name]["state"] for name in needed} == {"ok"}
    assert "18." in found["PostgreSQL"]["found"]
    assert code == int(any(line["state"] == "missing" for line in found.values()))


def test_doctor_names_what_is_missing_and_how_to_mend_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_lacking() -> Finding:
        return doctor._missing("Lacking", "absent", "install `lacking`")

    monkeypatch.setattr(doctor, "NEEDED", (check_lacking,))
    assert run_doctor() == 1
    printed = capsys.readouterr().out
    assert "missing" in printed
    assert "install `lacking`" in printed


def test_what_is_optional_does_not_fail_the_doctor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(doctor, "NEEDED", ())
    assert run_doctor(as_json=True) == 0
    found = lines(capsys)
    assert found["Maven (Apache Kafka)"]["state"] == "optional"
    assert "maven" in found["Maven (Apache Kafka)"]["mend"]


def test_doctor_asks_the_configured_servers_and_repeats_no_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = free_port()
    monkeypatch.setenv(
        "DEELREGIE_DATABASE_URL", f"postgresql+psycopg://u:hidden@127.0.0.1:{closed}/d"
    )
    monkeypatch.setenv("DEELREGIE_KAFKA_BOOTSTRAP", f"127.0.0.1:{closed}")
    assert run_doctor(as_json=True) == 1
    printed = capsys.readouterr().out
    assert "hidden" not in printed
    found = {line["name"]: line for line in json.loads(printed)}
    assert found["database"]["state"] == State.MISSING
    assert found["Kafka"]["state"] == State.MISSING


def test_doctor_recognises_servers_that_answer(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    empty_database_url: str,
    broker: Broker,
) -> None:
    monkeypatch.setenv("DEELREGIE_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("DEELREGIE_KAFKA_BOOTSTRAP", broker.bootstrap)
    run_doctor(as_json=True)
    found = lines(capsys)
    assert found["database"]["found"] == "PostgreSQL 18 answers"
    assert found["Kafka"]["state"] == State.OK
