"""An HGD trajectory: episode, hypotheses, needs and conclusion."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.context import Context
from adapters.clb.hypotheses import hypotheses
from adapters.clb.needs import needs
from adapters.clb.payload import Trajectory
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, coding, concept, identifier, period, reference
from adapters.systems import CARE_EPISODE, CLB_DOMAIN, LARS_TRAJECTORY
from schemas import code_table

ASKER = "who asked for help says something about another person"
SCHOOL_CARE = "school year and phase of care belong to the school's own file"
PHASE = "only the first day and the day of the research are kept"
DOMAIN_TITLE = "the code table gives the title"

_FIRST, _RESEARCH = "INTAKE", "ONDERZOEK"
_KIND = coding(CARE_EPISODE, "clb-trajectory", "CLB trajectory")


def trajectory(one: Trajectory, case: Case, centre: Target | None) -> Iterator[Segment]:
    """Everything a trajectory says; without an id there is nothing to know it by."""
    case.ledger.minimised(ASKER, *one.asker)
    case.ledger.minimised(SCHOOL_CARE, *one.school_care)
    if one.id is None or not one.id.text:
        message = "the trajectory has no id; send it with its id"
        case.ledger.refuse(one.place, "@id", "missing-field", message, part=case.part)
        return
    key = f"traject/{one.id.text}"
    episode = case.claim("EpisodeOfCare", key, one.id, one.activity)
    impression = case.claim("ClinicalImpression", f"{key}/conclusion", one.conclusion)
    if episode is None or impression is None:
        return
    days = _days(one, episode, impression, case)
    context = Context(
        case=case,
        centre=centre,
        key=key,
        began=days.get(_FIRST, (None, None))[0],
        found=days.get(_RESEARCH, (None, None))[0],
        found_field=days.get(_RESEARCH, (None, None))[1],
    )
    yield _episode(one, one.id, episode, context)
    assumed = tuple(hypotheses(one, context))
    yield from assumed
    yield from needs(one, context)
    yield _impression(one, one.id, impression, assumed, context)


def _days(
    one: Trajectory, episode: Target, impression: Target, case: Case
) -> dict[str, tuple[str, Field | None]]:
    places = {_FIRST: episode["period.start"], _RESEARCH: impression["effectiveDateTime"]}
    days: dict[str, tuple[str, Field | None]] = {}
    for phase in one.phases:
        name = phase.code.text if phase.code else ""
        if name not in places or name in days:
            case.ledger.minimised(PHASE, phase.code, phase.day)
        elif day := case.date(phase.day, places[name]):
            days[name] = (day, phase.day)
            case.ledger.mapped(places[name], phase.code)
    return days


def _episode(one: Trajectory, number: Field, made: Target, context: Context) -> Segment:
    context.case.ledger.mapped(made["identifier"], number)
    context.case.ledger.mapped(made["type"], one.activity)
    activity = one.activity.text if one.activity else None
    body = {
        "identifier": identifier(LARS_TRAJECTORY, number.text),
        "status": "active",
        "type": [concept(_KIND, text=activity)],
        "patient": reference(context.case.patient),
        "managingOrganization": context.centre_reference(),
        "period": period(context.began),
    }
    return context.case.segment(made, "logistics", body)


def _impression(
    one: Trajectory, number: Field, made: Target, assumed: tuple[Segment, ...], context: Context
) -> Segment:
    context.case.ledger.mapped(made["summary"], one.conclusion)
    concluded = one.conclusion.text if one.conclusion else ""
    body = {
        "identifier": identifier(LARS_TRAJECTORY, number.text),
        "status": "completed" if concluded else "in-progress",
        "code": concept(_KIND),
        "subject": reference(context.case.patient),
        "effectiveDateTime": context.found,
        "investigation": list(_domains(one, made, context.case)),
        "summary": concluded,
        "finding": [
            {"itemReference": {"reference": f"Condition/{other.resource['id']}"}}
            for other in assumed
        ],
    }
    return context.case.segment(made, "diagnostic_report", body, flags=("free_text",))


def _domains(one: Trajectory, made: Target, case: Case) -> Iterator[Resource]:
    table = code_table("clb-domain")
    for code, title in one.domains:
        if code and code.text in table:
            case.ledger.mapped(made["investigation"], code)
            case.ledger.minimised(DOMAIN_TITLE, title)
            display = table[code.text]["display"]
            yield {"code": concept(coding(CLB_DOMAIN, code.text, display))}
        elif code and code.text:
            case.unknown_code(code)
            case.ledger.withheld("it belongs to a code that was rejected", title)
