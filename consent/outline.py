"""A request seen from afar: all that the conditions of the table on a whole request look at.

Plain values, because the rows that may apply are looked up by them: the requests of many families
share one outline, and the conditions on whole requests are tested once for all of them.
"""

from typing import NamedTuple

from consent.vocabulary import FORWARDED_KINDS, GROUNDS, REQUEST_KINDS


class Position(NamedTuple):
    """In what position somebody asks."""

    known: bool
    """Whether the facts know who asks."""
    kind: str = ""
    """The kind of service; "" for a person."""
    role: str = ""
    relation: str = ""
    """Of a person to the child; "" for a service and its professionals."""
    is_service: bool = False
    """Whether a service asks, or somebody who works there."""
    is_person: bool = False
    """Whether a person asks in their own name."""
    is_named: bool = False
    """Whether it is known who asks, a professional or a person."""
    bound: bool = False
    """Whether professional secrecy binds the asker."""
    took_over: bool = False
    """Whether a service with another mission merged into the asker's."""


class Outline(NamedTuple):
    """What holds for the whole request, in few words."""

    asker: Position
    purpose: str
    kind: str
    ground: str | None
    """The kind of ground that is invoked, whether or not it exists."""
    in_team: bool
    """Whether the asker sits in the team it names, where the record is held."""
    between_clbs: bool
    """Whether this is a transfer from one guidance centre to another."""
    source_active: bool
    has_protocol: bool
    """Whether a protocol covers this flow, or none is needed."""
    in_care: bool
    """Whether the asker's service cares for the child now."""
    capable: bool | None
    unsettled: bool
    """Whether capacity is contested, or was assessed without reasons."""
    quarrel: bool
    """Whether somebody who decides for the child is known to disagree."""
    granted: bool
    """Whether a grant reaches the asker."""
    granted_elsewhere: bool
    """Whether a grant names somebody else, as far as a rule asks for that."""
    said_no: bool
    """Whether a refusal, an exclusion or a withdrawal reaches the asker."""
    objected: bool
    """Whether an objection or a restriction runs."""
    classes: frozenset[str]
    """The classes in the record, so that rules about others are left aside."""
    flags: frozenset[str]
    """The protections of the child."""
    unsplittable: bool
    source_veto: bool

    @property
    def consent_counts(self) -> bool:
        """Whether the family's grants can carry anything here; T4 has no say elsewhere.

        Not for subject access, onward sharing or a deceased child.
        """
        return (
            self.purpose != "subject_access"
            and self.kind in FORWARDED_KINDS
            and "deceased" not in self.flags
            and (self.ground is None or self.ground in GROUNDS)
        )

    @property
    def on_route(self) -> bool:
        """Whether the law itself might carry something here, without consent or team."""
        return self.purpose == "subject_access" or bool(route_of(self.kind, self.ground))


def route_of(kind: str, ground: str | None) -> str:
    """Name the legal route that is invoked, whether or not it exists; "" for none and a team.

    Words that nobody knows can take none.
    """
    if ground is None or ground == "team" or not understood(kind, ground):
        return ""
    return ground


def understood(kind: str, ground: str | None) -> bool:
    """Whether the kind of request, and the ground it invokes, are words the rules know."""
    return kind in REQUEST_KINDS and (ground is None or ground in GROUNDS)
