"""Small builders for FHIR JSON, so that the mappings read as what they mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from adapters.contract import CHILD, Resource, Segment
from adapters.labels import labelled
from adapters.systems import (
    BASE,
    CLINICAL,
    FINDING,
    OBSERVATION_CATEGORY,
    PARENTAL_AUTHORITY,
    PROVENANCE_AGENT,
    ROLE_CODE,
    VERIFICATION,
)

if TYPE_CHECKING:
    from hashlib import _Hash

# Names of uuid5 under a namespace begin so; hashing it once halves the work of every resource.
_NAMESPACE = sha1(uuid5(NAMESPACE_URL, BASE).bytes, usedforsecurity=False)
_URLS = sha1(NAMESPACE_URL.bytes, usedforsecurity=False)
# The first two bits of the digit after the third dash are 1 and 0.
_VARIANT = {digit: "89ab"[number % 4] for number, digit in enumerate("0123456789abcdef")}

EVERY_VERSION = "v999999999"
"""Of a retraction that names no version: it ends each of them, also one exported again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A resource to be made: its type, its business key and the id that follows from them."""

    kind: str
    key: str
    id: str

    @property
    def ref(self) -> str:
        """A relative reference to it."""
        return f"{self.kind}/{self.id}"

    def __getitem__(self, element: str) -> str:
        """The place of one element in it, for the account."""
        return f"{self.kind}/{self.id}.{element}"


def target(source: str, kind: str, key: str) -> Target:
    """The same source and key give the same id, for ever."""
    return Target(kind=kind, key=key, id=_uuid5(_NAMESPACE.copy(), f"{source}|{kind}|{key}"))


def fingerprint(name: str) -> str:
    """The uuid5 of a name under the namespace of URLs."""
    return _uuid5(_URLS.copy(), name)


def _uuid5(hashed: "_Hash", name: str) -> str:
    """As `uuid.uuid5` writes it (RFC 9562: version 5, and its variant), without its object."""
    hashed.update(name.encode())
    text = hashed.hexdigest()
    variant = _VARIANT[text[16]]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def segment(
    made: Target,
    data_class: str,
    body: Resource,
    *,
    about: frozenset[str] = CHILD,
    flags: Iterable[str] = (),
) -> Segment:
    """The labelled resource; elements without a value are left out."""
    flags = frozenset(flags)
    resource = {
        "resourceType": made.kind,
        "id": made.id,
        "meta": labelled(data_class, about, flags),
        **filled(body),
    }
    return Segment(resource=resource, data_class=data_class, key=made.key, about=about, flags=flags)


def nth(number: str) -> str:
    """The order of a version by its number; after every moment, so that the two never mix."""
    return f"v{number}"


def numbered(segments: Iterable[Segment], version: str, *paths: str) -> tuple[Segment, ...]:
    """The segments, of which those at or under these paths have the source's own version number.

    The rest, such as a person or an organisation, is ordered by when it was said.
    """
    under = tuple(f"{path}/" for path in paths)
    return tuple(
        _versioned(one, nth(version)) if f"{one.key}/".startswith(under) else one
        for one in segments
    )


def _versioned(one: Segment, version: str) -> Segment:
    # As `replace` does, in a fifth of the time.
    return Segment(
        resource=one.resource,
        data_class=one.data_class,
        key=one.key,
        about=one.about,
        flags=one.flags,
        version=version,
    )


def filled(body: Resource) -> Resource:
    """Without the elements that have no value, since FHIR knows no empty ones."""
    # Zero and false are values.
    return {name: value for name, value in body.items() if value or value == 0}


def reference(to: Target | None, display: str | None = None) -> Resource | None:
    """A reference with what a reader may see of it."""
    if to is None:
        return None
    return {"reference": to.ref, "display": display} if display else {"reference": to.ref}


def coding(system: str, code: str, display: str | None = None) -> Resource:
    """One code of one system."""
    if not display:
        return {"system": system, "code": code}
    return {"system": system, "code": code, "display": display}


def concept(*codings: Resource, text: str | None = None) -> Resource:
    """A concept in as many codings as are known."""
    found: Resource = {"coding": list(codings)} if codings else {}
    if text:
        found["text"] = text
    return found


@lru_cache(maxsize=4096)
def coded(system: str, code: str, display: str | None = None) -> Resource:
    """A concept in one code of the adapters' own tables, which all resources share: only read it.

    Most of a resource is such words; made anew, they are most of the memory of a large file.
    """
    return concept(coding(system, code, display))


def finding(code: str, display: str) -> Resource:
    """What an observation of ours is about."""
    return coded(FINDING, code, display)


@lru_cache(maxsize=256)
def category(code: str) -> list[Resource]:
    """The category of an observation, shared as `coded` is."""
    return [coded(OBSERVATION_CATEGORY, code)]


def identifier(system: str, value: str | None, use: str | None = None) -> list[Resource]:
    """A list with one identifier, or an empty one when the number is not there."""
    return [filled({"use": use, "system": system, "value": value})] if value else []


def period(start: str | None, end: str | None = None) -> Resource:
    """A period; without a start and an end it is left out."""
    return filled({"start": start, "end": end})


def condition_status(clinical: str, verification: str) -> Resource:
    """The two statuses of a condition."""
    return {
        "clinicalStatus": coded(CLINICAL, clinical),
        "verificationStatus": coded(VERIFICATION, verification),
    }


def recorded_by(organisation: Target | None, name: str | None) -> Resource:
    """A recorder of whom only the organisation is known travels inside the resource."""
    if organisation is None:
        return {}
    role = {
        "resourceType": "PractitionerRole",
        "id": "recorder",
        "organization": reference(organisation, name),
    }
    return {"contained": [role], "recorder": {"reference": "#recorder"}}


@lru_cache(maxsize=256)
def relationship(role: str) -> list[Resource]:
    """Who a related person is, shared as `coded` is."""
    return [coded(ROLE_CODE, role)]


@lru_cache(maxsize=256)
def authority_extension(authority: str) -> list[Resource]:
    """LAW: parental authority is no relationship, so it has an element of its own.

    It is shared as `coded` is.
    """
    return [{"url": PARENTAL_AUTHORITY, "valueCode": authority}]


def provenance(
    patient: Target, *, recorded: str, author: Resource | None, message: list[Resource]
) -> Resource:
    """Who asserted a part and when; it names the patient only, so it betrays no other segment."""
    entity = [{"role": "source", "what": {"identifier": number}} for number in message]
    agent = {
        "type": coded(PROVENANCE_AGENT, "author"),
        "who": author or {"display": "the source system"},
    }
    return {
        "target": [reference(patient)],
        "recorded": recorded,
        "agent": [agent],
        "entity": entity,
    }
