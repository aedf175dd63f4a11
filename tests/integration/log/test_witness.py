"""A partner's witness cosigns a log that goes on, and never one that was rewritten behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from gateway import clock
from gateway.embedded.postgres import Postgres
from gateway.exchange.audit.cosign_log import register_witness
from gateway.streams.hub_client import HubClient
from gateway.streams.witness import NotCosignedError, Watch, cosign_newest
from gateway.transparency.note import KeyKind, SignerKey, VerifierKey
from gateway.transparency.verify_log import verify
from tests.integration.log.calling import Api
from tests.integration.log.world import Log, a_log
from tests.support.running_hub import CLB, register_partners

KEY = SignerKey.generate("clb.example/witness", KeyKind.WITNESS)


class Calls:
    """What a witness asks of the hub, without a network."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def checkpoint(self) -> str:
        return self.api.partner(CLB, "GET", "/log/checkpoint").text

    def consistency(self, first: int, second: int) -> list[str]:
        path = f"/log/proof/consistency?first={first}&second={second}"
        found: list[str] = self.api.partner(CLB, "GET", path).json()["consistency_path"]
        return found

    def cosign(self, note: str) -> None:
        answer = self.api.partner(CLB, "POST", "/log/cosignatures", content=note)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def log(postgres_server: Postgres, database_url: str) -> Iterator[Log]:
    with a_log(postgres_server, database_url) as made:
        register_partners(made.hub)
        register_witness(made.hub, str(KEY.verifier), partner=CLB, at=clock.now())
        made.at = clock.now()
        yield made


@pytest.fixture
def client(log: Log) -> Iterator[HubClient]:
    api = Api(log)
    yield cast("HubClient", Calls(api))
    api.close()


def a_watch(log: Log, folder: Path) -> Watch:
    return Watch(log=VerifierKey.parse(log.key), key=KEY, seen=folder / "seen.txt")


def test_a_witness_cosigns_what_continues_and_refuses_what_was_rewritten(
    log: Log, client: HubClient, tmp_path: Path
) -> None:
    watch = a_watch(log, tmp_path)
    for expected in (25, 45, 65):
        log.grow(20)
        assert cosign_newest(client, watch) == expected
    assert cosign_newest(client, watch) == 65
    kept = watch.seen.read_text("utf-8")
    found = verify(log.export(), log.key, kept=[kept], witnesses=[str(KEY.verifier)])
    assert (found["ok"], found["cosigned"]) == (True, {KEY.name: 65})

    # The operator, with the log's own key, begins again with other lines.
    log.sql("truncate log_leaf, log_tile, log_checkpoint cascade")
    log.sql("update access_log set outcome = 'nothing' where id = 12")
    log.integrate()
    with pytest.raises(NotCosignedError, match="forked"):
        cosign_newest(client, watch)
    log.grow(20)
    with pytest.raises(NotCosignedError, match="rewritten"):
        cosign_newest(client, watch)
    assert watch.seen.read_text("utf-8") == kept
    found = verify(log.export(), log.key, kept=[kept])
    assert [one["kind"] for one in found["findings"]] == ["forked"]


def test_a_witness_cosigns_no_log_of_another_key(
    log: Log, client: HubClient, tmp_path: Path
) -> None:
    log.grow(5)
    other = SignerKey.generate("hub.test/log").verifier
    watch = Watch(log=other, key=KEY, seen=tmp_path / "seen.txt")
    with pytest.raises(NotCosignedError, match="not signed with the key"):
        cosign_newest(client, watch)
    assert not watch.seen.exists()
