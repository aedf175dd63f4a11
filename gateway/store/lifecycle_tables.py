"""What surrounds a family's decision: acts, proposals, assessments, notices, legal routes.

Words of people (reasons, records, findings) lie encrypted under the child's key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store import tables

metadata = tables.metadata


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _child() -> Column[object]:
    return Column("child", Uuid, ForeignKey("child.id"), nullable=False)


def _partner(name: str = "partner") -> Column[object]:
    return Column(name, Text, ForeignKey("partner.id"), nullable=False)


# Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE (migration 0002).
consent_event = Table(
    "consent_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    # No foreign key: an act outlives the decision when its child is erased.
    Column("consent", Uuid, nullable=False),
    # given | withdrawn | superseded | contested | upheld | annulled | reconfirmed | ended
    Column("act", Text, nullable=False),
    _instant("at"),
    # person/<id>, auditor/<id>, partner/<id> or hub.
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Index(None, "consent", "id"),
)

# What a service asks a family for; it never learns the answer but by what it may see.
consent_proposal = Table(
    "consent_proposal",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    _partner(),
    Column("classes", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("until", Date, nullable=False),
    _instant("proposed_at"),
    # Per right-holder, so that one parent's answer does not take the question from the other.
    UniqueConstraint("child", "partner", "purpose", "proposed_at"),
)

proposal_answer = Table(
    "proposal_answer",
    metadata,
    Column("proposal", Uuid, ForeignKey("consent_proposal.id"), primary_key=True),
    Column("person", Uuid, ForeignKey("person.id"), primary_key=True),
    # accepted | declined
    Column("answer", Text, nullable=False),
    Column("consent", Uuid, ForeignKey("consent.id")),
    _instant("answered_at"),
)

# Whether a minor can decide, against the presumption of the law (rules of sharing, section 3).
capacity_assessment = Table(
    "capacity_assessment",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    _partner(),
    # capable | incapable
    Column("outcome", Text, nullable=False),
    Column("reasons", LargeBinary),
    Column("assessor", LargeBinary, nullable=False),
    _instant("assessed_at"),
    _instant("contested_at", nullable=True),
    Column("contested_by", Uuid, ForeignKey("person.id")),
    _instant("settled_at", nullable=True),
    Index(None, "child", "assessed_at"),
)

# What a member of the family should know or do; shown on the pages, never by name elsewhere.
family_notice = Table(
    "family_notice",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    Column("person", Uuid, ForeignKey("person.id"), nullable=False),
    Column("kind", Text, nullable=False),
    # What it is about: the id of a consent, proposal, route or service.
    Column("subject", Text, nullable=False),
    # The day that makes it happen once: an expiry, a birthday, an act.
    Column("day", Date, nullable=False),
    _instant("made_at"),
    # Not shown before; a delayed notice of a legal route waits here.
    _instant("release_at"),
    _instant("read_at", nullable=True),
    UniqueConstraint("person", "kind", "subject", "day"),
    Index(None, "person", "release_at"),
)

# How far the calendar is with one day, by the order of children's ids (Europe/Brussels).
calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("reached", Uuid),
    _instant("done_at", nullable=True),
)

# What happened once to a child because of its age.
age_event = Table(
    "age_event",
    metadata,
    Column("child", Uuid, ForeignKey("child.id"), primary_key=True),
    # turned_twelve | reconfirm_over | turned_eighteen
    Column("event", Text, primary_key=True),
    _instant("done_at"),
)

# A holder that speaks without consent (rules of sharing, section 9); its record is encrypted.
legal_route = Table(
    "legal_route",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    # The ground of the rules: necessity, concern_report, unanswered, clb_transfer …
    Column("ground", Text, nullable=False),
    _partner("source"),
    _partner("recipient"),
    Column("purpose", Text, nullable=False),
    Column("resources", ARRAY(Uuid), nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("complete", Boolean, nullable=False),
    # What makes a repeat a repeat: keyed hashes of the caller's key and of all it said.
    Column("idempotency_key", LargeBinary, nullable=False),
    Column("said", LargeBinary, nullable=False),
    _instant("invoked_at"),
    _instant("ends_at", nullable=True),
    _instant("ended_at", nullable=True),
    _instant("review_due_at", nullable=True),
    _instant("notify_at", nullable=True),
    UniqueConstraint("source", "idempotency_key"),
    Index("ix_legal_route_child", "child", "invoked_at"),
    Index(
        "ix_legal_route_running", "recipient", "child", postgresql_where=text("ended_at is null")
    ),
)

# Two people look at every break-glass: the DPO and an independent clinician.
route_review = Table(
    "route_review",
    metadata,
    Column("route", Uuid, ForeignKey("legal_route.id"), primary_key=True),
    # dpo | clinician
    Column("capacity", Text, primary_key=True),
    Column("reviewer", Text, nullable=False),
    # justified | unjustified | unclear
    Column("finding", Text, nullable=False),
    Column("reasons", LargeBinary, nullable=False),
    _instant("reviewed_at"),
)

# A request that the hub passes on blindly: it never says whether anybody holds a record.
relayed_request = Table(
    "relayed_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    _child(),
    _partner("holder"),
    _partner("asked_by"),
    Column("question", LargeBinary, nullable=False),
    _instant("asked_at"),
    _instant("closed_at", nullable=True),
    Index("ix_relayed_request_open", "holder", postgresql_where=text("closed_at is null")),
)

# The facts that decisions rested on, once for each content: a line of the log names the hash.
decision_basis = Table(
    "decision_basis",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("child", Uuid, nullable=False),
    Column("content", LargeBinary, nullable=False),
    _instant("first_used_at"),
)
