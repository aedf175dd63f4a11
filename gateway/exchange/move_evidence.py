"""Who said or ended what moves to another child, and what was derived of it, goes with it."""

from collections.abc import Collection
from uuid import UUID

from adapters.contract import load
from gateway.exchange.hub import Hub
from gateway.fhir.diagnosis_forms import statement_behind
from gateway.fhir.diagnosis_provenance import source_of, target_of
from gateway.store import diagnoses, moving, resources, unlinking
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


def move_derived(tx: Transaction, move: Move, moved: Collection[UUID]) -> tuple[UUID, ...]:
    """Move the diagnoses that only moved statements led, and every Provenance of those statements.

    They are evidence of the wrong link, about nobody: no reader gets them any more. Returns those
    diagnoses. Both children were worked out again before.
    """
    told, going = diagnoses.conditions(tx, move.source), frozenset(moved)
    ended = tuple(
        one.stored.id
        for one in told[1]
        if one.stored.status != "active"
        and statement_behind(load(resources.open_content(move.source_key, one.stored))) in going
    )
    about = [
        found
        for found, content in diagnoses.provenances(tx, move.source_key, move.source)
        if source_of(load(content)) in going or target_of(load(content)) in ended
    ]
    moving.move_resources(tx, move, [*ended, *about], retire=True)
    return ended
