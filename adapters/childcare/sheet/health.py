"""What parents told a childcare location about health: unconfirmed, and never a diagnosis."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.childcare.sheet.family import Family
from adapters.childcare.sheet.payload import SHEET, CareNeed, Medical
from adapters.contract import Question, Resource, Segment
from adapters.reading.node import Field
from adapters.resources import category, coded, concept, finding, reference
from adapters.systems import ALLERGY_CLINICAL, ALLERGY_VERIFICATION
from schemas import code_table

NOTHING = "the sheet says there is nothing to report"
NOT_KNOWN = "the sheet says that it is not known; nothing is claimed"
DOUBTFUL = "whether this says that there is something is not sure; a person reads the original"
OTHERS = "the need that is described is somebody else's"
UNDESCRIBED = "that there is a care need says nothing without what it is"
ATTEST = "without a care need that is described there is nothing the attest belongs to"
_INCONSISTENT = "the sheet says that there is no care need and describes one; correct one of them"

_REASONS = {"none": NOTHING, "unknown": NOT_KNOWN}
_DENIED = re.compile(r"(?:geen|niets?|neen?|nihil|onbekend)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2}")
_DOUBT = (
    "the words may say that there is nothing, or name something all the same; read them in the "
    "original, and ask the location to write what there is"
)


def doubts(medical: Medical, part: str) -> Iterator[Question]:
    """What is no plain answer: "geen melk" may be an allergy, and "x" may be anything."""
    denied = [one for one in (*medical.allergies, *medical.medication) if _is_doubtful(one)]
    for told in (*denied, *(one for one in medical.remarks if _is_no_word(one))):
        yield Question(
            where=told.place,
            field=told.name,
            code="doubt-in-free-text",
            message=_DOUBT,
            part=part,
        )


def allergies(medical: Medical, case: Case) -> Iterator[Segment]:
    """Allergies in the parents' words, unconfirmed."""
    for number, told in _told(medical.allergies, case):
        if made := case.claim("AllergyIntolerance", f"allergy/{number}", told):
            case.ledger.mapped(made["code"], told)
            body = {
                "clinicalStatus": coded(ALLERGY_CLINICAL, "active"),
                "verificationStatus": coded(ALLERGY_VERIFICATION, "unconfirmed"),
                "code": concept(text=told.text),
                "patient": reference(case.patient),
            }
            yield case.segment(made, "medical", body, flags=("free_text",))


def medication(medical: Medical, case: Case) -> Iterator[Segment]:
    """Medication in the parents' words; whether it is still taken is not known."""
    for number, told in _told(medical.medication, case):
        if made := case.claim("MedicationStatement", f"medication/{number}", told):
            case.ledger.mapped(made["medicationCodeableConcept"], told)
            body = {
                "status": "unknown",
                "medicationCodeableConcept": concept(text=told.text),
                "subject": reference(case.patient),
            }
            yield case.segment(made, "medical", body, flags=("free_text",))


def remarks(medical: Medical, family: Family, case: Case) -> Iterator[Segment]:
    """Other remarks about health."""
    for number, told in _told(medical.remarks, case, denied=False):
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
    if need.description and described and needs_none:
        case.reject(need.description, "care-need-inconsistent", _INCONSISTENT)
    if need.description is None or not described or needs_none:
        case.ledger.minimised(NOTHING if needs_none else UNDESCRIBED, need.present)
        case.ledger.minimised(ATTEST, need.attested)
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


def _told(
    fields: tuple[Field, ...], case: Case, *, denied: bool = True
) -> Iterator[tuple[int, Field]]:
    """What says something, with its place in the list; a remark may begin with a denial."""
    for number, field in enumerate(fields, start=1):
        if reason := _reason_for_nothing(field):
            case.ledger.minimised(reason, field)
        elif _is_doubtful(field) if denied else _is_no_word(field):
            case.ledger.minimised(DOUBTFUL, field)
        elif field.text:
            yield number, field


def _reason_for_nothing(field: Field) -> str | None:
    said, table = field.text.lower(), code_table("nothing-to-report")
    row = table.get(said) or table.get(said.rstrip("."))
    return _REASONS[row["meaning"]] if row else None


def _is_no_word(field: Field) -> bool:
    return bool(field.text) and not _reason_for_nothing(field) and not _WORD.search(field.text)


def _is_doubtful(field: Field) -> bool:
    denied = _DENIED.match(field.text) and not _reason_for_nothing(field)
    return bool(denied) or _is_no_word(field)


def _observation(code: Resource, told: str, case: Case) -> Resource:
    return {
        "status": "final",
        "category": category("survey"),
        "code": code,
        "subject": reference(case.patient),
        "valueString": told,
    }
