"""What sources took back or changed, and what a delivery was complete for (docs/changes.md).

All names are keyed hashes. What stands in a changed element lies encrypted: under the child's key
when the statement is known, and under that of the delivery's original until then.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from gateway.store import tables

metadata = tables.metadata


def _partner() -> Column[object]:
    return Column("partner", Text, ForeignKey("partner.id"), primary_key=True)


def _receipt() -> Column[object]:
    return Column("receipt", Uuid, ForeignKey("receipt.id"), nullable=False)


# The newest end of each kind: of a statement, of all that lies under its key, or of a whole file;
# also of what never arrived, so that it stays out when it arrives late.
statement_end = Table(
    "statement_end",
    metadata,
    _partner(),
    Column("key_hash", LargeBinary, primary_key=True),
    # entered-in-error | withdrawn | deleted | superseded
    Column("ending", Text, primary_key=True),
    Column("asserted_at", Text, nullable=False),
    _receipt(),
)

# The newest change of each element of a statement, whether or not the statement is there.
statement_amendment = Table(
    "statement_amendment",
    metadata,
    _partner(),
    Column("key_hash", LargeBinary, primary_key=True),
    Column("element", Text, primary_key=True),
    Column("asserted_at", Text, nullable=False),
    # Under whose key the content lies; without one it is that of the receipt's original.
    Column("child", Uuid, ForeignKey("child.id")),
    Column("content", LargeBinary, nullable=False),
    _receipt(),
)

# Each delivery about a scope: a month of one location, or the picture of one child
# (then the scope is the child's id with the source). The newest complete one says what stands.
scope_delivery = Table(
    "scope_delivery",
    metadata,
    _partner(),
    Column("scope_hash", LargeBinary, primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
    Column("asserted_at", Text, nullable=False),
    # Without, it says something of the scope and replaces nothing.
    Column("complete", Boolean, nullable=False, server_default="true"),
    _receipt(),
)

# What deliveries of a scope said, and the newest of them that said it; also of children who are
# not known yet.
scope_statement = Table(
    "scope_statement",
    metadata,
    _partner(),
    Column("scope_hash", LargeBinary, primary_key=True),
    Column("key_hash", LargeBinary, primary_key=True),
    Column("said_at", Text, nullable=False),
)

# What each source claims about somebody's relation to a child; family_tie follows from all of them.
tie_claim = Table(
    "tie_claim",
    metadata,
    Column("child", Uuid, ForeignKey("child.id"), primary_key=True),
    Column("person", Uuid, ForeignKey("person.id"), primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("relation", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("asserted_at", Text, nullable=False),
    Index(None, "person"),
)
