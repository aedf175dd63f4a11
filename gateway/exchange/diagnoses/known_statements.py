"""What is stored about the disorders of one child, opened: statements, and what led until now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from adapters.contract import Resource, load
from gateway.exchange.hub import Hub
from gateway.fhir.diagnosis_forms import in_error, inactive, statement_behind
from gateway.fhir.statement import Assertion
from gateway.store import diagnoses, diagnosis_tasks, resources
from gateway.store.diagnoses import Told
from gateway.store.diagnosis_tasks import StoredTask
from gateway.store.engine import Transaction

ACTIVE: Final = "active"
SUPERSEDED: Final = "superseded"
_IN_ERROR: Final = "entered-in-error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deriving:
    """One derivation under way: in which transaction, about whom, by which delivery, when."""

    tx: Transaction
    hub: Hub
    key: bytes
    child: UUID
    receipt: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything the derivation reads."""

    told: Mapping[UUID, Told]
    assertions: tuple[Assertion, ...]
    derived: tuple[Told, ...]
    tasks: tuple[StoredTask, ...]

    @classmethod
    def of(cls, one: Deriving) -> Self:
        """Read and open it; the caller holds the child's lock."""
        told, derived = diagnoses.conditions(one.tx, one.child)
        return cls(
            told={each.stored.id: each for each in told},
            assertions=tuple(_assertion(one.key, each) for each in told),
            derived=derived,
            tasks=diagnosis_tasks.of_child(one.tx, one.child) if told or derived else (),
        )

    def behind(self, derived: Resource) -> Assertion | None:
        """Return the statement whose words a derived Condition gives."""
        wanted = statement_behind(derived)
        return next((one for one in self.assertions if one.id == wanted), None)

    def proposals(self, kind: str, status: str) -> frozenset[bytes]:
        """Return the proposals of a kind that stand in one way."""
        return frozenset(
            one.proposal for one in self.tasks if (one.kind, one.status) == (kind, status)
        )


def content_of(key: bytes, one: Told) -> Resource:
    """Return the opened content."""
    return load(resources.open_content(key, one.stored))


def leading_key(hub: Hub, group: str) -> bytes:
    """Return the business key of the leading diagnosis of a group."""
    return hub.vault.lookup("leading", group)


def confirm_proposal(hub: Hub, group: str, one: Assertion) -> bytes:
    """Return the name of "this statement leads"; saying it again word for word is no other one."""
    said = (group, str(one.id), one.code, one.date, one.standing, one.author or "")
    return hub.vault.lookup("confirm-leading", "|".join(said))


def inactivate_proposal(hub: Hub, one: Assertion) -> bytes:
    """Return the name of "this no longer holds"; a source that says it anew says another thing."""
    return hub.vault.lookup("inactivate", f"{one.id}|{one.asserted_at}")


def _assertion(key: bytes, one: Told) -> Assertion:
    stored = one.stored
    content = content_of(key, one)
    if stored.status == SUPERSEDED:
        content = inactive(content)
    elif stored.status == _IN_ERROR:
        content = in_error(content)
    return Assertion(
        id=stored.id,
        partner=stored.partner,
        source=one.source,
        content=content,
        hypothesis="hypothesis" in stored.flags,
        asserted_at=stored.asserted_at,
        withdrawn=stored.status not in {ACTIVE, SUPERSEDED, _IN_ERROR},
    )
