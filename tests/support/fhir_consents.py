"""Builders for FHIR R4 Consents and questions about them; each sets what a test is about."""

from datetime import datetime
from typing import Any

from consent.moments import BRUSSELS
from consent.provision_codes import (
    ACT_CODE,
    ACT_REASON,
    ACTION,
    CONFIDENTIALITY,
    PARTICIPATION,
    RESOURCE_TYPES,
    SCOPE,
)
from consent.provision_model import Answer, Asker, Coding, Data, Question, Says
from consent.provision_times import Interval, bounds
from consent.provisions import evaluate

JSON = dict[str, Any]
AT = datetime(2026, 3, 2, 10, tzinfo=BRUSSELS)
PATIENT = "Patient/mila"
DOCTOR = "Practitioner/ann"
OTHER_DOCTOR = "Practitioner/bram"
SCHOOL = "Organization/school"
BTG_USERS = "Group/may-break-glass"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ROLES = "http://example.org/roles"


def coding(system: str, code: str) -> JSON:
    return {"system": system, "code": code}


def concept(system: str, code: str) -> JSON:
    return {"coding": [coding(system, code)]}


def purposes(*codes: str) -> list[JSON]:
    return [coding(ACT_REASON, code) for code in codes]


def labels(*codes: str) -> list[JSON]:
    return [coding(_label_system(code), code) for code in codes]


def _label_system(code: str) -> str:
    return CONFIDENTIALITY if code in set("ULMNRV") else ACT_CODE


def actions(*codes: str) -> list[JSON]:
    return [concept(ACTION, code) for code in codes]


def classes(*codes: str) -> list[JSON]:
    return [coding(RESOURCE_TYPES, code) for code in codes]


def recipient(reference: str) -> JSON:
    return {"role": concept(PARTICIPATION, "IRCP"), "reference": {"reference": reference}}


def data(meaning: str, reference: str) -> JSON:
    return {"meaning": meaning, "reference": {"reference": reference}}


def provision(kind: str, *nested: JSON, **selectors: Any) -> JSON:
    """A provision; `class_` stands for the element `class`."""
    given = {name.rstrip("_"): value for name, value in selectors.items()}
    return {"type": kind, **given, **({"provision": list(nested)} if nested else {})}


def permit(*nested: JSON, **selectors: Any) -> JSON:
    return provision("permit", *nested, **selectors)


def deny(*nested: JSON, **selectors: Any) -> JSON:
    return provision("deny", *nested, **selectors)


def consent(root: JSON | None = None, **elements: Any) -> JSON:
    """A valid active privacy consent of this patient; None drops an element."""
    found = {
        "resourceType": "Consent",
        "id": "c1",
        "status": "active",
        "scope": concept(SCOPE, "patient-privacy"),
        "category": [concept(LOINC, "59284-0")],
        "patient": {"reference": PATIENT},
        "dateTime": "2026-01-05",
        "policy": [{"uri": "https://example.org/policies/sharing"}],
        "provision": root,
        **elements,
    }
    return {name: value for name, value in found.items() if value is not None}


EVERYTHING = consent(permit())
KNOWN = Asker(references=frozenset({DOCTOR}), complete=True)
UNKNOWN_CODE = coding("https://example.org/words", "never-heard-of")


def refused_within(**selectors: Any) -> JSON:
    """Everything is permitted but for one exception."""
    return consent(permit(deny(**selectors)))


def opt(code: str) -> JSON:
    return concept(ACT_CODE, code)


def when(start: str, end: str | None = None) -> Interval:
    first, last = bounds(start), bounds(end or start)
    assert first is not None
    assert last is not None
    return Interval(first.first, last.last)


def some_data(*label_codes: str, **facts: Any) -> Data:
    """Data with these labels (normal when none are given)."""
    given = facts.pop("labels", None)
    names = label_codes or ("N",)
    found = frozenset(Coding(_label_system(code), code) for code in names)
    return Data(labels=found if given is None else given, **facts)


def question(
    *purpose: str,
    who: Asker | str = DOCTOR,
    about: Data | None = None,
    action: str = "access",
    at: datetime = AT,
    patient: str = PATIENT,
) -> Question:
    """May this doctor read normal data for treatment, unless told otherwise?"""
    return Question(
        patient=patient,
        asker=who if isinstance(who, Asker) else Asker(references=frozenset({who})),
        purposes=frozenset(Coding(ACT_REASON, code) for code in purpose or ("TREAT",)),
        action=action,
        at=at,
        data=about or some_data(),
    )


def ask(consents: Any, asked: Question | None = None) -> Answer:
    found = consents if isinstance(consents, list) else [consents]
    return evaluate(found, asked or question())


def permitted(consents: Any, asked: Question | None = None) -> bool:
    return ask(consents, asked).outcome is Says.PERMIT


def why(answer: Answer) -> dict[str, str]:
    """What was not understood: reason by path."""
    notes = [note for one in answer.heard for note in one.not_understood]
    return {note.path: note.reason.value for note in (*answer.not_understood, *notes)}
