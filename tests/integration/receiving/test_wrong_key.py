"""With a key-encryption key that is not the database's the hub does not start nor harm anything."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from gateway import clock
from gateway.cli import app
from gateway.exchange.check_keys import why_not_opened
from gateway.exchange.deliveries.fill_feed import fill_feed
from gateway.exchange.deliveries.park_delivery import MOST_TRIES
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.exchange.hub import Hub
from gateway.store import rewrapping
from gateway.store.engine import transaction
from gateway.store.rewrapping import WRAPPED, rewrap
from gateway.store.vault import KeyUnreadable
from tests.integration.receiving.desk import Desk
from tests.integration.streams.world import environment


@pytest.fixture
def wrong(desk: Desk) -> Hub:
    """The hub of the desk, with a key that its database was not written with."""
    vault = replace(desk.hub.vault, key_encryption_key=secrets.token_bytes(32))
    return replace(desk.hub, vault=vault)


def states(hub: Hub) -> Mapping[str, int]:
    """Return how many rows of the outbox are in each state, and how many keys there are."""
    with transaction(hub.engine) as tx:
        rows = tx.execute(text("select state, count(*) as n from outbox group by 1")).all()
        keys = tx.execute(text("select count(wrapped_key) from delivery")).scalar_one()
    return {**{row.state: row.n for row in rows}, "keys": keys}


def test_a_wrong_key_parks_nothing_and_destroys_no_key(desk: Desk, wrong: Hub) -> None:
    desk.allow()
    sealed = claim_and_seal(desk.hub, limit=2, at=clock.now(), ways={"feed"})
    before = states(desk.hub)
    assert before["due"] > 0
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(KeyUnreadable):
            fill_feed(wrong, limit=100, at=clock.now())
        with pytest.raises(KeyUnreadable):
            claim_and_seal(wrong, limit=100, at=clock.now(), ways={"feed"})
    assert states(desk.hub) == before
    assert desk.fill() > len(sealed)
    messages = [one.id for one in desk.page().events]
    assert set(desk.world.open(messages, at=clock.now()).values()) == {"released"}


def test_serve_and_relay_refuse_a_wrong_key_and_say_what_to_do(desk: Desk, wrong: Hub) -> None:
    key = base64.b64encode(wrong.vault.key_encryption_key).decode()
    given = environment(desk.hub.settings) | {"DEELREGIE_KEY_ENCRYPTION_KEY": key}

    def typed(word: str) -> Result:
        return CliRunner(env=given).invoke(app, [word])

    for refused in (typed("serve"), typed("relay")):
        assert refused.exit_code == 1
        assert "rewrap-keys OLD_KEY_FILE" in refused.output
        assert key not in refused.output


def test_half_a_replacement_is_noticed_under_either_key(
    desk: Desk, wrong: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert why_not_opened(desk.hub) is None
    assert why_not_opened(wrong) is not None
    with monkeypatch.context() as patched:
        patched.setattr(rewrapping, "WRAPPED", WRAPPED[:1])
        assert rewrap(desk.hub.engine, desk.hub.vault, wrong.vault) > 0
    assert why_not_opened(desk.hub) is not None
    assert why_not_opened(wrong) is not None
    rewrap(desk.hub.engine, desk.hub.vault, wrong.vault)
    assert why_not_opened(desk.hub) is not None
    assert why_not_opened(wrong) is None


def test_an_empty_or_absent_database_stops_no_start(desk: Desk, wrong: Hub) -> None:
    with transaction(desk.hub.engine) as tx:
        tx.execute(text("truncate child, receipt, delivery, message_key cascade"))
    assert why_not_opened(wrong) is None
    with transaction(desk.hub.engine) as tx:
        tx.execute(text("drop table message_key cascade"))
    assert why_not_opened(wrong) is None
