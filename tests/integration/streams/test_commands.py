"""`deelregie intake` and `deelregie receive`, as a partner types them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway import clock
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.identity.jose import new_signing_jwk
from gateway.streams.commands import intake, receive
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    READER,
    SAMPLE,
    SOURCE,
    World,
    allow,
    deliveries,
    relay_process,
    running,
    status_of,
    until,
    waiting,
)

app = typer.Typer()
app.command()(receive)
app.command()(intake)


def run(world: World, folder: Path, partner: str, *arguments: str) -> Result:
    key = folder / f"{partner}.jwk.json"
    if not key.exists():
        key.write_text(json.dumps(world.keys[partner]))
    environment = {
        "DEELREGIE_HUB": world.hub.settings.issuer,
        "DEELREGIE_PARTNER_KEY": str(key),
        "DEELREGIE_KAFKA_BOOTSTRAP": world.bootstrap,
    }
    return CliRunner().invoke(app, [*arguments], env=environment)


def relayed(world: World) -> None:
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)


def test_receive_prints_a_json_line_for_each_message(served: World, tmp_path: Path) -> None:
    allow(served)
    relayed(served)
    result = run(served, tmp_path, READER, "receive", READER, "--json", "--once", "--timeout", "60")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == deliveries(served, "released")
    assert {line["state"] for line in lines} == {"read"}
    assert {line["bundle"]["resourceType"] for line in lines} == {"Bundle"}


def test_receive_says_plainly_when_a_message_can_no_longer_be_read(
    served: World, tmp_path: Path
) -> None:
    consent = allow(served)
    relayed(served)
    withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    result = run(served, tmp_path, READER, "receive", READER, "--count", "1", "--timeout", "60")
    assert result.exit_code == 0, result.output
    assert "this message can no longer be read: its key is gone" in result.stdout


def test_receive_fails_when_too_few_messages_come_in_time(served: World, tmp_path: Path) -> None:
    result = run(served, tmp_path, READER, "receive", READER, "--count", "1", "--timeout", "1")
    assert (result.exit_code, result.stdout) == (1, "")


def test_receive_with_a_stranger_s_key_is_refused_in_one_sentence(
    served: World, tmp_path: Path
) -> None:
    allow(served)
    relayed(served)
    (tmp_path / f"{READER}.jwk.json").write_text(json.dumps(new_signing_jwk()))
    result = run(served, tmp_path, READER, "receive", READER, "--once", "--timeout", "60")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == ["deelregie: the hub refused with 401 invalid_client"]


@pytest.mark.parametrize("kafka", [False, True], ids=["http", "kafka"])
def test_intake_hands_in_a_file(served: World, tmp_path: Path, *, kafka: bool) -> None:
    record = tmp_path / "dossier.xml"
    record.write_bytes(SAMPLE.read_bytes() + b"<!-- new -->")
    how = ["--kafka"] if kafka else []
    result = run(served, tmp_path, SOURCE, "intake", SOURCE, str(record), "--partner", SOURCE, *how)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    if kafka:
        assert told == {"topic": "intake.vaph", "offset": 0}
        return
    with relay_process(served):
        until(lambda: status_of(served, told["receipt"]) == "processed")


def test_intake_of_what_the_hub_cannot_read_is_refused_in_one_sentence(
    served: World, tmp_path: Path
) -> None:
    record = tmp_path / "empty.xml"
    record.write_bytes(b"")
    result = run(served, tmp_path, SOURCE, "intake", SOURCE, str(record), "--partner", SOURCE)
    assert result.exit_code == 1
    assert result.stderr.startswith("deelregie: the hub refused with 4")
    assert len(result.stderr.splitlines()) == 1


def test_intake_through_kafka_needs_a_cluster(served: World, tmp_path: Path) -> None:
    record = ("intake", SOURCE, str(SAMPLE), "--partner", SOURCE, "--kafka", "--bootstrap", "")
    assert run(served, tmp_path, SOURCE, *record).exit_code == 2


def test_a_file_without_a_private_key_is_refused(served: World, tmp_path: Path) -> None:
    (tmp_path / f"{READER}.jwk.json").write_text("{}")
    result = run(served, tmp_path, READER, "receive", READER, "--once")
    assert result.exit_code == 2
