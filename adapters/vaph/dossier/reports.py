"""The multidisciplinary report behind a VAPH statement: its team and its date."""

from adapters.case import Case
from adapters.dates import parse_date
from adapters.organisations import Mention
from adapters.resources import Target
from adapters.systems import CBE, RECOGNITION
from adapters.vaph.dossier.payload import Report


def team(report: Report, case: Case) -> Target | None:
    """The multidisciplinary team that wrote the report."""
    return case.organisations.note(
        Mention(
            kind="mdt",
            kind_display="Multidisciplinary team",
            name=report.name,
            numbers=((RECOGNITION, report.recognition), (CBE, report.enterprise)),
        )
    )


def key_of(report: Report) -> str:
    """What tells one report from another: when it was sent and by whom."""
    sent = (report.sent and parse_date(report.sent.text)) or "undated"
    return f"{sent}/{report.recognition.text if report.recognition else 'unknown'}"
