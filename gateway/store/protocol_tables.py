"""Which flows between services have a protocol (decreet of 18 July 2008, article 8); names nobody.

A row is never changed into another agreement: it ends, and a new one is registered.
"""

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Index, Table, Text, Uuid, text

from gateway.store import tables

metadata = tables.metadata


def _service(name: str) -> Column[object]:
    return Column(name, Text, ForeignKey("partner.id"), nullable=False)


def _instant(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


# One row, made with the table: who changes anything about protocols holds it.
protocol_register = Table(
    "protocol_register",
    metadata,
    Column("only", Boolean, primary_key=True, server_default="true"),
    # From then on a flow without a protocol is denied (G2); before, every flow counts as covered.
    _instant("in_force_at"),
    # When the keys of the flows that had none then were destroyed.
    _instant("settled_at"),
)

protocol = Table(
    "protocol",
    metadata,
    Column("id", Uuid, primary_key=True),
    _service("from_service"),
    _service("to_service"),
    # Its first and its last day, in Brussels; without them from always, and until it is ended.
    Column("since", Date),
    Column("until", Date),
    # Where the published protocol is: its address, or its number and title.
    Column("reference", Text, nullable=False),
    Column("registered_by", Text, nullable=False),
    _instant("registered_at", nullable=False),
    # When it ended for the hub; nothing goes by it from that commit on.
    _instant("ended_at"),
    # Whether what it opens was queued, and what its end left uncovered was made unreadable.
    _instant("opened_at"),
    _instant("settled_at"),
    Index(
        "ix_protocol_running",
        "to_service",
        "from_service",
        postgresql_where=text("ended_at is null"),
    ),
)
