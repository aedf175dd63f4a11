"""Derive the leading diagnoses of a child again after each change; any order ends the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.contract import Resource, dump, load
from gateway.exchange.hub import Hub
from gateway.fhir.diagnosis import Assertion, Leading, inactivated, leading_diagnoses
from gateway.store import resources, reviews
from gateway.store.engine import Transaction
from gateway.store.resources import ASSERTION, LEADING, NewVersion, StoredResource

SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Whose delivery, from which of its systems, is a complete picture of what that one said."""

    partner: str
    source: str


def derive_diagnoses(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    child: UUID,
    receipt: UUID,
    *,
    snapshot_of: Snapshot | None,
    at: datetime,
) -> set[UUID]:
    """Return the leading diagnoses that changed; the caller holds the child's lock.

    A complete picture supersedes what the same service delivered from the same system before;
    what it took over from a service that merged into it is none of its own.
    """
    if snapshot_of is not None:
        _supersede_vanished(tx, key, child, snapshot_of, receipt, at=at)
    stored = resources.of_child(tx, child, types=frozenset({"Condition"}), layer=ASSERTION)
    leading = leading_diagnoses(_assertion(key, one) for one in stored)
    sources = {one.id: one for one in stored}
    new = [_version(hub, sources[one.of.id], one, receipt) for one in leading]
    changed = resources.save(tx, key, new, at=at)
    _retire_groups(tx, hub, child, leading)
    return changed


def _supersede_vanished(
    tx: Transaction, key: bytes, child: UUID, picture: Snapshot, receipt: UUID, *, at: datetime
) -> None:
    """What a newer complete picture no longer names is superseded, which is not an error."""
    own = resources.delivered_by(tx, child, picture.partner, picture.source)
    known = [one for one in resources.of_child(tx, child, layer=ASSERTION) if one.id in own]
    newest = max((one.asserted_at for one in known), default="")
    for one in known:
        if one.asserted_at < newest:
            _supersede(tx, key, one, receipt, at=at)


def _supersede(
    tx: Transaction, key: bytes, one: StoredResource, receipt: UUID, *, at: datetime
) -> None:
    if one.type == "Condition":
        content = inactivated(_content(key, one))
        resources.add_version(
            tx, key, one, dump(content), status=SUPERSEDED, receipt=receipt, at=at
        )
        # The code left the source's picture: a person confirms that it no longer holds.
        item = reviews.NewReview(
            kind=reviews.VANISHED_STATEMENT,
            receipt=receipt,
            part=str(one.id),
            evidence={"source": one.partner, "statement": str(one.id)},
        )
        reviews.raise_review(tx, item, at=at)
    else:
        resources.set_status(tx, one.id, SUPERSEDED)


def _retire_groups(tx: Transaction, hub: Hub, child: UUID, leading: Iterable[Leading]) -> None:
    """A group that nobody confirms any more has no leading diagnosis."""
    running = {hub.vault.lookup("leading", diagnosis.group) for diagnosis in leading}
    for known in resources.keys_of_layer(tx, child, LEADING):
        if known.key_hash not in running:
            resources.set_status(tx, known.id, SUPERSEDED)


def _version(hub: Hub, source: StoredResource, diagnosis: Leading, receipt: UUID) -> NewVersion:
    return NewVersion(
        child=source.child,
        partner=source.partner,
        type="Condition",
        data_class=source.data_class,
        about=source.about,
        flags=source.flags,
        layer=LEADING,
        key_hash=hub.vault.lookup("leading", diagnosis.group),
        asserted_at=source.asserted_at,
        content=dump(diagnosis.content),
        receipt=receipt,
    )


def _assertion(key: bytes, one: StoredResource) -> Assertion:
    return Assertion(
        id=one.id,
        partner=one.partner,
        content=_content(key, one),
        hypothesis="hypothesis" in one.flags,
        asserted_at=one.asserted_at,
    )


def _content(key: bytes, one: StoredResource) -> Resource:
    return load(resources.open_content(key, one))
