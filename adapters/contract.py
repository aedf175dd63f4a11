"""What an adapter promises: the types every source shares and the one JSON writer they use."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

import orjson

Resource = dict[str, Any]
"""One FHIR R4 resource as JSON; decimals are `decimal.Decimal` with the source's spelling."""

Payload = TypeVar("Payload")

CHILD = frozenset({"child"})


class Fate(StrEnum):
    """What became of one field of a source."""

    MAPPED = "mapped"
    MINIMISED = "minimised"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One layout an adapter reads, and where it is written down."""

    name: str
    version: str
    specification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the installation allows; `today` lets birth dates in the future be refused exactly."""

    allow_test_numbers: bool = False
    today: date | None = None


DEFAULT_OPTIONS = ReadOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """The fate of one field: only places, never a value."""

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
    "related-1", "related-2", ... for the part's `related` in order.
    """

    resource: Resource
    data_class: str
    key: str
    about: frozenset[str] = CHILD
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    """What a source knows to recognise the subject by; `damaged` means the name lost characters."""

    insz: str | None
    family: str
    given: str
    born: str | None
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedKey:
    """A parent or other right-holder as the source names one."""

    insz: str | None
    relation: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Everything one source says about one person in one delivery."""

    id: str
    subject: PersonKey
    related: tuple[RelatedKey, ...]
    segments: tuple[Segment, ...]
    asserted_at: str
    version: str
    linkable: bool = True
    adult: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A read source: its parts, what was refused, and the fate of every field."""

    parts: tuple[Part, ...]
    rejections: tuple[Rejection, ...]
    account: tuple[AccountLine, ...]
    snapshot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter(Generic[Payload]):
    """One source system: reading is total over bytes, mapping is pure."""

    source: str
    formats: tuple[Format, ...]
    media_types: frozenset[str]
    read: Callable[[bytes, ReadOptions], Payload | Unreadable]
    to_fhir: Callable[[Payload, ReadOptions], Translation]


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
