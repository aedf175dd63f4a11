"""How services receive, what lies in their feeds, and what they did with what they had to remove.

Only ciphertext, message ids and instants: nothing here names a child besides `notice_answer`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from gateway.store import tables

metadata = tables.metadata


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _partner(*, primary_key: bool = False) -> Column[object]:
    return Column(
        "partner", Text, ForeignKey("partner.id"), nullable=False, primary_key=primary_key
    )


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


# A service without a row receives through Kafka.
receiving = Table(
    "receiving",
    metadata,
    _partner(primary_key=True),
    # kafka | feed | webhook; a webhook only tells that the feed has something.
    Column("way", Text, nullable=False),
    # The feed begins after this number; what came before went another way.
    _number("since_sequence"),
    # The highest number that was put into the feed, and that the webhook was told.
    _number("put_sequence"),
    _number("told_sequence"),
    Column("url", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _instant("next_at", nullable=True),
    _instant("failing_since", nullable=True),
    _instant("parked_at", nullable=True),
    # A code of the hub's own, never what the other side answered.
    Column("trouble", Text),
)

# The same ciphertext that would lie in a topic; deleted when nobody can need it any more.
feed_message = Table(
    "feed_message",
    metadata,
    Column("delivery", Uuid, ForeignKey("delivery.id"), primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    _instant("put_at"),
)

# What a service did with its copy of what a notice named; the last answer counts.
notice_answer = Table(
    "notice_answer",
    metadata,
    Column("delivery", Uuid, ForeignKey("delivery.id"), primary_key=True),
    # erased | kept_by_law | nothing_held
    Column("done", Text, nullable=False),
    # Of what is kept: the article that the service names; not of a person.
    Column("basis", Text),
    _instant("answered_at"),
)
