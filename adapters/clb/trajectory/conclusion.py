"""The conclusion of a trajectory, and apart from it what it tells about somebody else."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.trajectory.context import Context
from adapters.clb.trajectory.payload import Trajectory
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import (
    Target,
    coded,
    coding,
    concept,
    identifier,
    reference,
)
from adapters.systems import CARE_EPISODE, CLB_DOMAIN, LARS_TRAJECTORY
from adapters.telling import Passage, passages, told_apart
from schemas import code_table

DOMAIN_TITLE = "the code table gives the title"
KIND = coding(CARE_EPISODE, "clb-trajectory", "CLB trajectory")


def conclusion(
    one: Trajectory,
    number: Field,
    made: Target,
    assumed: tuple[Segment, ...],
    context: Context,
) -> Iterator[Segment]:
    """What was concluded about the pupil; each sentence about another is held apart."""
    said = passages(one.conclusion.text if one.conclusion else "", context.told.people())
    own = " ".join(passage.text for passage in said if not passage.data_class)
    yield _impression(one, number, made, context, summary=own, assumed=assumed)
    for passage in said:
        if passage.data_class:
            yield _apart(passage, one.conclusion, context)


def _impression(
    one: Trajectory,
    number: Field,
    made: Target,
    context: Context,
    *,
    summary: str,
    assumed: tuple[Segment, ...],
) -> Segment:
    context.case.ledger.mapped(made["identifier"], number)
    context.case.ledger.mapped(made["summary"], one.conclusion if summary else None)
    body = {
        "identifier": identifier(LARS_TRAJECTORY, number.text),
        "status": "completed" if one.conclusion and one.conclusion.text else "in-progress",
        "code": concept(KIND),
        "subject": reference(context.case.patient),
        "effectiveDateTime": context.found,
        "investigation": list(_domains(one, made, context.case)),
        "summary": summary,
        "finding": [
            {"itemReference": {"reference": f"Condition/{other.resource['id']}"}}
            for other in assumed
        ],
    }
    return context.case.segment(made, "diagnostic_report", body, flags=("free_text",))


def _apart(passage: Passage, told_in: Field | None, context: Context) -> Segment:
    case = context.case
    made = case.target("Observation", f"conclusion/{passage.data_class}")
    performer = context.told.centre_reference()
    return told_apart(
        passage,
        made,
        told_in,
        case,
        context.told.related_in(passage.roles),
        effectiveDateTime=context.found_in(made["effectiveDateTime"]),
        performer=[performer] if performer else [],
    )


def _domains(one: Trajectory, made: Target, case: Case) -> Iterator[Resource]:
    table = code_table("clb-domain")
    for code, title in one.domains:
        if code and code.text in table:
            case.ledger.mapped(made["investigation"], code)
            case.ledger.minimised(DOMAIN_TITLE, title)
            display = table[code.text]["display"]
            yield {"code": coded(CLB_DOMAIN, code.text, display)}
        elif code and code.text:
            case.unknown_code(code)
            case.ledger.withheld("it belongs to a code that was rejected", title)
