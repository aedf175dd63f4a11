"""What a CLB file says that a family wished about sharing.

LAW: the family tells the hub what may be shared. A source that says no is believed for now, as its
own statement; one that says yes is never a grant. Either way a person asks the family.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.case import Case
from adapters.clb.delivery import PERMISSION, Told
from adapters.contract import Question, Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, coding, concept, period, reference
from adapters.systems import ACT_CODE, CLB_WISH, CONSENT_SCOPE, GIVER, LOINC, PURPOSE
from adapters.telling import role_of
from schemas import code_table

WORDS = "what was wished is asked of the family; the words stay in the encrypted original"

_OPT_OUT = coding(ACT_CODE, "OPTOUT", "opt-out")
_PRIVACY = coding(CONSENT_SCOPE, "patient-privacy")
_DIRECTIVE = coding(LOINC, "59284-0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A wish as the source tells it; `says` is yes, no or None for what no word list knows."""

    place: str
    purpose: Field | None
    by: Field | None
    answer: Field | None
    says: str | None
    day: Field | None
    text: Field | None
    fields: tuple[Field, ...]


def wish(one: Wish, told: Told) -> tuple[tuple[Segment, ...], tuple[Question, ...]]:
    """A refusal as the source's own statement, and for each wish a question to a person."""
    case = told.case
    case.ledger.minimised(WORDS, one.text)
    if one.says == "yes":
        case.ledger.minimised(PERMISSION, *one.fields)
        return (), (_permission(one, told),)
    if one.answer and one.answer.text and one.says is None:
        case.unknown_code(one.answer)
    return _refusal(one, told), (_refused(one, told),)


def _refusal(one: Wish, told: Told) -> tuple[Segment, ...]:
    about = _row("clb-wish", one.purpose, told.case)
    key = f"wish/{about.get('code', 'unknown')}/{giver_of(one.by)}"
    made = of_message(told).claim("Consent", key, *one.fields)
    if made is None:
        return ()
    told.case.ledger.mapped(made["provision.type"], one.answer)
    told.case.ledger.mapped(made["category"], one.purpose)
    kind = coding(CLB_WISH, about["code"], about["display"]) if about else None
    return (told.case.segment(made, "confidential", denial(one.by, one.day, kind, made, told)),)


def of_message(told: Told) -> Case:
    """The case of what a message says as a whole: the next version of it says so anew."""
    number = told.message.id
    return told.case.within(f"message/{number.text if number else ''}")


def denial(
    by: Field | None,
    day: Field | None,
    kind: Resource | None,
    made: Target,
    told: Told,
    *,
    purpose: str | None = None,
) -> Resource:
    """A Consent that denies, told by the source and confirmed by nobody here."""
    when = told.case.date(day, made["dateTime"])
    return {
        "status": "active",
        "scope": concept(_PRIVACY),
        "category": [concept(_DIRECTIVE), *([concept(kind)] if kind else [])],
        "patient": reference(told.case.patient),
        "dateTime": when,
        "performer": _performer(by, made, told),
        "organization": [one for one in [told.centre_reference()] if one],
        "policyRule": concept(_OPT_OUT),
        "verification": [{"verified": False}],
        "provision": {
            "type": "deny",
            **({"period": period(when)} if when else {}),
            **({"purpose": [coding(PURPOSE, purpose)]} if purpose else {}),
        },
    }


def _performer(by: Field | None, made: Target, told: Told) -> list[Resource]:
    row = _row("clb-giver", by, told.case)
    if "giver" not in row:
        return []
    told.case.ledger.mapped(made["performer"], by)
    giver = [{"url": GIVER, "valueCode": row["giver"]}]
    return [{"extension": giver, **_who(row, told)}]


def _who(row: Mapping[str, str], told: Told) -> Resource:
    if row["giver"] == "self":
        return {"reference": told.case.patient.ref}
    meant = [one for one in told.relatives if role_of(one) == row.get("role")]
    # "A parent" may be either of them, so that nobody is named who did not speak.
    if len(meant) == 1:
        return {"reference": f"RelatedPerson/{meant[0].resource['id']}"}
    return {"display": row["giver"]}


def giver_of(by: Field | None) -> str:
    """In which capacity somebody spoke, for a business key."""
    row = code_table("clb-giver").get(by.text if by else "", {})
    return row.get("role") or row.get("giver", "unknown")


def _row(table: str, field: Field | None, case: Case) -> Mapping[str, str]:
    if field is None or not field.text:
        return {}
    row = code_table(table).get(field.text)
    if row is None:
        case.unknown_code(field)
    return row or {}


def _refused(one: Wish, told: Told) -> Question:
    return told.question(
        one.place,
        _name(one.answer),
        "sharing-refused",
        "the source says that somebody refused further sharing; ask the family, and record it",
    )


def _permission(one: Wish, told: Told) -> Question:
    return told.question(
        one.place,
        _name(one.answer),
        "sharing-permitted-elsewhere",
        "the source says that somebody permitted sharing, which opens nothing; ask the family",
    )


def _name(field: Field | None) -> str:
    return field.name if field else ""


def join(
    made: Iterable[tuple[tuple[Segment, ...], tuple[Question, ...]]],
) -> tuple[tuple[Segment, ...], tuple[Question, ...]]:
    """Several wishes as one."""
    pairs = list(made)
    return (
        tuple(segment for segments, _ in pairs for segment in segments),
        tuple(question for _, questions in pairs for question in questions),
    )
