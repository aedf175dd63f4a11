"""A doctor pulls what is needed for a child in vital danger; reviewed, and told to the family."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from adapters.contract import dump
from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.legal_routes import incomplete
from gateway.errors import InvalidRequest
from gateway.exchange.grounds.route_record import EMERGENCY, Missing, read_record
from gateway.exchange.legal_routes.emergency import Emergency, Pulled, pull_in_emergency

router = APIRouter(tags=["legal routes"])

FHIR_JSON: Final = "application/fhir+json; fhirVersion=4.0"
OBLIGATION: Final = "https://deelregie.example/fhir/CodeSystem/obligation"
EXPIRES: Final = "https://deelregie.example/fhir/StructureDefinition/expires"

Word = Annotated[str, Field(min_length=1, max_length=256)]


class Doctor(BaseModel):
    """Who treats the child; the hub keeps the id in the encrypted record only."""

    model_config = ConfigDict(extra="forbid")

    id: Word
    role: Literal["medical"]


class EmergencyIn(BaseModel):
    """Which child, by your pseudonym or its national number; who treats it; and why now."""

    model_config = ConfigDict(extra="forbid")

    patient: Word | None = None
    insz: Word | None = None
    actor: Doctor
    record: Annotated[dict[str, JsonValue], Field(description="reason, patient_state, legal_basis")]


@router.post(
    "/emergency-access",
    summary="Vital emergency: medical data and diagnoses, at once",
    responses={
        200: {"description": "A Bundle; empty for unknown, nothing held and denied alike."},
        422: {"description": "The record misses parts; `where` names every one."},
    },
)
def pull(body: EmergencyIn, hub: HubOf, caller: PartnerOf) -> Response:
    """Decide for this doctor, log, start the review, tell the family, and then answer."""
    require_scope(caller, "*", "r")
    if (body.patient is None) == (body.insz is None):
        raise InvalidRequest("name the child once: by patient or by insz", where="body.patient")
    at = clock.now()
    record = read_record(EMERGENCY, body.record, at=at)
    if isinstance(record, Missing):
        raise incomplete(record, ground=EMERGENCY)
    call = Emergency(patient=body.patient, insz=body.insz, doctor=body.actor.id, record=record)
    pulled = pull_in_emergency(hub, caller, call, at=at)
    return Response(
        dump(_bundle(pulled)), headers={"Cache-Control": "no-store"}, media_type=FHIR_JSON
    )


def _bundle(pulled: Pulled) -> dict[str, Any]:
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if pulled.expires_at is None:
        return bundle
    bundle["meta"] = {
        "extension": [
            {"url": EXPIRES, "valueInstant": pulled.expires_at.isoformat("T", "seconds")}
        ],
        "tag": [{"system": OBLIGATION, "code": one} for one in pulled.obligations],
    }
    return bundle | {"entry": [{"resource": one.content} for one in pulled.found]}
