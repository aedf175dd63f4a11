"""The keys that wrap the keys of messages: one for all that a single act of a family can stop.

Destroying one takes the key of every message under it away, however many there are.
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

from gateway.store import tables

metadata = tables.metadata

message_key = Table(
    "message_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("child", Uuid, ForeignKey("child.id"), nullable=False),
    Column("partner", Text, ForeignKey("partner.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("data_class", Text, nullable=False),
    # Who said what its messages tell.
    Column("source", Text, ForeignKey("partner.id"), nullable=False),
    # Null when it was destroyed; a new one is made for what is let go afterwards.
    Column("wrapped_key", LargeBinary),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    # Whether the messages under a destroyed key say so themselves.
    Column("settled", Boolean, nullable=False, server_default="false"),
    Index(
        "ix_message_key_open",
        "child",
        "partner",
        "purpose",
        "data_class",
        "source",
        unique=True,
        postgresql_where=text("wrapped_key is not null"),
    ),
    Index(
        "ix_message_key_to_settle",
        "id",
        postgresql_where=text("wrapped_key is null and not settled"),
    ),
)
