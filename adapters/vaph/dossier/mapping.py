"""A VAPH dossier to labelled FHIR: one part per dossier, a snapshot of all VAPH says."""

from itertools import chain

from adapters.case import Case
from adapters.contract import (
    ADULT,
    CHILD,
    Part,
    PersonKey,
    ReadOptions,
    RelatedKey,
    Segment,
    Translation,
)
from adapters.dates import is_adult, parse_instant
from adapters.insz import Insz, InszProblem
from adapters.ledger import Ledger
from adapters.persons import REFUSED_WITH_PART, check_insz, number_flag, ssin
from adapters.resources import identifier, provenance, target
from adapters.systems import MAGDA_REFERENCE, VAPH_DOSSIER
from adapters.vaph.dossier.decisions import budgets, recognition, services
from adapters.vaph.dossier.disorders import conditions, handicaps
from adapters.vaph.dossier.measurements import measurements
from adapters.vaph.dossier.payload import Dossier, Reply
from adapters.vaph.dossier.reports import reports
from adapters.vaph.dossier.representatives import representatives

VAPH = {"display": "Vlaams Agentschap voor Personen met een Handicap"}

ENVELOPE = "the envelope of the message; it says nothing about the child"
NOT_NEEDED = "not needed for care coordination; it stays in the encrypted original"
MONEY = "amounts are never shared; the decision itself is"
PROCEDURE = "the course of the budget procedure is not needed for care coordination"
USAGE = "how much help was used is not needed for care coordination"
LAST_REPORT = "each statement names its own report"
AIDS = "requests for aids are not needed for care coordination"


def to_fhir(reply: Reply, options: ReadOptions) -> Translation:
    """Every dossier of the answer that has a usable subject becomes a part."""
    ledger = Ledger(reply.fields)
    claimed: set[str] = set()
    asserted_at = _asserted_at(reply, ledger)
    _exceptions(reply, ledger)
    parts = tuple(
        part
        for number, dossier in enumerate(reply.dossiers, start=1)
        if (
            part := _part(
                dossier, str(number), asserted_at, ledger, claimed=claimed, options=options
            )
        )
    )
    for part in parts:
        ledger.mapped(f"Provenance/{_provenance_id(part)}.recorded", reply.date, reply.time)
    ledger.minimised(ENVELOPE, *reply.envelope)
    return Translation(
        parts=parts, rejections=ledger.rejections(), account=ledger.account(), snapshot=True
    )


def _provenance_id(part: Part) -> str:
    *_, own = (s.resource for s in part.segments if s.resource["resourceType"] == "Provenance")
    return str(own["id"])


def _asserted_at(reply: Reply, ledger: Ledger) -> str:
    if reply.date is None or not reply.date.text:
        ledger.refuse(
            "/GeefVolledigDossierHandicapResponse/Repliek/Context/Bericht",
            "Tijdstip",
            "missing-field",
            "the answer does not say when it was given; send the answer with its context",
        )
        return ""
    time = reply.time.text if reply.time and reply.time.text else "00:00:00"
    instant = parse_instant(f"{reply.date.text[:10]}T{time}")
    if instant is None:
        ledger.reject(
            reply.date, "date-invalid", "this is no instant; write a date and a time of day"
        )
    return instant or ""


def _exceptions(reply: Reply, ledger: Ledger) -> None:
    for exception in reply.exceptions:
        ledger.withheld("the service answered with an exception", *exception.leaves())
        ledger.refuse(
            exception.path,
            exception.name,
            "source-exception",
            "the service answered with an exception in place of a dossier; ask again",
        )
    if not reply.dossiers and not reply.exceptions:
        ledger.refuse("/", "Inhoud", "no-dossier", "the answer holds no dossier; ask it again")


def _part(
    dossier: Dossier,
    number: str,
    asserted_at: str,
    ledger: Ledger,
    *,
    claimed: set[str],
    options: ReadOptions,
) -> Part | None:
    insz = _subject(dossier, number, ledger, options) if asserted_at else None
    case = (
        _case(dossier, insz, number, asserted_at, ledger=ledger, claimed=claimed) if insz else None
    )
    if insz is None or case is None:
        ledger.withheld(REFUSED_WITH_PART, *dossier.fields, *dossier.echo)
        return None
    keys, segments = _segments(dossier, insz, case, asserted_at, options)
    return Part(
        id=number,
        subject=_key(dossier, insz),
        related=keys,
        segments=segments,
        asserted_at=asserted_at,
        version=asserted_at,
        adult="adult" in case.about,
    )


def _key(dossier: Dossier, insz: Insz) -> PersonKey:
    number = dossier.number.text if dossier.number and dossier.number.text else None
    return PersonKey(insz=insz.digits, family="", given="", born=insz.born, local=number)


def _subject(dossier: Dossier, number: str, ledger: Ledger, options: ReadOptions) -> Insz | None:
    field = dossier.insz
    if field is None or not field.text:
        ledger.refuse(
            f"{dossier.place}/persoonsgegevens",
            "rijksregisternummer",
            "insz-missing",
            "the dossier names no person; ask it again with the national number",
            part=number,
        )
        return None
    insz = check_insz(field, options)
    if isinstance(insz, InszProblem):
        ledger.reject(field, insz.code, insz.message, part=number)
        return None
    return insz


def _case(
    dossier: Dossier,
    insz: Insz,
    number: str,
    asserted_at: str,
    *,
    ledger: Ledger,
    claimed: set[str],
) -> Case | None:
    known_as = dossier.number.text if dossier.number and dossier.number.text else insz.digits
    adult = is_adult(insz.born, asserted_at)
    case = Case(
        source="vaph",
        part=number,
        scope=f"dossier/{known_as}",
        ledger=ledger,
        claimed=claimed,
        about=ADULT if adult else CHILD,
        insz=insz.digits,
    )
    return case if case.claim("Patient", "patient", dossier.insz) else None


def _segments(
    dossier: Dossier, insz: Insz, case: Case, asserted_at: str, options: ReadOptions
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    _left_out(dossier, case.ledger)
    keys, relatives = representatives(dossier, case, options)
    clinical = (*conditions(dossier, case), *measurements(dossier, case))
    others = chain(
        reports(dossier, clinical, case, asserted_at),
        handicaps(dossier, case),
        recognition(dossier, case),
        budgets(dossier, case),
        services(dossier, case),
    )
    made = (_patient(dossier, insz, case), *relatives, *clinical, *others)
    origin = _provenance(dossier, case, asserted_at)
    return keys, (*made, *case.organisations.segments(), origin)


def _left_out(dossier: Dossier, ledger: Ledger) -> None:
    ledger.minimised(NOT_NEEDED, *dossier.contact)
    ledger.minimised(MONEY, *dossier.amounts)
    ledger.minimised(PROCEDURE, *dossier.procedure)
    ledger.minimised(USAGE, *dossier.usage)
    ledger.minimised(AIDS, *dossier.aids)
    ledger.minimised(LAST_REPORT, *dossier.last_report)


def _patient(dossier: Dossier, insz: Insz, case: Case) -> Segment:
    made = case.patient
    case.ledger.mapped(made["identifier"], dossier.insz, dossier.number)
    if insz.repaired:
        case.ledger.remark("a leading zero had been lost and was put back", dossier.insz)
    number = dossier.number.text if dossier.number else None
    body = {"identifier": [*ssin(insz.digits), *identifier(VAPH_DOSSIER, number)]}
    return case.segment(made, "identity", body, flags=number_flag(insz.digits))


def _provenance(dossier: Dossier, case: Case, asserted_at: str) -> Segment:
    made = target(case.source, "Provenance", f"{case.scope}/provenance/{asserted_at}")
    reference = dossier.reference.text if dossier.reference else None
    case.ledger.mapped(made["entity.what"], dossier.reference)
    body = provenance(
        case.patient,
        recorded=asserted_at,
        author=VAPH,
        message=identifier(MAGDA_REFERENCE, reference),
    )
    return case.segment(made, "logistics", body)
