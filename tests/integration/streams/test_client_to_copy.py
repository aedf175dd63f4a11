"""The client of docs/examples, run as somebody would who copied it."""

import json
import subprocess
import sys
from pathlib import Path

from gateway import clock
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    running,
    until,
    waiting,
)

EXAMPLE = Path("docs/examples/receive_kafka.py")


def relayed(world: World) -> None:
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)


def test_it_reads_what_may_be_read_and_is_told_what_to_remove(
    served: World, tmp_path: Path
) -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 70
    consent = allow(served)
    relayed(served)
    key = tmp_path / "private.jwk"
    key.write_text(json.dumps(served.keys[READER]))
    issuer, brokers = served.hub.settings.issuer, served.bootstrap
    command = [sys.executable, str(EXAMPLE), issuer, brokers, READER, str(key)]

    def lines(count: int) -> list[dict[str, object]]:
        run = [*command, str(count)]
        said = subprocess.run(run, check=True, capture_output=True, timeout=90).stdout
        return [json.loads(line) for line in said.splitlines()]

    sent = deliveries(served, "sent")
    assert [one["id"] for one in lines(len(sent))] == sent
    assert deliveries(served, "released") == sent
    withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    relayed(served)
    (notice,) = lines(1)
    assert notice["content"] == {"withdrawn": sent}
