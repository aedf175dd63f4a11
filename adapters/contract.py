"""What an adapter promises: the types every source shares and the one JSON writer they use."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar, cast

import orjson

Resource = dict[str, Any]
"""One FHIR R4 resource as JSON; decimals are `decimal.Decimal` with the source's spelling."""

Document = TypeVar("Document")
Payload = TypeVar("Payload")

CHILD = frozenset({"child"})
ADULT = frozenset({"adult"})

ROWS = ""
"""The records of a table, which has no name for them."""


class Fate(StrEnum):
    """What became of one field of a source."""

    MAPPED = "mapped"
    MINIMISED = "minimised"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """How a file is written; it tells which reader parses it."""

    XML = "xml"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One layout an adapter reads, and where it is written down."""

    name: str
    version: str
    specification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the installation allows; `today` lets birth dates in the future be refused exactly.

    `day_registrations` lets each single day of help through; without it, only that there is help
    (partner systems, section 5.2: off by default).
    """

    allow_test_numbers: bool = False
    today: date | None = None
    day_registrations: bool = False


DEFAULT_OPTIONS = ReadOptions()


class AccountLine(NamedTuple):
    """The fate of one field: only places, never a value.

    A named tuple, since there is one for each field of a source: it takes half the time to make.
    """

    path: str
    fate: Fate
    to: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Something in the source a person must look at; the message holds no personal data."""

    where: str
    field: str
    code: str
    message: str
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Nothing is wrong, but only a person may decide it, such as a wish about sharing.

    The message holds no personal data; what was wished stays in the encrypted original.
    """

    where: str
    field: str
    code: str
    message: str
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """The file as a whole cannot be read: a value, with the remedy in its message."""

    code: str
    where: str
    message: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One labelled resource: the unit a consent decision lets through or holds back.

    `about` names the data subjects: "child" (or "adult" where the part's subject is one) and
    "related-1", "related-2", ... for the part's `related` in order. It is empty where a source
    does not tell whether its person is a child: then nobody can release the segment. `version` is
    the source's own version number of it (`v` and nine digits): it decides what is newer, and the
    part's moment only among equals, since an old version may be exported again.
    """

    resource: Resource
    data_class: str
    key: str
    about: frozenset[str] = CHILD
    flags: frozenset[str] = frozenset()
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """What a source knows to recognise the subject by; `damaged` means the name lost characters.

    `local` is the source's own number for the child, and means the same child only within that
    source. `abbreviated` means that only an initial of the family name is known.
    """

    insz: str | None
    family: str
    given: str
    born: str | None
    damaged: bool = False
    gender: str | None = None
    local: str | None = None
    abbreviated: bool = False


class NumberChange(StrEnum):
    """What happened to the national number of a person a source knows."""

    ASSIGNED = "assigned"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChange:
    """A source tells that a person's number changed; numbers are checked and punctuation-free."""

    kind: NumberChange
    old: str | None = None
    new: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedKey:
    """A parent or other right-holder as the source names one."""

    insz: str | None
    relation: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Everything one source says about one person in one delivery.

    `within` names the scope (see `Translation`) that it says something of, in a delivery that is
    not complete for it: it ends nothing, and counts from the moment it was received.
    """

    id: str
    subject: PersonKey
    related: tuple[RelatedKey, ...]
    segments: tuple[Segment, ...]
    asserted_at: str
    version: str
    linkable: bool = True
    adult: bool = False
    identity: IdentityChange | None = None
    within: str | None = None


class Ending(StrEnum):
    """Why a statement no longer stands."""

    ERROR = "entered-in-error"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """A statement of this source that no longer stands, whether or not it ever arrived.

    `key` is that of a segment, or a path that segments lie under; without one everything this
    source said about `subject` ends, as when a file is struck. `asserted_at` and `version` say
    when, in the form of a part's; for a numbered segment they are its number and the moment.
    """

    key: str | None
    ending: Ending
    asserted_at: str
    version: str
    where: str
    subject: PersonKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One element of one resource changes; the rest of what the source said stands.

    `key` is that of the segment, `element` a top-level element of its resource, or a path from one
    (`name.0.family`: a number is a position in a list), and `value` what stands there from now on
    (None: nothing).
    """

    key: str
    element: str
    value: Any
    asserted_at: str
    version: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A read source: its parts, what ended or changed, what was refused, and every field's fate.

    `snapshot` promises that all is here that this source says about each child; `scope` names
    what else the delivery is complete for, such as a month of one location: what an earlier one of
    the same scope said, and this one does not, no longer stands.
    """

    parts: tuple[Part, ...]
    rejections: tuple[Rejection, ...]
    account: tuple[AccountLine, ...]
    snapshot: bool = False
    scope: str | None = None
    retractions: tuple[Retraction, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a file of a layout may be cut into pieces that are read one by one.

    `records` has the key of each array of records at the top of a JSON document, or `ROWS`. Those
    that say the same at its places (spaces and case aside) stay in one piece, since only together
    they tell what a part is, or that a record stands twice; without a place any may be parted.
    A file in which that would part the records of one id, at the place `known_by`, is not cut.
    `scope_of` gives what a part counts as complete for, and `mixed` what is refused where a file
    holds more than one of those.
    """

    records: Mapping[str, tuple[tuple[str, ...], ...]]
    known_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scope_of: Callable[[Part], str] | None = None
    mixed: Rejection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout(Generic[Document, Payload]):
    """One layout of a source; `recognises` tells it from its neighbours by one sure sign.

    What it recognises may still be wrong: `read` says so, by place.
    """

    format: Format
    kind: Kind
    media_types: frozenset[str]
    recognises: Callable[[Document], bool]
    read: Callable[[Document, ReadOptions], Payload | Unreadable]
    to_fhir: Callable[[Payload, ReadOptions], Translation]
    write: Callable[[Iterable[Resource]], bytes] | None = None
    """Back to the source's own words, for a service that receives in its own layout."""
    cut: Cut | None = None
    """How a file too large to be read at once is cut; without it, it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """One source system and the layouts it sends; mapping is pure.

    `code_page` is what its CSV may be written in where it is not UTF-8.
    """

    source: str
    layouts: tuple[Layout[Any, Any], ...]
    code_page: str | None = None

    @property
    def media_types(self) -> frozenset[str]:
        """Every media type in which it delivers."""
        return frozenset().union(*[layout.media_types for layout in self.layouts])


def dump(resource: Resource, *, pretty: bool = False) -> bytes:
    """Write JSON with every decimal spelled as the source did (84.0 stays 84.0)."""
    option = orjson.OPT_INDENT_2 if pretty else None
    return orjson.dumps(resource, default=_as_written, option=option)


def load(raw: bytes) -> Resource:
    """Read JSON that `dump` wrote, decimals included."""
    return cast("Resource", json.loads(raw, parse_float=Decimal))


def _as_written(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode())
    raise TypeError(f"a resource cannot hold {type(value).__name__}")
