"""Legal representatives of a dossier: relatives by number, with what authority VAPH knows of."""

from adapters.case import Case
from adapters.contract import ReadOptions, RelatedKey, Segment
from adapters.persons import number_flag, number_of_relative, ssin
from adapters.resources import authority_extension, reference, relationship, segment
from adapters.vaph.dossier.payload import Dossier, Representative
from schemas import CodeTable, code_table

_TABLE: CodeTable = code_table("vaph-representative")
_INCOMPLETE = "it belongs to a representative who was rejected"
_TITLE = "the code table gives the title"


def representatives(
    dossier: Dossier, case: Case, options: ReadOptions
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    """The keys to recognise representatives by, and their segments."""
    keys: list[RelatedKey] = []
    segments: list[Segment] = []
    for one in dossier.representatives:
        kind = one.kind.text if one.kind else ""
        insz = number_of_relative(one.insz, options, case)
        if one.kind and kind and kind not in _TABLE:
            case.unknown_code(one.kind)
        _refuse_gaps(one, case)
        if insz is None or kind not in _TABLE:
            case.ledger.withheld(_INCOMPLETE, *one.fields)
            continue
        row = _TABLE[kind]
        if made := _segment(one, insz, kind, len(keys) + 1, case):
            keys.append(RelatedKey(insz=insz, relation=row["relation"], authority=row["authority"]))
            segments.append(made)
    return tuple(keys), tuple(segments)


def _refuse_gaps(one: Representative, case: Case) -> None:
    """Without a number nobody knows who it is, without a type not what to the child."""
    gaps = {"rijksregisternummer": one.insz, "code": one.kind}
    missing = [name for name, field in gaps.items() if field is None or not field.text]
    if missing:
        message = "the representative lacks a number or a type; complete it at the source"
        case.ledger.refuse(one.place, missing[0], "missing-field", message, part=case.part)


def _segment(one: Representative, insz: str, kind: str, number: int, case: Case) -> Segment | None:
    made = case.claim("RelatedPerson", f"representative/{insz}", *one.fields)
    if made is None:
        return None
    row = _TABLE[kind]
    case.ledger.mapped(made["identifier"], one.insz)
    case.ledger.mapped(made["relationship"], one.kind)
    case.ledger.minimised(_TITLE, one.kind_title)
    body = {
        "extension": authority_extension(row["authority"]),
        "identifier": ssin(insz),
        "patient": reference(case.patient),
        "relationship": relationship(row["role"]),
    }
    about = case.about | {f"related-{number}"}
    return segment(made, "identity", body, about=about, flags=number_flag(insz))
