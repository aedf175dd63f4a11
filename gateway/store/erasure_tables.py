"""Acts that two people do together: erasing a child, and looking behind a pseudonym of the log.

Reasons lie encrypted under the child's key and end with it; what was decided stays.
"""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from gateway.store import lifecycle_tables

metadata = lifecycle_tables.metadata


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _child() -> Column[object]:
    return Column("child", Uuid, ForeignKey("child.id"), nullable=False)


erasure = Table(
    "erasure",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    # A code of the register (schemas/legal/retention.v1.json, grounds).
    Column("ground", Text, nullable=False),
    # Why it was asked and, after a no, why not.
    Column("reason", LargeBinary),
    Column("asked_by", Text, nullable=False),
    # Whether the first of the two is the data protection officer; one of them must be.
    Column("asked_as_dpo", Boolean, nullable=False),
    _instant("asked_at"),
    Column("decided_by", Text),
    # confirmed | rejected; an erasure that nobody decided in time is over.
    Column("decision", Text),
    _instant("decided_at", nullable=True),
    Index("ix_erasure_open", "child", postgresql_where=text("decided_at is null")),
)

reidentification = Table(
    "reidentification",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    # The case and the reason, encrypted under the child's key.
    Column("words", LargeBinary, nullable=False),
    Column("asked_by", Text, nullable=False),
    _instant("asked_at"),
    Column("approved_by", Text),
    _instant("approved_at", nullable=True),
    Index(None, "child"),
)
