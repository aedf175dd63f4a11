"""How a recipient's outcome is shown: one JSON line for programs, or a few lines for a person."""

from collections.abc import Iterator
from typing import Final

import orjson

from gateway.streams.recipient import Outcome

_SAYS: Final = {
    "gone": "this message can no longer be read: its key is gone",
    "unreadable": "this message cannot be opened; it was not made by the hub, or was damaged",
}


def as_json(outcome: Outcome) -> str:
    """Return one line of JSON; the content stands in it exactly as the hub wrote it."""
    name = "notice" if outcome.state == "notice" else "bundle"
    line = {
        "id": outcome.id,
        "sequence": outcome.sequence,
        "type": outcome.type,
        "state": outcome.state,
        name: orjson.Fragment(outcome.content),
    }
    return orjson.dumps(line).decode()


def as_text(outcome: Outcome) -> str:
    """Return what a person reads."""
    head = f"message {outcome.id} (number {outcome.sequence})"
    if outcome.state in _SAYS:
        return f"{head}\n  {_SAYS[outcome.state]}"
    content = orjson.loads(outcome.content)
    lines = _notice(content) if outcome.state == "notice" else _resources(content)
    return "\n".join([head, *(f"  {line}" for line in lines)])


def _notice(content: object) -> Iterator[str]:
    if ended := [str(one) for one in _list(content, "ended")]:
        yield "its source took back what you read, or it counts no longer"
        yield f"look again at what you did with, and remove: {', '.join(ended)}"
        return
    yield "the family stopped this sharing; nothing new will come"
    read = [str(one) for one in _list(content, "withdrawn")]
    if read:
        yield f"remove what you received in: {', '.join(read)}"


def _resources(bundle: object) -> Iterator[str]:
    for entry in _list(bundle, "entry"):
        resource = _at(entry, "resource")
        told = [text for text in (_what(resource), _status(resource), _value(resource)) if text]
        yield f"{_text(resource, 'resourceType') or 'resource'}: {', '.join(told) or 'no text'}"


def _what(resource: object) -> str:
    code = _text(resource, "code", "coding", 0, "code")
    text = _text(resource, "code", "text") or _text(resource, "code", "coding", 0, "display")
    return f"{text} ({code})" if text and code else text or code


def _status(resource: object) -> str:
    return _text(resource, "clinicalStatus", "coding", 0, "code") or _text(resource, "status")


def _value(resource: object) -> str:
    number, unit = (
        _text(resource, "valueQuantity", "value"),
        _text(resource, "valueQuantity", "unit"),
    )
    return f"{number} {unit}".strip() or _text(resource, "valueString")


def _text(value: object, *path: str | int) -> str:
    found = _at(value, *path)
    return "" if found is None else str(found)


def _list(value: object, name: str) -> list[object]:
    found = _at(value, name)
    return found if isinstance(found, list) else []


def _at(value: object, *path: str | int) -> object:
    """Return what lies at a path, or None; content of another shape is no reason to stop."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
