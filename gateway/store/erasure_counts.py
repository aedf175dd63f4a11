"""How much there is of a child, by kind: what an erasure takes away, and what it leaves."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text

from gateway.store.engine import Transaction

# Kind, and where its rows are. A test compares these with what an erasure really takes away.
GOES: Final = {
    "statements": "resource where child = :child and layer = 'assertion'",
    "leading": "resource where child = :child and layer = 'leading'",
    "decisions": "consent where child = :child",
    "proposals": "consent_proposal where child = :child",
    "routes": "legal_route where child = :child",
    "assessments": "capacity_assessment where child = :child",
    "diagnosis_tasks": "diagnosis_task where child = :child",
    "questions": "relayed_request where child = :child",
    "notices": "family_notice where child = :child",
    "ties": "family_tie where child = :child",
    "care": "care_relation where child = :child",
    "found_by": "child_lookup where child = :child",
    "keys": "delivery where child = :child and wrapped_key is not null",
}
# Whatever is logged while somebody looks at these numbers is not among them.
STAYS: Final = {
    "log_lines": "access_log where child = :child",
    "messages": "delivery where child = :child",
}


def goes(tx: Transaction, child_id: UUID) -> Mapping[str, int]:
    """Count what an erasure takes away, in the order in which people read it."""
    return {kind: _count(tx, where, child_id) for kind, where in GOES.items()}


def stays(tx: Transaction, child_id: UUID) -> Mapping[str, int]:
    """Count what is left, without a key and with ids that lead to nothing."""
    return {kind: _count(tx, where, child_id) for kind, where in STAYS.items()}


def _count(tx: Transaction, where: str, child_id: UUID) -> int:
    query = text(f"select count(*) from {where}")  # noqa: S608 -- constants only
    return int(tx.execute(query, {"child": child_id}).scalar_one())
