"""Which statements are about one disorder: the versioned ConceptMap, and the ICD-10 category.

Partner systems, section 5.1 rule 2. What the map does not know has no group and is never guessed; a
VAPH handicap code is in no map, so that it neither makes nor joins a diagnosis.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from adapters.contract import Resource
from schemas import read_data

ICD10: Final = "http://hl7.org/fhir/sid/icd-10"
MAP: Final = "ConceptMap-diagnosis-groups.json"
CATEGORY_CHARACTERS: Final = 3
_ICD10_SHAPE: Final = re.compile(r"[A-Z][0-9]{2}(?:\.[0-9]{1,2})?")


def group_of(condition: Resource) -> str | None:
    """Return the ICD-10 category of a Condition ("F84"), or None when it has none for certain."""
    categories = {code[:CATEGORY_CHARACTERS] for code in _icd10_codes(condition)}
    return categories.pop() if len(categories) == 1 else None


def icd10_of(condition: Resource) -> str | None:
    """Return the most specific ICD-10 code of a Condition, its own or by the map, or None."""
    return max(_icd10_codes(condition), key=lambda code: (len(code), code), default=None)


def map_version() -> str:
    """Return the version of the map, which a Provenance names beside its address."""
    return str(_map()["version"])


def _icd10_codes(condition: Resource) -> Iterator[str]:
    """Yield what each coding comes to; codings that disagree leave a Condition without a group."""
    for coding in condition.get("code", {}).get("coding", []):
        code = str(coding.get("code", ""))
        if coding.get("system") == ICD10:
            if _ICD10_SHAPE.fullmatch(code):
                yield code
        elif mapped := _mapped().get((str(coding.get("system")), code)):
            yield mapped


@cache
def _map() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read_data("fhir", MAP))
    return found


@cache
def _mapped() -> dict[tuple[str, str], str]:
    return {
        (group["source"], element["code"]): element["target"][0]["code"]
        for group in _map()["group"]
        for element in group["element"]
    }
