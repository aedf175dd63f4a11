"""That a child attends a location: never when, how long or at what price."""

from adapters.case import Case
from adapters.contract import Segment
from adapters.reading.node import Field
from adapters.resources import Target, coded, period, reference
from adapters.systems import CARE_EPISODE


def attends(location: Target | None, case: Case, *, since: Field | None = None) -> Segment:
    """An episode at the location, from the first day that is known."""
    made = case.target("EpisodeOfCare", "attendance")
    body = {
        "status": "active",
        "type": [coded(CARE_EPISODE, "childcare", "Attends childcare")],
        "patient": reference(case.patient),
        "managingOrganization": reference(location, case.organisations.name_of(location)),
        "period": period(case.date(since, made["period.start"])),
    }
    return case.segment(made, "logistics", body)
