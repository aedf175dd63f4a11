"""The tables of the access log's tree: leaves, tiles, checkpoints and who cosigned them."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)

from gateway.store.tables import Xid8, metadata

# One row for each line that is in the tree. Without foreign key: a leaf outlives what it is of.
log_leaf = Table(
    "log_leaf",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, nullable=False, unique=True),
    # Destroyed with the line's personal parts; the commitment stays.
    Column("salt", LargeBinary),
    Column("commitment", LargeBinary, nullable=False),
)

# The tree itself: 256 hashes in each tile, fewer in the last of its level (C2SP tlog-tiles).
log_tile = Table(
    "log_tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

# Append-only, like the log (migration 0008).
log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    # Every line of an earlier transaction is in the tree, and of this one those up to a number.
    Column("horizon", Xid8, nullable=False),
    Column("last_entry", BigInteger, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False),
)

log_witness = Table(
    "log_witness",
    metadata,
    Column("name", Text, primary_key=True),
    Column("verifier_key", Text, nullable=False),
    # Null: an auditor's.
    Column("partner", Text, ForeignKey("partner.id")),
    Column("registered_at", DateTime(timezone=True), nullable=False),
)

# Append-only as well: what a witness said stays said.
log_cosignature = Table(
    "log_cosignature",
    metadata,
    Column("size", BigInteger, ForeignKey("log_checkpoint.size"), primary_key=True),
    Column("witness", Text, ForeignKey("log_witness.name"), primary_key=True),
    Column("line", Text, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
)
