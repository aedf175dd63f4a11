"""The pupil a CLB record is about: recognised, and named as received."""

from dataclasses import replace

from adapters.case import Case
from adapters.contract import PersonKey, ReadOptions, Segment
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.resources import identifier
from adapters.subjects import Subject, patient, recognise
from adapters.systems import LARS_PUPIL
from schemas import code_table

_TOLD_APART = frozenset({"male", "female"})


def recognise_pupil(
    subject: Subject, local: Field | None, part: str, options: ReadOptions, ledger: Ledger
) -> PersonKey | None:
    """The key to recognise the pupil by, with LARS's own number where it has one."""
    key = recognise(subject, part, options, ledger)
    if key is None:
        return None
    written = subject.gender.text.lower() if subject.gender else ""
    gender = code_table("gender").get(written, {}).get("gender")
    return replace(
        key,
        gender=gender if gender in _TOLD_APART else None,
        local=local.text if local and local.text else None,
    )


def open_case(
    key: PersonKey,
    part: str,
    ledger: Ledger,
    claimed: set[str],
    *,
    adult: bool,
    kind: str = "pupil",
    flags: frozenset[str] = frozenset(),
) -> Case:
    """The case of one part; what has no number of its own is keyed by the pupil.

    `kind` keeps apart how two layouts name a pupil: the poorer one never replaces the better.
    """
    known_as = f"lars/{key.local}" if key.local else key.insz
    return Case(
        source="clb",
        part=part,
        scope=f"{kind}/{known_as or f'{key.family}/{key.given}/{key.born}'}",
        ledger=ledger,
        claimed=claimed,
        about=frozenset({"adult" if adult else "child"}),
        flags=flags,
    )


def pupil_segment(subject: Subject, local: Field | None, key: PersonKey, case: Case) -> Segment:
    """The pupil as a patient."""
    case.ledger.mapped(case.patient["identifier"], local)
    return patient(subject, key, case, identifier(LARS_PUPIL, key.local))
