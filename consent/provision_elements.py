"""Reads single FHIR elements of untrusted JSON; what does not fit is noted with its path."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar, cast

from consent.provision_model import Coding, Concept, Identifier, Note, Reason, Reference
from consent.provision_times import EARLIEST, LATEST, Interval, bounds

T = TypeVar("T")
Faults = list[Note]
_ELEMENT: Final = frozenset({"id", "extension"})
_CODING: Final = _ELEMENT | {"system", "version", "code", "display", "userSelected"}
_CONCEPT: Final = _ELEMENT | {"coding", "text"}
_PERIOD: Final = _ELEMENT | {"start", "end"}
_REFERENCE: Final = _ELEMENT | {"reference", "type", "identifier", "display"}
_IDENTIFIER: Final = _ELEMENT | {"use", "type", "system", "value", "period", "assigner"}


def object_of(
    value: object, path: str, known: frozenset[str], faults: Faults
) -> Mapping[str, Any] | None:
    """Read a JSON object whose elements are all known; others could change what it means."""
    if not isinstance(value, dict) or not value:
        faults.append(Note(path, Reason.NOT_AN_OBJECT))
        return None
    found = cast("dict[object, Any]", value)
    for name in found:
        if name == "modifierExtension":
            faults.append(Note(f"{path}.{name}", Reason.MODIFIER))
        # `_name` extends a primitive, and can say that its value is unknown or means another thing.
        elif name not in known:
            faults.append(Note(f"{path}.{str(name)[:40]}", Reason.UNKNOWN_ELEMENT))
    return cast("dict[str, Any]", found)


def items(parent: Mapping[str, Any], name: str, path: str, faults: Faults) -> list[object]:
    """Read a repeating element; FHIR has no empty lists, and an emptied selector would widen."""
    if name not in parent:
        return []
    value = parent[name]
    if not isinstance(value, list) or not value:
        faults.append(Note(f"{path}.{name}", Reason.NOT_A_LIST))
        return []
    return cast("list[object]", value)


def each(
    parent: Mapping[str, Any],
    name: str,
    path: str,
    faults: Faults,
    read: Callable[[object, str, Faults], T | None],
) -> tuple[T, ...]:
    """Read every value of a repeating element; those that do not fit are faults."""
    values = enumerate(items(parent, name, path, faults))
    found = (read(value, f"{path}.{name}[{place}]", faults) for place, value in values)
    return tuple(one for one in found if one is not None)


def text(parent: Mapping[str, Any], name: str, path: str, faults: Faults) -> str | None:
    """Read an optional text that is not empty."""
    value = parent.get(name)
    if name in parent and (not isinstance(value, str) or not value.strip()):
        faults.append(Note(f"{path}.{name}", Reason.NOT_TEXT))
        return None
    return value


def word(
    parent: Mapping[str, Any], name: str, path: str, faults: Faults, known: frozenset[str]
) -> str | None:
    """Read a mandatory code of a required value set."""
    value = text(parent, name, path, faults)
    if value is None and name not in parent:
        faults.append(Note(f"{path}.{name}", Reason.MISSING))
    elif value is not None and value not in known:
        faults.append(Note(f"{path}.{name}", Reason.UNKNOWN_WORD))
        return None
    return value


def coding(value: object, path: str, faults: Faults) -> Concept | None:
    """Read a Coding as a value of a selector."""
    found = object_of(value, path, _CODING, faults)
    if found is None:
        return None
    return Concept(path, tuple(_codings(found, path, faults)))


def _codings(found: Mapping[str, Any], path: str, faults: Faults) -> Iterator[Coding]:
    system = text(found, "system", path, faults)
    code = text(found, "code", path, faults)
    if system is not None and code is not None:
        yield Coding(system, code)


def concept(value: object, path: str, faults: Faults) -> Concept | None:
    """Read a CodeableConcept; one with text only has no codings, so nothing compares with it."""
    found = object_of(value, path, _CONCEPT, faults)
    if found is None:
        return None
    text(found, "text", path, faults)
    parts = each(found, "coding", path, faults, coding)
    return Concept(path, tuple(one for part in parts for one in part.codings))


def reference(value: object, path: str, faults: Faults) -> Reference | None:
    """Read a Reference: where it points, or the identifier of what it means."""
    found = object_of(value, path, _REFERENCE, faults)
    if found is None:
        return None
    target = text(found, "reference", path, faults)
    identifier = None
    if "identifier" in found:
        identifier = _identifier(found["identifier"], f"{path}.identifier", faults)
    return Reference(path, target, identifier)


def _identifier(value: object, path: str, faults: Faults) -> Identifier | None:
    found = object_of(value, path, _IDENTIFIER, faults)
    if found is None:
        return None
    system, number = (text(found, name, path, faults) for name in ("system", "value"))
    if system is None or number is None:
        return None
    return Identifier(system, number)


def period(parent: Mapping[str, Any], name: str, path: str, faults: Faults) -> Interval | None:
    """Read an optional Period; an open side reaches without end."""
    if name not in parent:
        return None
    place = f"{path}.{name}"
    found = object_of(parent[name], place, _PERIOD, faults)
    if found is None:
        return None
    start, end = (_bound(found, side, place, faults) for side in ("start", "end"))
    if start is None and end is None:
        faults.append(Note(place, Reason.EMPTY_PERIOD))
    whole = Interval(start.first if start else EARLIEST, end.last if end else LATEST)
    if whole.first > whole.last:
        faults.append(Note(place, Reason.EMPTY_PERIOD))
    return whole


def _bound(found: Mapping[str, Any], side: str, path: str, faults: Faults) -> Interval | None:
    value = text(found, side, path, faults)
    if value is None:
        return None
    covered = bounds(value)
    if covered is None:
        faults.append(Note(f"{path}.{side}", Reason.UNREADABLE_DATE))
    return covered
