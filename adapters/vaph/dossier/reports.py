"""The multidisciplinary report behind VAPH statements: its team, its date and who sent it on."""

from collections.abc import Iterator, Sequence

from adapters.case import Case
from adapters.contract import Resource, Segment
from adapters.dates import parse_date
from adapters.organisations import Mention
from adapters.resources import Target, finding, provenance, reference
from adapters.systems import CBE, RECOGNITION, REPORT_SENT
from adapters.vaph.dossier.payload import Dossier, Report


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


def reports(
    dossier: Dossier, made: Sequence[Segment], case: Case, asserted_at: str
) -> Iterator[Segment]:
    """Each report that statements rest on, with its measurements, and where it comes from.

    It repeats no disorder: who may see the report need not be allowed to see the diagnosis.
    """
    for key, report in {key_of(one): one for one in dossier.reports}.items():
        based = [one.resource for one in made if one.key.endswith(f"/{key}")]
        document = case.claim("DiagnosticReport", f"report/{key}") if based else None
        author = team(report, case) if document else None
        if document:
            body = _report(report, author, document, based, case)
            yield case.segment(document, "diagnostic_report", body)
        if document and author:
            yield _origin(report, author, document, case, asserted_at)


def _report(
    report: Report, author: Target | None, made: Target, based: list[Resource], case: Case
) -> Resource:
    sent = case.date(report.sent, made["extension"])
    results = [one for one in based if one["resourceType"] == "Observation"]
    return {
        "extension": [{"url": REPORT_SENT, "valueDate": sent}] if sent else [],
        "status": "final",
        "code": finding("mdt-report", "Multidisciplinary report"),
        "subject": reference(case.patient),
        "performer": [reference(author, case.organisations.name_of(author))] if author else [],
        "result": [{"reference": f"Observation/{one['id']}"} for one in results],
    }


def _origin(
    report: Report, author: Target, document: Target, case: Case, asserted_at: str
) -> Segment:
    made = case.target("Provenance", f"{document.key.removeprefix(case.scope + '/')}/provenance")
    body = provenance(
        document,
        recorded=asserted_at,
        author=reference(author, case.organisations.name_of(author)),
        message=[],
    )
    sent = parse_date(report.sent.text) if report.sent else None
    return case.segment(made, "diagnostic_report", {**body, "occurredDateTime": sent})
