"""The commands of an operator, an auditor and a partner about the log, with their exit codes."""

import json
import stat
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import fhirkit
import pytest
from typer.testing import CliRunner, Result

from gateway import clock
from gateway.cli import app
from gateway.embedded.postgres import Postgres
from gateway.transparency.note import KeyKind, SignerKey, VerifierKey
from tests.integration.log.world import Log, a_log
from tests.integration.streams.world import environment
from tests.support.running_hub import register_partners


@pytest.fixture(scope="module")
def log(postgres_server: Postgres, template_database: str) -> Iterator[Log]:
    url = postgres_server.create_database("commands", template=template_database)
    with a_log(postgres_server, url) as made:
        register_partners(made.hub)
        made.at = clock.now()
        made.grow(30, batches=3)
        yield made
    postgres_server.drop_database("commands")


def run(log: Log | None, *words: str | Path) -> Result:
    settings = environment(log.hub.settings) if log else {}
    return CliRunner().invoke(app, [str(word) for word in words], env=settings)


def test_an_export_is_private_made_once_and_verifies_without_settings(
    log: Log, tmp_path: Path
) -> None:
    file = tmp_path / "export.log"
    done = run(log, "log", "export", file)
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(log, "log", "export", file).exit_code == 1
    key = run(log, "log", "public-key").output.strip()
    done = run(None, "verify-log", file, "--key", key, "--json")
    assert (done.exit_code, json.loads(done.output)["ok"]) == (0, True)
    kept = tmp_path / "kept.txt"
    kept.write_text(log.newest(), "utf-8")
    assert run(None, "verify-log", file, "--key", key, "--checkpoint", kept).exit_code == 0
    file.write_text(file.read_text("utf-8").replace("permit", "refuse", 1), "utf-8")
    done = run(None, "verify-log", file, "--key", key)
    assert done.exit_code == 1
    assert "changed (leaf " in done.output


def test_the_log_is_exported_as_audit_events_that_lead_to_nobody(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    done = run(log, "log", "export", file, "--format", "fhir")
    assert done.exit_code == 0, done.output
    rows = file.read_text("utf-8").splitlines()
    leaves = [one for one in log.export() if one.startswith("+")]
    assert len(rows) == len(leaves) > 30
    for row, leaf in zip(rows, leaves, strict=True):
        event = json.loads(row)
        assert fhirkit.validate(row) == []
        assert "meta" not in event
        told = {one["type"]: one for one in event["entity"][-1]["detail"]}
        raw = b64decode(told["leaf"]["valueBase64Binary"]).decode()
        assert leaf.rstrip("\n").endswith(f" {raw}")
    [persons] = log.sql("select array_agg(actor), array_agg(child), array_agg(consents::text)"
                        " from access_log where child is not null")  # fmt: skip
    text = file.read_text("utf-8")
    hidden = [str(one).strip("{}").removeprefix("person/") for many in persons for one in many]
    assert [one for one in hidden if one in text] == []
    assert run(log, "log", "export", tmp_path / "x", "--format", "fhir", "--links").exit_code == 2
    assert not (tmp_path / "x").exists()
    [[act]] = log.sql("select act from access_log order by id desc limit 1")
    assert act == "log_exported"


def test_wrong_usage_is_told_apart_from_tampering(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "export.log"
    file.write_text("".join(log.export()), "utf-8")
    other = str(SignerKey.generate("else.example/log").verifier)
    assert run(None, "verify-log", file).exit_code == 2
    for key in ("nonsense", "hub.test/log+00000000+AAAA", other):
        assert run(None, "verify-log", file, "--key", key).exit_code == 2
    assert run(None, "verify-log", tmp_path / "none", "--key", log.key).exit_code == 2
    another = str(SignerKey.generate("hub.test/log").verifier)
    assert run(None, "verify-log", file, "--key", another).exit_code == 1


def test_the_hubs_own_database_is_checked_in_the_same_way(log: Log) -> None:
    done = run(log, "verify-log")
    assert done.exit_code == 0, done.output
    assert "nothing was changed" in done.output
    log.sql("update access_log set outcome = 'refuse' where id = 7")
    try:
        assert run(log, "verify-log").exit_code == 1
    finally:
        log.sql("update access_log set outcome = 'permit' where id = 7")


def test_keys_are_made_for_logs_and_for_witnesses(log: Log) -> None:
    secret, public = run(None, "log", "key", "hub.example/log").output.split()
    assert str(SignerKey.parse(secret).verifier) == public
    witness = run(None, "log", "key", "w.example", "--witness").output.split()[1]
    assert VerifierKey.parse(witness).kind is KeyKind.WITNESS
    assert run(None, "log", "key", "two words").exit_code == 1
    done = run(log, "log", "witness", witness, "--partner", "clb-voorbeeldstreek")
    assert (done.exit_code, done.output) == (0, "w.example may cosign\n")
    assert run(log, "log", "witness", public).exit_code == 1
    assert run(log, "log", "accept-restore").exit_code == 1
