"""What parents told a childcare location about health: unconfirmed, and never a diagnosis."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.childcare.sheet.family import Family
from adapters.childcare.sheet.payload import SHEET, CareNeed, Medical
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import category, coding, concept, finding, reference
from adapters.systems import ALLERGY_CLINICAL, ALLERGY_VERIFICATION
from schemas import code_table

NOTHING = "the sheet says there is nothing to report"
OTHERS = "the need that is described is somebody else's"
ATTEST = "without a description there is nothing the attest belongs to"


def allergies(medical: Medical, case: Case) -> Iterator[Segment]:
    """Allergies in the parents' words, unconfirmed."""
    for told in _told(medical.allergies, case):
        if made := case.claim("AllergyIntolerance", f"allergy/{told.text.lower()}", told):
            case.ledger.mapped(made["code"], told)
            body = {
                "clinicalStatus": concept(coding(ALLERGY_CLINICAL, "active")),
                "verificationStatus": concept(coding(ALLERGY_VERIFICATION, "unconfirmed")),
                "code": concept(text=told.text),
                "patient": reference(case.patient),
            }
            yield case.segment(made, "medical", body, flags=("free_text",))


def medication(medical: Medical, case: Case) -> Iterator[Segment]:
    """Medication in the parents' words; whether it is still taken is not known."""
    for told in _told(medical.medication, case):
        if made := case.claim("MedicationStatement", f"medication/{told.text.lower()}", told):
            case.ledger.mapped(made["medicationCodeableConcept"], told)
            body = {
                "status": "unknown",
                "medicationCodeableConcept": concept(text=told.text),
                "subject": reference(case.patient),
            }
            yield case.segment(made, "medical", body, flags=("free_text",))


def remarks(medical: Medical, family: Family, case: Case) -> Iterator[Segment]:
    """Other remarks about health."""
    for number, told in enumerate(_told(medical.remarks, case), start=1):
        key = f"remark/{number}"
        yield from family.told_apart(key, told, case)
        own = family.about_the_child(told)
        made = case.claim("Observation", key, told) if own else None
        if made:
            case.ledger.mapped(made["valueString"], told)
            code = finding("health-remark", "Remark about health on a childcare sheet")
            yield case.segment(made, "medical", _observation(code, own, case), flags=("free_text",))


def care_need(need: CareNeed, family: Family, case: Case) -> Iterator[Segment]:
    """The support a child needs in practice: what helps, never why."""
    if need.present and need.present.text and not SHEET.says(need.present, "yes", "no"):
        case.unknown_code(need.present)
    needs_none = SHEET.says(need.present, "no")
    described = need.description is not None and bool(need.description.text)
    if need.description is None or not described or needs_none:
        reason = NOTHING if needs_none or not need.present else ATTEST
        case.ledger.minimised(reason, need.present, need.attested, need.description)
        return
    yield from family.told_apart("care-need", need.description, case)
    own = family.about_the_child(need.description)
    if not own:
        case.ledger.minimised(OTHERS, need.present, need.attested)
    elif made := case.claim("Observation", "care-need", need.description):
        case.ledger.mapped(made["valueString"], need.description, need.present)
        code = finding("care-need", "Specific care need in childcare")
        body = _observation(code, own, case)
        attested = case.date(need.attested, made["effectiveDateTime"])
        yield case.segment(
            made, "functional", {**body, "effectiveDateTime": attested}, flags=("free_text",)
        )


def _told(fields: tuple[Field, ...], case: Case) -> Iterator[Field]:
    for field in fields:
        if field.text.lower().rstrip(".") in code_table("nothing-to-report"):
            case.ledger.minimised(NOTHING, field)
        elif field.text:
            yield field


def _observation(code: Resource, told: str, case: Case) -> Resource:
    return {
        "status": "final",
        "category": category("survey"),
        "code": code,
        "subject": reference(case.patient),
        "valueString": told,
    }
