"""Whether a resource is valid FHIR: structure by fhir.resources, bindings and references by us.

`fhir.resources` checks shapes and types; it lets wrong codes, references to the wrong kind of
resource and dangling contained ones through, so those are checked here. Problems name places.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.resource import Resource as ResourceModel
from pydantic import BaseModel, ValidationError

from schemas import read_data

_ANY_RESOURCE = "Resource"
_MORE = "+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A place in a resource and what is wrong there, without its value."""

    where: str
    message: str


def validate(resource: dict[str, Any]) -> tuple[Problem, ...]:
    """Every problem of a resource; none means it may be stored."""
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return (Problem(where="resourceType", message="a resource names its type"),)
    try:
        model_class = get_fhir_model_class(kind)
    except (KeyError, LookupError, ValueError):
        return (Problem(where="resourceType", message="this is no type of FHIR resource"),)
    try:
        model = model_class.model_validate(resource)
    except ValidationError as error:
        return tuple(_structural(kind, error))
    broken = (problem for one in _resources(resource) for problem in _invariants(one))
    return tuple(dict.fromkeys((*_elements(model, kind), *broken)))


def _structural(kind: str, error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        place = ".".join(str(step) for step in (kind, *one["loc"]))
        yield Problem(where=place, message=f"does not fit the structure ({one['type']})")


def _elements(model: BaseModel, path: str) -> Iterator[Problem]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if value is None:
            continue
        here = f"{path}.{field.alias or name}"
        rules = cast("dict[str, Any]", field.json_schema_extra or {})
        for item in value if isinstance(value, list) else [value]:
            yield from _element(item, here, rules)


def _element(value: object, here: str, rules: dict[str, Any]) -> Iterator[Problem]:
    codes = _codes(here, rules.get("enum_values") or [])
    if codes and isinstance(value, str) and value not in codes:
        yield Problem(where=here, message="the code is not in the required value set")
    if here in _required_concepts() and not _is_required(value, here):
        yield Problem(where=here, message="no coding is in the required value set")
    if kinds := rules.get("enum_reference_types"):
        yield from _reference(value, here, kinds)
    if isinstance(value, ResourceModel):
        yield from _elements(value, value.get_resource_type())
    elif isinstance(value, BaseModel):
        yield from _elements(value, here)


def _codes(here: str, listed: list[str]) -> list[str]:
    """The codes of an element; fhir.resources cuts long lists off with a plus sign."""
    return _long_lists().get(here, []) if _MORE in listed else listed


def _reference(value: object, here: str, kinds: list[str]) -> Iterator[Problem]:
    target = getattr(value, "reference", None)
    if not isinstance(target, str) or target.startswith(("#", "urn:")):
        return
    if _ANY_RESOURCE not in kinds and not set(target.split("/")) & set(kinds):
        yield Problem(where=here, message="the reference is to another kind of resource")


@cache
def _required_concepts() -> dict[str, tuple[str, frozenset[str]]]:
    rows = json.loads(read_data("fhir", "required-concepts.json"))["rows"]
    return {place: (row["system"], frozenset(row["codes"].split())) for place, row in rows.items()}


@cache
def _long_lists() -> dict[str, list[str]]:
    lists = json.loads(read_data("fhir", "required-concepts.json"))["long_lists"]
    return {place: codes.split() for place, codes in lists.items()}


def _is_required(value: object, place: str) -> bool:
    system, codes = _required_concepts()[place]
    codings = getattr(value, "coding", None) or []
    return any(one.system == system and one.code in codes for one in codings)


def _resources(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if resource.get("resourceType") != "Bundle":
        yield resource
    for entry in resource.get("entry", []):
        yield entry.get("resource", {})


def _invariants(resource: dict[str, Any]) -> Iterator[Problem]:
    """The invariants of R4 our resources can break: dom-3, ref-1, con-5, per-1."""
    kind = str(resource.get("resourceType"))
    contained = {f"#{one.get('id')}" for one in resource.get("contained", [])}
    local = {target for target in _references(resource) if target.startswith("#")}
    if contained - local:
        yield Problem(where=f"{kind}.contained", message="nothing refers to a contained resource")
    if local - contained:
        yield Problem(where=kind, message="a contained resource that is referred to is missing")
    if kind == "Condition" and "clinicalStatus" in resource and _in_error(resource):
        yield Problem(
            where="Condition.clinicalStatus", message="a condition entered in error has none"
        )
    if any(_ends_before_start(period) for period in _objects(resource)):
        yield Problem(where=kind, message="a period ends before it starts")


def _references(value: object) -> Iterator[str]:
    for found in _objects(value):
        if isinstance(target := found.get("reference"), str):
            yield target


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        yield found
        for inner in found.values():
            yield from _objects(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _objects(inner)


def _ends_before_start(found: dict[str, Any]) -> bool:
    start, end = found.get("start"), found.get("end")
    if not (isinstance(start, str) and isinstance(end, str)):
        return False
    length = min(len(start), len(end), len("2024-01-01"))
    return end[:length] < start[:length]


def _in_error(resource: dict[str, Any]) -> bool:
    status = resource.get("verificationStatus", {})
    return any(one.get("code") == "entered-in-error" for one in status.get("coding", []))
