"""The tables; what each column may hold is part of the privacy design (docs/architecture.md).

Content, names, birth dates and national numbers lie encrypted under the child's key; the clear
columns hold internal ids, keyed hashes, data classes and instants.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, with which the relay orders by commit."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in SQL."""
        return "xid8"


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _child(*, nullable: bool = False, primary_key: bool = False) -> Column[object]:
    return Column("child", Uuid, ForeignKey("child.id"), nullable=nullable, primary_key=primary_key)


def _partner(*, primary_key: bool = False) -> Column[object]:
    return Column(
        "partner", Text, ForeignKey("partner.id"), nullable=False, primary_key=primary_key
    )


partner = Table(
    "partner",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("secrecy", Text),
    Column("youth_help", Boolean),
    # active | suspended | merged | closed; the service into which it merged goes on for it.
    Column("status", Text, nullable=False, server_default="active"),
    Column("merged_into", Text, ForeignKey("partner.id")),
    # Every service that merged into this one, also by way of another.
    Column("predecessors", ARRAY(Text), nullable=False, server_default="{}"),
    # Since when it is merged or closed, and since when that was carried out for every child.
    _instant("ended_at", nullable=True),
    _instant("settled_at", nullable=True),
    Column("source", Text),
    Column("jwks", JSONB),
    Column("jwks_uri", Text),
    Column("scopes", ARRAY(Text), nullable=False),
    _instant("registered_at"),
)

# A client assertion works once (RFC 7523 section 3); the row is kept until it would expire anyway.
used_assertion = Table(
    "used_assertion",
    metadata,
    _partner(primary_key=True),
    Column("jti", Text, primary_key=True),
    _instant("expires_at"),
)

child = Table(
    "child",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("wrapped_key", LargeBinary),
    Column("facts", LargeBinary, nullable=False),
    _instant("known_since"),
)

# Where an identifier leads to: the value itself is only a keyed hash. The kind is a national number
# (insz) or a source's own number for the child (local).
child_lookup = Table(
    "child_lookup",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value_hash", LargeBinary, primary_key=True),
    _child(primary_key=True),
    # current | old: a number that was replaced still leads to the child.
    Column("state", Text, nullable=False, server_default="current"),
    Index(None, "child"),
)

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("insz_hash", LargeBinary, nullable=False, unique=True),
)

family_tie = Table(
    "family_tie",
    metadata,
    _child(primary_key=True),
    Column("person", Uuid, ForeignKey("person.id"), primary_key=True),
    Column("relation", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    _instant("claimed_at"),
    Index(None, "person"),
)

care_relation = Table(
    "care_relation",
    metadata,
    _child(primary_key=True),
    _partner(primary_key=True),
    _instant("since"),
    _instant("until", nullable=True),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", Uuid, primary_key=True),
    _partner(),
    Column("source", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("idempotency_key", LargeBinary, nullable=False),
    Column("content_type", Text),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("original", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("refused_code", Text),
    Column("refused_where", Text),
    Column("refused_message", Text),
    Column("refused_status", Integer),
    Column("account", LargeBinary),
    _instant("received_at"),
    _instant("processed_at", nullable=True),
    UniqueConstraint("partner", "source", "idempotency_key"),
    Index("ix_receipt_accepted", "received_at", postgresql_where=text("status = 'accepted'")),
)

receipt_part = Table(
    "receipt_part",
    metadata,
    Column("receipt", Uuid, ForeignKey("receipt.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("part", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    _child(nullable=True),
    Column("resources", Integer, nullable=False, server_default="0"),
    Column("place", Text),
    Column("field", Text),
    Column("code", Text),
    Column("message", Text),
)

resource = Table(
    "resource",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    _partner(),
    Column("type", Text, nullable=False),
    Column("data_class", Text, nullable=False),
    Column("about", ARRAY(Text), nullable=False),
    Column("flags", ARRAY(Text), nullable=False),
    Column("layer", Text, nullable=False),
    Column("key_hash", LargeBinary, nullable=False),
    # What an end of it would end too: the keys above its own, and the source's file on the child.
    Column("above", ARRAY(LargeBinary), nullable=False, server_default="{}"),
    # Which messages said it as it is: it ends when all of them were deleted.
    Column("messages", ARRAY(LargeBinary), nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False),
    Column("asserted_at", Text, nullable=False),
    Column("status", Text, nullable=False),
    UniqueConstraint("child", "layer", "partner", "key_hash"),
    Index(None, "child", "type"),
    Index(None, "partner", "key_hash"),
    Index(None, "above", postgresql_using="gin"),
    Index(None, "messages", postgresql_using="gin"),
)

resource_version = Table(
    "resource_version",
    metadata,
    Column("resource", Uuid, ForeignKey("resource.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    # Whether the source said it word for word, or the hub made it of what was said.
    Column("said", Boolean, nullable=False, server_default="true"),
    Column("receipt", Uuid, ForeignKey("receipt.id"), nullable=False),
    _instant("recorded_at"),
)

# A grant always names everything; for the other decisions null means any (see the check).
consent = Table(
    "consent",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    Column("person", Uuid, ForeignKey("person.id"), nullable=False),
    # In which capacity: self | parent | guardian | foster_parent.
    Column("giver", Text, nullable=False, server_default="parent"),
    Column("effect", Text, nullable=False),
    Column("classes", ARRAY(Text)),
    Column("purpose", Text),
    Column("sources", ARRAY(Text)),
    Column("partner", Text, ForeignKey("partner.id")),
    _instant("since"),
    Column("until", Date),
    Column("wording_id", Text, nullable=False),
    Column("wording_version", Text, nullable=False),
    Column("wording_language", Text, nullable=False),
    Column("wording_sha256", LargeBinary, nullable=False),
    Column("channel", Text, nullable=False),
    # Who helped to decide: nobody (null), confidant, supporter, or a partner's id.
    Column("assisted_by", Text),
    Column("rules_version", Text),
    _instant("withdrawn_at", nullable=True),
    Column("withdrawn_by", Uuid, ForeignKey("person.id")),
    Column("supersedes", Uuid, ForeignKey("consent.id")),
    _instant("superseded_at", nullable=True),
    _instant("contested_at", nullable=True),
    # It ended by itself: its last day passed, the child turned 18, the service closed.
    _instant("ended_at", nullable=True),
    Index(None, "child", "partner"),
    # What the calendar looks for; what has ended is never looked at again.
    Index(
        "ix_consent_until",
        "until",
        postgresql_where=text(
            "effect = 'grant' and withdrawn_at is null and superseded_at is null"
            " and ended_at is null"
        ),
    ),
    CheckConstraint(
        "effect <> 'grant' or (classes is not null and purpose is not null"
        " and partner is not null and until is not null)",
        name="a_grant_names_everything",
    ),
)

# References only, never copies: what goes out is decided and read when it goes.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    _partner(),
    _child(),
    Column("resource", Uuid, ForeignKey("resource.id")),
    Column("version", Integer),
    Column("consent", Uuid, ForeignKey("consent.id")),
    # The legal route that carries it; null for what goes on the family's consent.
    Column("route", Uuid, ForeignKey("legal_route.id")),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="due"),
    _instant("queued_at"),
    # Why it could not become a message: a code and the class of an error, never its text.
    Column("tries", Integer, nullable=False, server_default="0"),
    # When the last try was that counted, so that five of them take a while.
    _instant("tried_at", nullable=True),
    Column("parked_for", Text),
    Column("parked_error", Text),
    _instant("parked_at", nullable=True),
    Index("ix_outbox_due", "partner", "id", postgresql_where=text("state = 'due'")),
    Index("ix_outbox_parked", "partner", "id", postgresql_where=text("state = 'parked'")),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("outbox", BigInteger, ForeignKey("outbox.id"), nullable=False, index=True),
    _partner(),
    _child(),
    Column("resource", Uuid, ForeignKey("resource.id")),
    Column("version", Integer),
    Column("kind", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("purpose", Text),
    Column("effect", Text),
    Column("consents", ARRAY(Uuid), nullable=False),
    Column("route", Uuid, ForeignKey("legal_route.id")),
    Column("wrapped_key", LargeBinary),
    # The key that wraps that one; null where the key-encryption key does (legal routes).
    Column("message_key", Uuid, ForeignKey("message_key.id")),
    Column("state", Text, nullable=False),
    Column("broker_offset", BigInteger),
    # The message that told its reader to use it no further, when no single stop did.
    Column("notice", BigInteger, ForeignKey("outbox.id")),
    _instant("sealed_at"),
    _instant("sent_at", nullable=True),
    _instant("closed_at", nullable=True),
    UniqueConstraint("partner", "sequence"),
    # Also what lost its key before it was sent: its number is used, so the stream has no gap.
    Index(
        "ix_delivery_unsent",
        "partner",
        "sequence",
        postgresql_where=text("sent_at is null and state in ('sealed', 'gone')"),
    ),
    Index(
        "ix_delivery_open",
        "child",
        "partner",
        postgresql_where=text("state in ('sealed', 'sent')"),
    ),
    # Whom a stop must tell, and which messages hang from which key.
    Index("ix_delivery_read", "child", "partner", postgresql_where=text("state = 'released'")),
    Index(
        "ix_delivery_message_key",
        "message_key",
        postgresql_where=text("wrapped_key is not null"),
    ),
    Index(
        "ix_delivery_own_key",
        "child",
        postgresql_where=text("wrapped_key is not null and message_key is null"),
    ),
)

partner_stream = Table(
    "partner_stream",
    metadata,
    _partner(primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
)

# Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE, but for the erasure of what leads to a
# person (migrations 0001 and 0007).
access_log = Table(
    "access_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _instant("at"),
    Column("act", Text, nullable=False),
    Column("actor", Text, nullable=False),
    # No foreign keys: a line outlives what it names, and must not lock its rows to be written.
    Column("partner", Text),
    Column("role", Text),
    Column("purpose", Text),
    Column("child", Uuid),
    Column("resources", ARRAY(Text), nullable=False),
    Column("classes", ARRAY(Text), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("rules", ARRAY(Text), nullable=False),
    Column("consents", ARRAY(Uuid), nullable=False),
    Column("correlation", Text),
    # The hash of the facts that were decided on, and the rules of that day (table decision_basis).
    Column("basis", LargeBinary),
    Column("rules_version", Text),
    # By which the tree takes lines in the order of commits (gateway/store/log_tree.py).
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Index(None, "child", "id"),
    Index(None, "partner", "id"),
    Index(None, "xid", "id"),
)
