"""What people are asked and decided about diagnoses, and who was told that one no longer holds.

Codes and dates lie in encrypted content only; here stand ids, keyed hashes and kinds of reasons.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store import lifecycle_tables

metadata = lifecycle_tables.metadata

# A proposal that waits for a person with that role, and what that person decided.
diagnosis_task = Table(
    "diagnosis_task",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, ForeignKey("child.id"), nullable=False),
    # confirm: that the leading Condition leads; inactivate: that a statement no longer holds.
    Column("kind", Text, nullable=False),
    # A keyed hash of what is proposed: the same proposal is asked and decided once.
    Column("proposal", LargeBinary, nullable=False),
    # The Condition it is about, at the version that was proposed, and the statement behind it.
    Column("focus", Uuid, ForeignKey("resource.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("statement", Uuid, ForeignKey("resource.id"), nullable=False),
    # The service that made the strongest statement.
    Column("owner", Text, ForeignKey("partner.id"), nullable=False),
    Column("reasons", ARRAY(Text), nullable=False),
    # requested | completed | rejected | cancelled, as in FHIR Task.status.
    Column("status", Text, nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    # Who decided: service and role in the clear, name and reason under the child's key.
    Column("decided_by", Text, ForeignKey("partner.id")),
    Column("role", Text),
    Column("words", LargeBinary),
    UniqueConstraint("child", "kind", "proposal"),
    Index("ix_diagnosis_task_requested", "owner", postgresql_where=text("status = 'requested'")),
)

# What a notice of correction is about: a message that was opened, or a version that was read.
corrected = Table(
    "corrected",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("notice", BigInteger, ForeignKey("outbox.id"), nullable=False),
    Column("partner", Text, ForeignKey("partner.id"), nullable=False),
    # No foreign key: who received it is told after it was erased too.
    Column("resource", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    # The message, when it came in one; null when it was read over HTTP.
    Column("delivery", Uuid, ForeignKey("delivery.id")),
    Index(None, "notice"),
    Index(None, "resource"),
)
