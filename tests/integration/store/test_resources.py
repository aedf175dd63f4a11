"""What sources say is kept by version, whatever the order and however often they say it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.records.keep_statements import Owner, keep_statements
from gateway.store import children, partners, receipts, resources
from gateway.store.children import ChildFacts
from gateway.store.engine import transaction
from gateway.store.partners import Partner
from gateway.store.receipts import NewReceipt
from gateway.store.resources import ASSERTION, NewVersion
from tests.integration.streams.world import settings_for

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Shelf:
    """One child of one partner, on which statements are put."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.engine, vault = hub, hub.engine, hub.vault
        self.key, self.receipt, self.partner = b"", uuid4(), f"p-{uuid4()}"
        with transaction(self.engine) as tx:
            partners.save(tx, _partner(self.partner), at=AT)
            receipts.save(tx, vault, _receipt(self.receipt, self.partner), at=AT)
            self.child = children.create(tx, vault, ChildFacts(born="2019-03-14", given=""), at=AT)
            found = children.key_of(tx, vault, self.child)
        assert found is not None
        self.key = found

    def tell(self, *said: tuple[str, str, bytes]) -> set[UUID]:
        """Say several things at once: the source's own key, since when, and what."""
        new = [self._new(*one) for one in said]
        owner = Owner(
            child=self.child,
            partner=self.partner,
            names=frozenset({self.partner}),
            file=frozenset(),
            pictured_by=self.partner,
            receipt=self.receipt,
        )
        with transaction(self.engine) as tx:
            return set(keep_statements(tx, self.hub, self.key, owner, new, at=AT).changed)

    def holds(self) -> list[tuple[int, bytes]]:
        """Return version and content of what is on it, by content."""
        with transaction(self.engine) as tx:
            known = resources.of_child(tx, self.child)
        return sorted(
            ((one.version, resources.open_content(self.key, one)) for one in known),
            key=lambda one: one[1],
        )

    def _new(self, name: str, since: str, content: bytes) -> NewVersion:
        return NewVersion(
            child=self.child,
            partner=self.partner,
            type="Observation",
            data_class="functional",
            about=frozenset({"child"}),
            flags=frozenset(),
            layer=ASSERTION,
            key_hash=name.encode(),
            asserted_at=since,
            content=content,
            receipt=self.receipt,
        )


def _partner(name: str) -> Partner:
    return Partner(
        id=name,
        name=name,
        kind="clb",
        secrecy=None,
        youth_help=None,
        status="active",
        source=None,
        jwks=None,
        jwks_uri=None,
        scopes=frozenset(),
    )


def _receipt(name: UUID, partner: str) -> NewReceipt:
    return NewReceipt(
        id=name,
        partner=partner,
        source="clb",
        channel="http",
        idempotency_key=str(name),
        content_type=None,
        original=b"",
        status="processed",
    )


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    hub = open_hub(settings_for(database_url, "127.0.0.1:1", "http://127.0.0.1:1"))
    yield Shelf(hub)
    hub.engine.dispose()


def test_statements_of_one_record_are_kept_together(shelf: Shelf) -> None:
    assert len(shelf.tell(("a", "2024", b"1"), ("b", "2024", b"2"))) == 2
    assert shelf.holds() == [(1, b"1"), (1, b"2")]


def test_a_newer_word_is_a_new_version_and_an_older_or_equal_one_is_none(shelf: Shelf) -> None:
    shelf.tell(("a", "2024", b"1"), ("b", "2024", b"2"))
    changed = shelf.tell(("a", "2025", b"3"), ("b", "2023", b"4"))
    assert len(changed) == 1
    assert shelf.tell(("a", "2026", b"3")) == set()
    assert shelf.holds() == [(1, b"2"), (2, b"3")]


def test_what_a_record_says_twice_is_told_in_its_order(shelf: Shelf) -> None:
    shelf.tell(("a", "2024", b"1"), ("b", "2024", b"9"), ("a", "2024", b"2"), ("a", "2025", b"3"))
    assert shelf.holds() == [(3, b"3"), (1, b"9")]
