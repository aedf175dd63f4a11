"""Who said or ended what moves to another child, and what was derived of it, goes with it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from adapters.contract import load
from gateway.exchange.hub import Hub
from gateway.exchange.links.move_versions import divide_derived
from gateway.exchange.links.whose_versions import Going, derived_of
from gateway.fhir.diagnosis_provenance import target_of
from gateway.store import diagnoses, moving, unlinking
from gateway.store.engine import Transaction
from gateway.store.moving import Move


def move_evidence(tx: Transaction, hub: Hub, move: Move, moved: Collection[UUID]) -> None:
    """Move what is kept on who changed or ended each version of moved statements."""
    names = {
        hub.vault.lookup("provenance", f"{one}/{version}")
        for one, version in unlinking.versions_of(tx, moved)
    }
    kept = unlinking.known_as(tx, move.source, names)
    moving.move_resources(tx, move, kept, retire=False)


def move_derived(tx: Transaction, move: Move, going: Going, *, at: datetime) -> tuple[UUID, ...]:
    """Move the diagnoses that only moved statements led, and every Provenance of those statements.

    They are evidence of the wrong link, about nobody: no reader gets them any more. Of what this
    child's own statements led as well, only the versions of the wrong link go. Returns the
    diagnoses that went as a whole. Both children were worked out again before.
    """
    known, versions = derived_of(tx, move, going)
    whole = {one.id for one in known.values() if not one.without(versions[one.id])}
    ended = frozenset(whole & {one.stored.id for one in diagnoses.conditions(tx, move.source)[1]})
    about = [
        found
        for found, content in diagnoses.provenances(tx, move.source_key, move.source)
        if target_of(load(content)) in ended
    ]
    moving.move_resources(tx, move, sorted({*whole, *about}), retire=True)
    for one in known.values():
        if one.id not in {*whole, *about}:
            divide_derived(tx, move, one, versions[one.id], at=at)
    return tuple(sorted(ended))
