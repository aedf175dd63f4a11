"""FHIR R4 reads for partners; every one of them goes through `disclose`."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from adapters.contract import dump
from consent.vocabulary import PURPOSES
from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.problems import FHIR_JSON
from gateway.errors import InvalidRequest, NotFound
from gateway.exchange.disclose import Asked, Disclosed, disclose
from gateway.fhir.capability import SEARCHED_TYPES, capability_statement

router = APIRouter(prefix="/fhir", tags=["FHIR R4"])

Purpose = Annotated[
    str, Header(alias="Purpose-Of-Use", description="Why: care, diagnosis, referral, …")
]
NO_STORE = {"Cache-Control": "no-store"}


@router.get("/metadata", summary="CapabilityStatement")
def metadata(hub: HubOf) -> Response:
    """Return what this server can do; open to anybody."""
    return _fhir(capability_statement(hub.settings.issuer))


@router.get("/{resource_type}", summary="Search by patient")
def search(
    resource_type: str,
    hub: HubOf,
    caller: PartnerOf,
    patient: Annotated[str, Query(description="Your own pseudonym of the child")] = "",
    purpose: Purpose = "care",
) -> Response:
    """Return what may be seen of one child; an unknown child looks like nothing to share."""
    if resource_type not in SEARCHED_TYPES:
        raise NotFound
    require_scope(caller, resource_type, "s")
    if not patient:
        raise InvalidRequest("name the child: ?patient=<id>", where="patient")
    _check_purpose(purpose)
    asked = Asked(type=resource_type, purpose=purpose, patient=patient.removeprefix("Patient/"))
    return _fhir(_searchset(hub.settings.issuer, disclose(hub, caller, asked, at=clock.now())))


@router.get("/{resource_type}/{resource_id}", summary="Read one resource")
def read(
    resource_type: str,
    resource_id: str,
    hub: HubOf,
    caller: PartnerOf,
    purpose: Purpose = "care",
) -> Response:
    """Return one resource; absent and denied are the same 404."""
    require_scope(caller, resource_type, "r")
    _check_purpose(purpose)
    asked = Asked(type=resource_type, purpose=purpose, resource=resource_id)
    found = disclose(hub, caller, asked, at=clock.now())
    if not found:
        raise NotFound
    headers = NO_STORE | {"ETag": f'W/"{found[0].version}"'}
    return Response(dump(found[0].content), headers=headers, media_type=FHIR_JSON)


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
