"""Why may whom see what, and what if: for a signed-in person of the family (docs/http-api.md).

Every answer holds only what that person may know. Absent, not yours and not for you are the same.
"""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from adapters.contract import dump
from gateway.clock import now
from gateway.errors import NotFound
from gateway.exchange.families.changing import Ways
from gateway.exchange.families.show_consents import consents_of_family
from gateway.exchange.family_views.family_view import LookView, one_look
from gateway.exchange.family_views.preview import (
    Preview,
    ServicePreview,
    StillClosed,
    Wish,
    preview_if_granted,
)
from gateway.exchange.family_views.who_can_see import (
    FileAnswer,
    PartAnswer,
    ServiceAnswer,
    who_can_see,
)
from gateway.i18n import DEFAULT_LANGUAGE, name_of
from gateway.identity.callers import PersonCaller
from gateway.pages.render import hub_of
from gateway.portal.api_session import CsrfHeader, guarded, signed_in
from gateway.portal.saying import say_reasons, say_ways

MOST_BYTES: Final = 8_192
FHIR_JSON: Final = "application/fhir+json; fhirVersion=4.0"
_MOST_CLASSES: Final = 20
_LONGEST_NAME: Final = 64

router = APIRouter(tags=["family"], max_body_size=MOST_BYTES)

Language = Annotated[
    str, Query(pattern="^(nl|fr|en)$", description="The language of the sentences")
]
ChildId = Annotated[str, Path(max_length=_LONGEST_NAME, description="As in GET /consents")]
Name = Annotated[str, Field(max_length=_LONGEST_NAME)]


class Reasoned(BaseModel):
    """Why, and what would change it."""

    rules: list[str]
    reason: str
    changes: list[list[str]]
    """Each way is a list of what must happen together; the shortest ways come first."""
    change: str
    """The ways as one sentence."""


class ServiceSees(Reasoned):
    """What one service sees of one kind of data."""

    service: str
    name: str
    kind: str
    sees: str
    """`yes`, `extract` (only what is needed to act), `waiting`, `no`, or `nothing` to share."""
    partly: bool
    purposes: list[str]


class PartSeen(BaseModel):
    """One kind of data that is in the file, and who sees it."""

    data_class: str = Field(serialization_alias="class")
    what: str
    written_by: list[str]
    services: list[ServiceSees]


class FileSeen(BaseModel):
    """Who can see what of a child; without parts when it is not for this person to know."""

    child: str
    standing: str
    """`decides`, `child_decides`, `unsettled` or `no_authority`."""
    parts: list[PartSeen]


class WishIn(BaseModel):
    """A grant that somebody thinks of giving; nothing is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child: Name
    classes: Annotated[frozenset[Name], Field(min_length=1, max_length=_MOST_CLASSES)]
    purpose: Name
    to: Name


class Closed(Reasoned):
    """A kind of data that would still not go."""

    data_class: str = Field(serialization_alias="class")
    what: str
    sees: str


class ServiceWouldSee(BaseModel):
    """What a service would see that it does not see now, and what it would not see."""

    service: str
    name: str
    kind: str
    opens: list[str]
    extracts: list[str]
    already: list[str]
    stops: list[str]
    """What an earlier yes opened, and this one, which takes its place, leaves out."""
    closed: list[Closed]


class PreviewOut(BaseModel):
    """What this grant would change, for the service it names and for every other one around."""

    to: ServiceWouldSee
    others: list[ServiceWouldSee]
    empty: list[str]
    """Chosen, but there is nothing of it now."""
    never: list[str]
    """Never covered by a grant that does not name it."""


class DecisionOut(BaseModel):
    """Why one look was allowed or refused."""

    at: datetime
    service: str
    role: str
    purpose: str
    classes: list[str]
    act: str
    allowed: bool
    about: str
    rules: list[str]
    reason: str


@router.get(
    "/children/{child}/who-can-see", summary="Who can see what, why, and what would change it"
)
def seen(
    request: Request, response: Response, child: ChildId, language: Language = DEFAULT_LANGUAGE
) -> FileSeen:
    """Answer for every kind of data of an own child and every service around it."""
    person = _person(request, response)
    found = who_can_see(hub_of(request), person, child, at=now())
    if found is None:
        raise NotFound
    return _file(found, language)


@router.post("/consents/preview", summary="What would change if you granted this")
def would_see(
    request: Request,
    response: Response,
    wish: WishIn,
    language: Language = DEFAULT_LANGUAGE,
    x_csrf_token: CsrfHeader = "",
) -> PreviewOut:
    """Decide as if the grant were given; nothing is kept, and nothing goes."""
    response.headers["Cache-Control"] = "no-store"
    person = guarded(request, x_csrf_token)
    asked = Wish(child=wish.child, classes=wish.classes, purpose=wish.purpose, to=wish.to)
    found = preview_if_granted(hub_of(request), person, asked, at=now())
    if found is None:
        raise NotFound
    return _preview(found, language)


@router.get("/children/{child}/decisions/{line}", summary="Why one look was allowed or refused")
def decision(
    request: Request,
    response: Response,
    child: ChildId,
    line: Annotated[str, Path(max_length=_LONGEST_NAME, description="As on the page Wie keek")],
    language: Language = DEFAULT_LANGUAGE,
) -> DecisionOut:
    """Explain one line of who looked, in plain words."""
    person = _person(request, response)
    found = one_look(hub_of(request), person, child, line, at=now())
    if found is None:
        raise NotFound
    return _look(found, language)


@router.get(
    "/children/{child}/consents.fhir",
    summary="Every decision that you may see, as FHIR Consents",
    response_class=Response,
)
def as_fhir(request: Request, response: Response, child: ChildId) -> Response:
    """Return a Bundle (collection) of Consents; states and words are in extensions."""
    person = _person(request, response)
    found = consents_of_family(hub_of(request), person, child, at=now())
    if found is None:
        raise NotFound
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in found]
    bundle = {"resourceType": "Bundle", "type": "collection"} | (
        {"entry": entries} if entries else {}
    )
    return Response(dump(bundle), headers=dict(response.headers), media_type=FHIR_JSON)


def _person(request: Request, response: Response) -> PersonCaller:
    response.headers["Cache-Control"] = "no-store"
    return signed_in(request)


def _file(found: FileAnswer, language: str) -> FileSeen:
    young = found.viewer.is_child
    return FileSeen(
        child=found.child,
        standing=found.viewer.standing,
        parts=[_part(one, language, young=young) for one in found.parts],
    )


def _part(part: PartAnswer, language: str, *, young: bool) -> PartSeen:
    return PartSeen(
        data_class=part.data_class,
        what=name_of(language, "class", part.data_class),
        written_by=list(part.written_by),
        services=[_service(one, language, young=young) for one in part.services],
    )


def _service(one: ServiceAnswer, language: str, *, young: bool) -> ServiceSees:
    return ServiceSees(
        service=one.service,
        name=one.name,
        kind=one.kind,
        sees=one.sees,
        partly=one.partly,
        purposes=list(one.purposes),
        rules=list(one.rules),
        reason=say_reasons(language, one.sees, one.rules, young=young),
        changes=_changes(one.changes),
        change=say_ways(language, one.sees, one.changes, young=young),
    )


def _preview(found: Preview, language: str) -> PreviewOut:
    young = found.by_child
    return PreviewOut(
        to=_would_see(found.to, language, young=young),
        others=[_would_see(one, language, young=young) for one in found.others],
        empty=list(found.empty),
        never=list(found.never),
    )


def _would_see(one: ServicePreview, language: str, *, young: bool) -> ServiceWouldSee:
    return ServiceWouldSee(
        service=one.service,
        name=one.name,
        kind=one.kind,
        opens=list(one.opens),
        extracts=list(one.extracts),
        already=list(one.already),
        stops=list(one.stops),
        closed=[_closed(closed, language, young=young) for closed in one.closed],
    )


def _closed(one: StillClosed, language: str, *, young: bool) -> Closed:
    return Closed(
        data_class=one.data_class,
        what=name_of(language, "class", one.data_class),
        sees=one.sees,
        rules=list(one.rules),
        reason=say_reasons(language, one.sees, one.rules, young=young),
        changes=_changes(one.changes),
        change=say_ways(language, one.sees, one.changes, young=young),
    )


def _look(look: LookView, language: str) -> DecisionOut:
    rules = [one for one in look.reason.split(", ") if one]
    return DecisionOut(
        at=look.at,
        service=look.partner_name,
        role=look.role,
        purpose=look.purpose,
        classes=sorted(look.classes),
        act=look.act,
        allowed=not look.act.endswith("denied"),
        about=look.about,
        rules=rules,
        reason=" ".join(dict.fromkeys(name_of(language, "reason", one) for one in rules)),
    )


def _changes(ways: Ways) -> list[list[str]]:
    return [list(way) for way in ways]
