"""One agreement of GIR: that a provider helps a person, without what the help is about."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.case import Case
from adapters.contract import ADULT, CHILD, Part, PersonKey, ReadOptions, Resource, Segment
from adapters.dates import is_adult
from adapters.insz import Insz, InszProblem
from adapters.ledger import Ledger
from adapters.organisations import Mention
from adapters.persons import check_insz, number_flag, ssin
from adapters.reading.node import Field
from adapters.resources import Target, coded, identifier, provenance, reference
from adapters.systems import CARE_EPISODE, CBE, GIR_RECORD, RECOGNITION
from adapters.vaph.gir.days import encounters, leave_out
from adapters.vaph.gir.payload import Agreement, Delivery, Registration
from adapters.vaph.gir.records import ACTION, FREE_TEXT, REFUSED, AnyRecord, LastWord
from schemas import code_table

CHILDCARE = "where a child goes to childcare is for the childcare to say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the agreements of one delivery share; `days` are those under each agreement that stands.

    `claimed` holds the keys already used in the delivery.
    """

    delivery: Delivery
    asserted_at: str
    ledger: Ledger
    options: ReadOptions
    days: Mapping[str, Sequence[LastWord[Registration]]]
    claimed: set[str] = field(default_factory=set)


def key_of(agreement: str) -> str:
    """Every key about the agreement lies under this one, and ends with it."""
    return f"agreement/{agreement}"


def agreement_part(one: LastWord[Agreement], number: str, context: Context) -> Part | None:
    """The part of one agreement, or None (and a rejection) when its person is not known."""
    record = one.record
    insz = _person(record, number, context)
    if insz is None:
        lost = (field for day in context.days[one.id] for field in day.record.fields)
        context.ledger.withheld(REFUSED, *record.fields, *lost)
        return None
    adult = is_adult(insz.born, context.asserted_at)
    case = Case(
        source="vaph",
        part=number,
        scope=key_of(one.id),
        ledger=context.ledger,
        claimed=context.claimed,
        about=ADULT if adult else CHILD,
    )
    return Part(
        id=number,
        subject=PersonKey(insz=insz.digits, family="", given="", born=insz.born),
        related=(),
        segments=tuple(_segments(one, insz, case, context)),
        asserted_at=context.asserted_at,
        version=context.asserted_at,
        adult=adult,
    )


def _person(record: Agreement, number: str, context: Context) -> Insz | None:
    if record.insz is None or not record.insz.text:
        message = "the agreement names no person; send it with the national number"
        context.ledger.refuse(record.place, "insz", "insz-missing", message, part=number)
        return None
    insz = check_insz(record.insz, context.options)
    if isinstance(insz, InszProblem):
        context.ledger.reject(record.insz, insz.code, insz.message, part=number)
        return None
    return insz


def _segments(
    one: LastWord[Agreement], insz: Insz, case: Case, context: Context
) -> Iterator[Segment]:
    record, ledger = one.record, context.ledger
    ledger.minimised(ACTION, record.action)
    ledger.minimised(FREE_TEXT, record.reason)
    ledger.minimised(CHILDCARE, record.childcare)
    yield _patient(record.insz, insz, case)
    provider = _provider(context.delivery, case)
    episode = case.target("EpisodeOfCare", "episode")
    yield _episode(record, episode, provider, case, context.asserted_at)
    if context.options.day_registrations:
        yield from encounters(context.days[one.id], episode, provider, case)
    else:
        leave_out(context.days[one.id], ledger)
    yield from case.organisations.segments()
    yield _provenance(one, provider, case, context)


def _patient(number: Field | None, insz: Insz, case: Case) -> Segment:
    case.ledger.mapped(case.patient["identifier"], number)
    if insz.repaired:
        case.ledger.remark("a leading zero had been lost and was put back", number)
    body = {"identifier": ssin(insz.digits)}
    return case.segment(case.patient, "identity", body, flags=number_flag(insz.digits))


def _provider(delivery: Delivery, case: Case) -> Target | None:
    numbers = ((RECOGNITION, delivery.recognition), (CBE, delivery.enterprise))
    return case.organisations.note(
        Mention(
            kind="rth",
            kind_display="Directly accessible help (RTH)",
            name=delivery.provider_name,
            numbers=numbers,
        )
    )


def _episode(
    record: Agreement, made: Target, provider: Target | None, case: Case, asserted_at: str
) -> Segment:
    case.ledger.mapped(made["identifier"], record.id)
    span = case.period(record.start, record.end, made["period"])
    ended = "end" in span and span["end"] <= asserted_at[: len(span["end"])]
    body = {
        "identifier": identifier(GIR_RECORD, record.id.text if record.id else None),
        "status": "finished" if ended else "active",
        "type": _form(record.form, made, case),
        "patient": reference(case.patient),
        "managingOrganization": reference(provider, case.organisations.name_of(provider)),
        "period": span,
    }
    return case.segment(made, "logistics", body)


def _form(form: Field | None, made: Target, case: Case) -> list[Resource]:
    if form is None or not form.text:
        return []
    row = code_table("vaph-support-form").get(form.text)
    if row is None:
        case.unknown_code(form)
        return []
    case.ledger.mapped(made["type"], form)
    return [coded(CARE_EPISODE, row["code"], row["display"])]


def _provenance(
    one: LastWord[Agreement], provider: Target | None, case: Case, context: Context
) -> Segment:
    made = case.target("Provenance", f"provenance/{context.asserted_at}")
    case.ledger.mapped(made["recorded"], context.delivery.created)
    body = provenance(
        case.patient,
        recorded=context.asserted_at,
        author=reference(provider, case.organisations.name_of(provider)),
        message=[],
    )
    days = context.days[one.id] if context.options.day_registrations else ()
    entities = [_entity(one), *(_entity(day) for day in days if day.changes)]
    return case.segment(made, "logistics", {**body, "entity": entities})


def _entity(one: LastWord[AnyRecord]) -> Resource:
    """A correction revises what was there; an addition is its own source."""
    (number,) = identifier(GIR_RECORD, one.id)
    return {"role": "revision" if one.changes else "source", "what": {"identifier": number}}
