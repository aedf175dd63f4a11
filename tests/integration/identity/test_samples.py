"""The samples' own children: who is recognised, and who must never be."""

from collections.abc import Iterator
from datetime import timedelta
from importlib.resources import files

import pytest
from sqlalchemy import text

from gateway.exchange.hub import Hub
from gateway.exchange.links.link_identity import matches_to_decide
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.store import children
from gateway.store.engine import transaction
from tests.integration.identity.world import BEGIN
from tests.support.families import NOOR
from tests.support.running_hub import CAW, CLB, VAPH
from tests.support.told_story import a_hub

SAMPLES = files("schemas") / "sources"


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    opened = a_hub(database_url)
    yield opened
    opened.engine.dispose()


def deliver(hub: Hub, by: str, name: str, media_type: str) -> None:
    source = by.partition("-")[0]
    incoming = Incoming(
        partner=by,
        source=source,
        raw=(SAMPLES / source / name).read_bytes(),
        content_type=media_type,
        idempotency_key=None,
        channel="http",
    )
    at = BEGIN + timedelta(minutes=1)
    assert isinstance(accept_record(hub, incoming, at=at), Accepted)
    assert process_accepted(hub, limit=10, at=at) == 1


def test_noor_is_proposed_for_the_row_without_her_number(hub: Hub) -> None:
    deliver(hub, VAPH, "vaph_01_dossier_noor_2023.xml", "application/xml")
    deliver(hub, CLB, "clb_01_noor_hgd_traject.xml", "application/xml")
    deliver(hub, CAW, "caw_01_onthaal_export.csv", "text/csv")
    with transaction(hub.engine) as tx:
        [noor] = children.find(tx, "insz", hub.vault.lookup("insz", NOOR))
    [match] = [one for one in matches_to_decide(hub) if str(noor) in one.candidates]
    assert (match.partner, match.reason) == (CAW, "missing-number")
    [proposal] = match.proposals
    assert (proposal["score"], proposal["class"]) in {(85, "strong"), (90, "strong")}


def test_the_anonymous_chat_and_the_parents_rows_propose_nobody(hub: Hub) -> None:
    deliver(hub, CAW, "caw_01_onthaal_export.csv", "text/csv")
    assert len(matches_to_decide(hub)) == 1
    with transaction(hub.engine) as tx:
        codes = tx.execute(text("select code from receipt_part order by position")).scalars().all()
    assert "anonymous" in codes
