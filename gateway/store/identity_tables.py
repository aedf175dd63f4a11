"""What children are recognised by: keyed hashes, sealed spellings, and what a person decided."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.store import tables

metadata = tables.metadata


def _instant(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False)


# Keyed hashes of a date or year with a little of a name; never of a name or a date alone.
match_key = Table(
    "match_key",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("child", Uuid, ForeignKey("child.id"), primary_key=True),
    Index(None, "child"),
)

# Every spelling, birth date and sex that was heard of a child, encrypted under the child's key.
known_description = Table(
    "known_description",
    metadata,
    Column("child", Uuid, ForeignKey("child.id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# A national number that leads to nobody any more, also when it is heard of later.
cancelled_number = Table(
    "cancelled_number",
    metadata,
    Column("value_hash", LargeBinary, primary_key=True),
    _instant("cancelled_at"),
)

# Whether a person found that somebody a source describes is this child, or is not.
match_verdict = Table(
    "match_verdict",
    metadata,
    # The keyed hash of what the source calls the person by.
    Column("subject", LargeBinary, primary_key=True),
    Column("child", Uuid, ForeignKey("child.id"), primary_key=True),
    Column("same", Boolean, nullable=False),
    Column("decided_by", Text, nullable=False),
    _instant("decided_at"),
    Index(None, "child"),
)

# What a person must look at: a match to confirm, a rejected part, a diagnosis that vanished, a
# breach to report. Only what came in with a record has a receipt.
review_item = Table(
    "review_item",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("receipt", Uuid, ForeignKey("receipt.id")),
    Column("part", Text, nullable=False),
    Column("candidates", ARRAY(Uuid), nullable=False),
    Column("evidence", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    Column("decision", Text),
    # Of a finding about a person: the keyed hash of what the source calls that person by.
    Column("subject", LargeBinary),
    # Of a match: whether it is found by the keys of `waiting_key`.
    Column("keyed", Boolean, nullable=False, server_default="false"),
    UniqueConstraint("kind", "receipt", "part"),
    Index("ix_review_item_subject", "subject", postgresql_where=text("state = 'open'")),
    Index(
        "ix_review_item_unkeyed",
        "raised_at",
        postgresql_where=text("state = 'open' and kind = 'identity_match' and not keyed"),
    ),
)

# By what a record that waits is found when a child becomes known: the same keys as a child's, and
# the keyed hashes of its parents' national numbers.
waiting_key = Table(
    "waiting_key",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("item", Uuid, ForeignKey("review_item.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "item"),
)

# Children of whom more is known, to be looked for among what waits (`waiting_matches`).
match_again = Table(
    "match_again",
    metadata,
    # No foreign key: whoever notes it must not wait for who looks.
    Column("child", Uuid, primary_key=True),
    # Transactions before this one could have missed the child.
    Column("seen", tables.Xid8),
)
