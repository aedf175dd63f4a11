"""Codes of disorders as a CLB writes them; what no table maps goes to a person."""

import re

from adapters.case import Case
from adapters.contract import Resource
from adapters.reading.node import Field
from adapters.resources import coding, concept
from adapters.systems import DSM_5, ICD_10
from schemas import code_table

FREE_TEXT = "free text never makes a diagnosis; it stays in the encrypted original"

_ICD_10_SHAPE = re.compile(r"[A-TV-Z][0-9]{2}(?:\.[0-9]{1,2})?")


def disorder(system: str | None, code: Field, case: Case) -> Resource | None:
    """ICD-10 first, then the source's own code when that is another system; else None."""
    if system == "icd_10" and _ICD_10_SHAPE.fullmatch(code.text):
        title = code_table("icd-10").get(code.text, {}).get("display")
        return concept(coding(ICD_10, code.text, title))
    row = code_table("dsm-5-to-icd-10").get(code.text) if system == "dsm_5" else None
    if row is None:
        case.unknown_code(code)
        return None
    title = code_table("icd-10").get(row["icd10"], {}).get("display")
    return concept(coding(ICD_10, row["icd10"], title), coding(DSM_5, code.text, row["display"]))


def code_key(code: Resource) -> str:
    """What the source itself wrote, as part of a business key."""
    own = code["coding"][-1]
    return f"{own['system']}/{own['code']}"
