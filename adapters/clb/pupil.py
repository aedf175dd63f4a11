"""The pupil a CLB record is about: the case that is opened for it, and its name as received."""

from adapters.case import Case
from adapters.contract import ADULT, CHILD, PersonKey, Segment
from adapters.ledger import Ledger
from adapters.resources import identifier
from adapters.subjects import Subject, patient
from adapters.systems import LARS_PUPIL


def open_case(
    key: PersonKey,
    part: str,
    ledger: Ledger,
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
        claimed=set(),
        about=ADULT if adult else CHILD,
        flags=flags,
        insz=key.insz,
    )


def pupil_segment(subject: Subject, key: PersonKey, case: Case) -> Segment:
    """The pupil as a patient, with LARS's own number where it has one."""
    case.ledger.mapped(case.patient["identifier"], subject.local)
    return patient(subject, key, case, identifier(LARS_PUPIL, key.local))
