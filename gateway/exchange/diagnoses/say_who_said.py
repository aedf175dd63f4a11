"""Keep a Provenance for each author of a diagnosis, under the labels of that author's statement."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from uuid import UUID

from adapters.contract import Resource, dump
from gateway.exchange.diagnoses.known_statements import Deriving, Known, content_of, leading_key
from gateway.fhir.diagnosis import Diagnosis, why_ended
from gateway.fhir.diagnosis_groups import group_of
from gateway.fhir.diagnosis_provenance import ending, provenance, simple
from gateway.fhir.statement import Assertion
from gateway.store import resources
from gateway.store.diagnoses import ENDED, PROVENANCE, Told
from gateway.store.resources import NewVersion

_OVER = "superseded"

Standing: TypeAlias = Mapping[bytes, tuple[UUID, int]]
"""Id and version of each derived diagnosis that stands, by its business key."""


def say_who_said(
    one: Deriving, known: Known, found: Iterable[Diagnosis], derived: Standing
) -> None:
    """Store who said each leading diagnosis and what became of those that ended."""
    new = [each for diagnosis in found for each in _of_diagnosis(one, known, diagnosis, derived)]
    standing = {found_id for found_id, _ in derived.values()}
    for each in known.derived:
        if each.stored.id not in standing:
            new += _of_end(one, known, each)
    resources.save(one.tx, one.key, new, at=one.at)
    _retire(one, {each.key_hash for each in new})


def provenance_key(one: Deriving, condition: UUID, statement: UUID) -> bytes:
    """Return the business key of the Provenance of a statement about a derived Condition."""
    return one.hub.vault.lookup("provenance", f"{condition}|{statement}")


def _of_diagnosis(
    one: Deriving, known: Known, diagnosis: Diagnosis, derived: Standing
) -> Iterable[NewVersion]:
    target, _ = derived[leading_key(one.hub, diagnosis.group)]
    for voice in diagnosis.voices:
        recorded = known.told[voice.id].stored.recorded_at
        content = provenance(diagnosis, voice, target, recorded=recorded)
        yield _version(one, known, voice, target, content, beside=diagnosis.leads)
    for other in diagnosis.disputes:
        own, _ = derived[leading_key(one.hub, f"{diagnosis.group}/{other.id}")]
        content = simple(other, own, recorded=known.told[other.id].stored.recorded_at)
        yield _version(one, known, other, own, content, beside=other)


def _of_end(one: Deriving, known: Known, led: Told) -> Iterable[NewVersion]:
    content = content_of(one.key, led)
    behind = known.behind(content)
    if behind is not None:
        target = led.stored.id
        because = why_ended(behind, group_of(content), known.assertions)
        # When it ended; what ended before keeps its day.
        recorded = led.stored.recorded_at if led.stored.status == ENDED else one.at
        told = ending(behind, target, because, recorded=recorded)
        yield _version(one, known, behind, target, told, beside=behind)


def _version(
    one: Deriving,
    known: Known,
    voice: Assertion,
    target: UUID,
    content: Resource,
    *,
    beside: Assertion,
) -> NewVersion:
    """Return it with every label of both statements: who may not see one sees no Provenance."""
    told, other = known.told[voice.id], known.told[beside.id].stored
    return NewVersion(
        child=one.child,
        partner=told.stored.partner,
        type="Provenance",
        data_class=told.stored.data_class,
        about=told.stored.about | other.about,
        flags=told.stored.flags | other.flags,
        layer=PROVENANCE,
        key_hash=provenance_key(one, target, voice.id),
        asserted_at=told.stored.asserted_at,
        content=dump(content),
        receipt=told.receipt,
    )


def _retire(one: Deriving, running: set[bytes]) -> None:
    for known in resources.keys_of_layer(one.tx, one.child, PROVENANCE):
        if bytes(known.key_hash) not in running:
            resources.set_status(one.tx, known.id, _OVER)
