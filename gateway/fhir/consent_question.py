"""A question about FHIR Consents as a file, and the answer as text and as JSON.

The format is in docs/fhir-consent.md. A file that cannot be read is an `InvalidRequest` that names
the place and the remedy, never the value.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from consent.provision_codes import ACTIONS
from consent.provision_matching import without_version
from consent.provision_model import (
    Answer,
    Asker,
    Coding,
    Data,
    Heard,
    Identifier,
    Note,
    Question,
    Says,
)
from consent.provision_reasons import OUTCOMES, REASONS, SAYS, say
from consent.provision_times import EARLIEST, LATEST, Interval, bounds
from gateway.errors import InvalidRequest

FHIR_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
_QUESTION: Final = frozenset({"patient", "asker", "purposes", "action", "at", "data"})
_ASKER: Final = frozenset(
    {"references", "organisations", "groups", "identifiers", "roles", "complete"}
)
_DATA: Final = frozenset(
    {"reference", "classes", "codes", "labels", "period", "refersTo", "referredToBy", "authors"}
)


def read_json(text: str, *, name: str) -> object:
    """Read JSON; a repeated name is refused, for two readers could each take another value."""
    try:
        return cast("object", json.loads(text, object_pairs_hook=_no_repeats))
    except RecursionError as error:
        raise InvalidRequest("nested too deeply; a consent has a few levels", where=name) from error
    except ValueError as error:
        message = f"no readable JSON ({error}); write one JSON object without repeated names"
        raise InvalidRequest(message, where=name) from error


def read_question(text: str) -> Question:
    """Read a request file; raises `InvalidRequest` with the place of the first problem."""
    found = _object(read_json(text, name="request"), "request", _QUESTION)
    for name in ("patient", "purposes", "action", "at"):
        if name not in found:
            raise InvalidRequest(f"`{name}` is missing; add it", where=f"request.{name}")
    purposes = _codings(found, "purposes", "request")
    if not purposes:
        raise InvalidRequest("name at least one purpose", where="request.purposes")
    return Question(
        patient=without_version(_text(found["patient"], "request.patient")),
        asker=_asker(_object(found.get("asker", {}), "request.asker", _ASKER)),
        purposes=purposes,
        action=_action(found["action"]),
        at=_instant(found["at"]),
        data=_data(_object(found.get("data", {}), "request.data", _DATA)),
    )


def as_json(answer: Answer, *, language: str = "nl") -> dict[str, Any]:
    """The answer for a machine: outcome, what each consent said, what was not understood."""
    return {
        "outcome": answer.outcome.value,
        "decidedBy": [{"consent": _name(one), "path": one.path} for one in answer.decided_by],
        "consents": [_heard_as_json(one, language) for one in answer.heard],
        "notUnderstood": [_note_as_json(one, language) for one in answer.not_understood],
    }


def as_text(answer: Answer, *, language: str = "nl") -> str:
    """The answer for a person, one line per consent and per thing not understood."""
    silent = answer.outcome is Says.DENY and not answer.decided_by and not answer.not_understood
    lines = [say(OUTCOMES[Says.NOTHING if silent else answer.outcome], language)]
    lines += [f"  - {_note_as_text(one, language)}" for one in answer.not_understood]
    for one in answer.heard:
        reason = f" ({say(REASONS[one.reason], language)})" if one.reason else ""
        place = f": {one.path}" if one.path else ""
        lines.append(f"- {_name(one)} {say(SAYS[one.says], language)}{place}{reason}")
        lines += [f"  - {_note_as_text(note, language)}" for note in one.not_understood]
    return "\n".join(lines)


def _name(one: Heard) -> str:
    # Somebody else wrote the id: what is none (FHIR R4, id) could forge a line or reach a terminal.
    return f"Consent/{one.id}" if FHIR_ID.fullmatch(one.id or "") else f"Consent {one.consent + 1}"


def _heard_as_json(one: Heard, language: str) -> dict[str, Any]:
    return {
        "consent": _name(one),
        "says": one.says.value,
        "path": one.path,
        "reason": one.reason.value if one.reason else None,
        "notUnderstood": [_note_as_json(note, language) for note in one.not_understood],
    }


def _note_as_json(note: Note, language: str) -> dict[str, str]:
    return {
        "path": note.path,
        "reason": note.reason.value,
        "text": say(REASONS[note.reason], language),
    }


def _note_as_text(note: Note, language: str) -> str:
    return f"{note.path}: {say(REASONS[note.reason], language)}"


def _no_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _object(value: object, where: str, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidRequest("write a JSON object here", where=where)
    found = cast("dict[str, Any]", value)
    for name in found.keys() - known:
        choices = ", ".join(sorted(known))
        raise InvalidRequest(f"unknown key; choose from: {choices}", where=f"{where}.{name[:40]}")
    return found


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequest("write a text here", where=where)
    return value


def _list(found: Mapping[str, Any], name: str, where: str) -> list[tuple[str, object]]:
    value = found.get(name, [])
    if not isinstance(value, list):
        raise InvalidRequest("write a list here", where=f"{where}.{name}")
    values = cast("list[object]", value)
    return [(f"{where}.{name}[{place}]", one) for place, one in enumerate(values)]


def _references(found: Mapping[str, Any], name: str, where: str) -> frozenset[str]:
    return frozenset(without_version(_text(one, place)) for place, one in _list(found, name, where))


def _codings(found: Mapping[str, Any], name: str, where: str) -> frozenset[Coding]:
    return frozenset(
        Coding(*_pair(one, place, "system", "code")) for place, one in _list(found, name, where)
    )


def _identifiers(found: Mapping[str, Any], where: str) -> frozenset[Identifier]:
    listed = _list(found, "identifiers", where)
    return frozenset(Identifier(*_pair(one, place, "system", "value")) for place, one in listed)


def _pair(value: object, where: str, first: str, second: str) -> tuple[str, str]:
    found = _object(value, where, frozenset({first, second, "display"}))
    return _text(found.get(first), f"{where}.{first}"), _text(
        found.get(second), f"{where}.{second}"
    )


def _asker(found: Mapping[str, Any]) -> Asker:
    where = "request.asker"
    complete = found.get("complete", False)
    if not isinstance(complete, bool):
        raise InvalidRequest("write true or false", where=f"{where}.complete")
    return Asker(
        references=_references(found, "references", where),
        organisations=_references(found, "organisations", where),
        groups=_references(found, "groups", where),
        identifiers=_identifiers(found, where),
        roles=_codings(found, "roles", where),
        complete=complete,
    )


def _action(value: object) -> str:
    if not isinstance(value, str) or value not in ACTIONS:
        choices = ", ".join(sorted(ACTIONS))
        raise InvalidRequest(f"choose from: {choices}", where="request.action")
    return value


def _instant(value: object) -> datetime:
    where = "request.at"
    text = _text(value, where)
    covered = bounds(text) if "T" in text else None
    if covered is None:
        raise InvalidRequest(
            "write an instant with its zone, such as 2026-03-02T10:00:00+01:00", where=where
        )
    return covered.first


def _data(found: Mapping[str, Any]) -> Data:
    where = "request.data"
    own = found.get("reference")
    return Data(
        reference=None if own is None else without_version(_text(own, f"{where}.reference")),
        classes=_codings(found, "classes", where),
        codes=_codings(found, "codes", where),
        labels=_codings(found, "labels", where),
        period=_period(found, where),
        refers_to=_known(found, "refersTo", where),
        referred_to_by=_known(found, "referredToBy", where),
        authors=_known(found, "authors", where),
    )


def _known(found: Mapping[str, Any], name: str, where: str) -> frozenset[str] | None:
    """An absent list is not known; an empty one is known to be empty."""
    return _references(found, name, where) if name in found else None


def _period(found: Mapping[str, Any], where: str) -> Interval | None:
    if "period" not in found:
        return None
    place = f"{where}.period"
    sides = _object(found["period"], place, frozenset({"start", "end"}))
    start, end = (_bound(sides, side, place) for side in ("start", "end"))
    whole = Interval(start.first if start else EARLIEST, end.last if end else LATEST)
    if not sides or whole.first > whole.last:
        raise InvalidRequest("write a start, an end or both, in that order", where=place)
    return whole


def _bound(sides: Mapping[str, Any], side: str, where: str) -> Interval | None:
    if side not in sides:
        return None
    covered = bounds(_text(sides[side], f"{where}.{side}"))
    if covered is None:
        raise InvalidRequest(
            "write a date of FHIR, such as 2026, 2026-03 or 2026-03-02", where=f"{where}.{side}"
        )
    return covered
