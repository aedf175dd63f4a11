"""An HGD trajectory: episode, hypotheses, needs and conclusion."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.delivery import Told
from adapters.clb.trajectory.conclusion import KIND, conclusion
from adapters.clb.trajectory.context import Context
from adapters.clb.trajectory.hypotheses import hypotheses
from adapters.clb.trajectory.needs import needs
from adapters.clb.trajectory.payload import TRAJECTORY, Trajectory
from adapters.contract import Segment
from adapters.reading.node import Field
from adapters.resources import Target, concept, identifier, period, reference
from adapters.systems import LARS_TRAJECTORY

ASKER = "who asked for help says something about another person"
SCHOOL_CARE = "school year and phase of care belong to the school's own file"
PHASE = "only the first day and the day of the research are kept"

_WITH_ITS_DAY = "it belongs to a phase without a day that can be read"
_FIRST, _RESEARCH = "first", "research"


def trajectory(one: Trajectory, told: Told) -> Iterator[Segment]:
    """Everything a trajectory says; without an id there is nothing to know it by."""
    ledger = told.case.ledger
    ledger.minimised(ASKER, *one.asker)
    ledger.minimised(SCHOOL_CARE, *one.school_care)
    if one.id is None or not one.id.text:
        message = "the trajectory has no id; send it with its id"
        name = TRAJECTORY.places["id"][-1]
        ledger.refuse(one.place, name, "missing-field", message, part=told.case.part)
        ledger.withheld("it belongs to a trajectory without an id", *one.fields)
        return
    case = told.case.within(f"traject/{one.id.text}")
    episode = case.claim("EpisodeOfCare", "episode", one.id, *one.fields)
    impression = case.claim("ClinicalImpression", "conclusion") if episode else None
    if episode and impression:
        yield from _content(one, one.id, told, case, episode=episode, impression=impression)


def _content(
    one: Trajectory,
    number: Field,
    told: Told,
    case: Case,
    *,
    episode: Target,
    impression: Target,
) -> Iterator[Segment]:
    days = _days(one, episode, impression, case)
    context = Context(
        told=told,
        case=case,
        began=days.get(_FIRST, (None, None))[0],
        found=days.get(_RESEARCH, (None, None))[0],
        found_field=days.get(_RESEARCH, (None, None))[1],
    )
    yield _episode(one, number, episode, context)
    assumed = tuple(hypotheses(one, context))
    yield from assumed
    yield from needs(one, context)
    yield from conclusion(one, number, impression, assumed, context)


def _days(
    one: Trajectory, episode: Target, impression: Target, case: Case
) -> dict[str, tuple[str, Field | None]]:
    places = {_FIRST: episode["period.start"], _RESEARCH: impression["effectiveDateTime"]}
    days: dict[str, tuple[str, Field | None]] = {}
    for phase in one.phases:
        name = phase.meaning or ""
        if name not in places or name in days:
            case.ledger.minimised(PHASE, phase.code, phase.day)
        elif day := case.date(phase.day, places[name]):
            days[name] = (day, phase.day)
            case.ledger.mapped(places[name], phase.code)
        else:
            case.ledger.withheld(_WITH_ITS_DAY, phase.code)
    return days


def _episode(one: Trajectory, number: Field, made: Target, context: Context) -> Segment:
    context.case.ledger.mapped(made["identifier"], number)
    context.case.ledger.mapped(made["type"], one.activity)
    activity = one.activity.text if one.activity else None
    body = {
        "identifier": identifier(LARS_TRAJECTORY, number.text),
        "status": "active",
        "type": [concept(KIND, text=activity)],
        "patient": reference(context.case.patient),
        "managingOrganization": context.told.centre_reference(),
        "period": period(context.began),
    }
    return context.case.segment(made, "logistics", body)
