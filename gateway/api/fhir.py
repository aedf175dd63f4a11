"""FHIR R4 reads for partners; every one of them goes through `disclose`."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from adapters.contract import dump
from consent.vocabulary import PURPOSES
from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, hub_of, partner_of, require_scope
from gateway.api.problems import FHIR_JSON
from gateway.api.together import Together
from gateway.errors import InvalidRequest, NotFound
from gateway.exchange.diagnoses.show_provenance import show_provenance
from gateway.exchange.disclose import Asked, Disclosed, Found, disclose, search_together
from gateway.exchange.families.show_consents import consents_for
from gateway.exchange.hub import Hub
from gateway.fhir.capability import SEARCHED_TYPES, capability_statement
from gateway.identity.callers import PartnerCaller

router = APIRouter(prefix="/fhir", tags=["FHIR R4"])

Purpose = Annotated[
    str, Header(alias="Purpose-Of-Use", description="Why: care, diagnosis, referral, …")
]
Asking: TypeAlias = tuple[PartnerCaller, Asked]
Searches: TypeAlias = Together[Asking, Found]
NO_STORE = {"Cache-Control": "no-store"}


@router.get("/metadata", summary="CapabilityStatement")
def metadata(hub: HubOf) -> Response:
    """Return what this server can do; open to anybody."""
    return _fhir(capability_statement(hub.settings.issuer))


@router.get("/Consent", summary="The family's decisions you may see something by")
def search_consents(
    hub: HubOf,
    caller: PartnerOf,
    patient: Annotated[str, Query(description="Your own pseudonym of the child")] = "",
    purpose: Purpose = "care",
) -> Response:
    """Return the Consents on which something rests that you may see now, for this purpose."""
    require_scope(caller, "Consent", "s")
    if not patient:
        raise InvalidRequest("name the child: ?patient=<id>", where="patient")
    _check_purpose(purpose)
    asked = Asked(type="Consent", purpose=purpose, patient=patient.removeprefix("Patient/"))
    return _fhir(_searchset(hub.settings.issuer, consents_for(hub, caller, asked, at=clock.now())))


@router.get("/Consent/{resource_id}", summary="Read one Consent")
def read_consent(
    hub: HubOf, caller: PartnerOf, resource_id: str, purpose: Purpose = "care"
) -> Response:
    """Return one Consent while something you may see rests on it; else the 404 of absence."""
    require_scope(caller, "Consent", "r")
    _check_purpose(purpose)
    asked = Asked(type="Consent", purpose=purpose, resource=resource_id)
    found = consents_for(hub, caller, asked, at=clock.now())
    if not found:
        raise NotFound
    return _fhir(found[0].content)


@router.get("/Provenance", summary="Who said a diagnosis, and when")
def search_provenances(
    hub: HubOf,
    caller: PartnerOf,
    target: Annotated[str, Query(description="A Condition that you can read")] = "",
    purpose: Purpose = "care",
) -> Response:
    """Return a Provenance for each author that you may know; nothing without the Condition."""
    require_scope(caller, "Provenance", "s")
    if not target:
        raise InvalidRequest("name the diagnosis: ?target=Condition/<id>", where="target")
    _check_purpose(purpose)
    condition = target.removeprefix("Condition/")
    found = show_provenance(hub, caller, condition, purpose, at=clock.now())
    return _fhir(_searchset(hub.settings.issuer, found))


@router.get("/{resource_type}", summary="Search by patient")
async def search(
    request: Request,
    resource_type: str,
    patient: Annotated[str, Query(description="Your own pseudonym of the child")] = "",
    purpose: Purpose = "care",
) -> Response:
    """Return what may be seen of one child; an unknown child looks like nothing to share."""
    hub, caller, searches = hub_of(request), partner_of(request), _searches_of(request)
    if resource_type not in SEARCHED_TYPES:
        raise NotFound
    require_scope(caller, resource_type, "s")
    if not patient:
        raise InvalidRequest("name the child: ?patient=<id>", where="patient")
    _check_purpose(purpose)
    asked = Asked(type=resource_type, purpose=purpose, patient=patient.removeprefix("Patient/"))
    return _fhir(_searchset(hub.settings.issuer, await searches.ask((caller, asked))))


@router.get("/{resource_type}/{resource_id}", summary="Read one resource")
async def read(
    request: Request,
    resource_type: str,
    resource_id: str,
    purpose: Purpose = "care",
) -> Response:
    """Return one resource; absent and denied are the same 404."""
    hub, caller = hub_of(request), partner_of(request)
    require_scope(caller, resource_type, "r")
    _check_purpose(purpose)
    asked = Asked(type=resource_type, purpose=purpose, resource=resource_id)
    found = await run_in_threadpool(_disclose, hub, (caller, asked))
    if not found:
        raise NotFound
    headers = NO_STORE | {"ETag": f'W/"{found[0].version}"'}
    return Response(dump(found[0].content), headers=headers, media_type=FHIR_JSON)


def open_searches(hub: Hub) -> Searches:
    """Return where all searches of one process meet."""
    return Together(partial(_search, hub), partial(_disclose, hub))


def _searches_of(request: Request) -> Searches:
    searches: Searches = request.app.state.searches
    return searches


# The clock is read when the work begins, not when it stood in line.
def _search(hub: Hub, asking: Sequence[Asking]) -> list[Found | None]:
    return search_together(hub, asking, at=clock.now())


def _disclose(hub: Hub, asking: Asking) -> Found:
    return disclose(hub, *asking, at=clock.now())


def _check_purpose(purpose: str) -> None:
    # The purpose is written in the log: only the words of the rules may stand there.
    if purpose not in PURPOSES:
        raise InvalidRequest(f"use one of: {', '.join(sorted(PURPOSES))}", where="Purpose-Of-Use")


def _searchset(issuer: str, found: tuple[Disclosed, ...]) -> dict[str, Any]:
    # No total, no next link: neither may tell of what is withheld.
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if found:
        bundle["entry"] = [
            {
                "fullUrl": f"{issuer}/fhir/{one.content['resourceType']}/{one.id}",
                "resource": one.content,
                "search": {"mode": "match"},
            }
            for one in found
        ]
    return bundle


def _fhir(content: dict[str, Any]) -> Response:
    return Response(dump(content), headers=NO_STORE, media_type=FHIR_JSON)
