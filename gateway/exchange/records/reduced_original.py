"""What is left of an original once somebody in it is erased: the others' parts, as translated.

No key opens one line of a monthly file, so that the exact bytes go for everybody in it. What the
others' parts say stays in the hub's own words, with what the delivery was complete for: what it
left out of them still counts, and a wrong link among them can still be undone.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from adapters.contract import (
    IdentityChange,
    NumberChange,
    Part,
    PersonKey,
    RelatedKey,
    Segment,
    Translation,
    dump,
    load,
)
from gateway.exchange.records.origin import Whole

REDUCED: Final = "application/vnd.deelregie.reduced+json"
"""The content type of what is left; no sender can give it, since no adapter reads it."""


def write_reduced(parts: Iterable[Part], of: Translation, whole: Whole) -> bytes:
    """Return what is left of a delivery as JSON, with decimals as the source spelled them."""
    return dump(
        {
            "parts": [_plain(asdict(part)) for part in parts],
            "snapshot": of.snapshot,
            "scope": of.scope,
            "sha256": whole.sha256.hex(),
            "told": whole.told,
        }
    )


def read_reduced(raw: bytes) -> tuple[Translation, Whole]:
    """Return the parts that `write_reduced` wrote, and the delivery that they are left of."""
    told = load(raw)
    left = Translation(
        parts=tuple(_part(one) for one in told["parts"]),
        rejections=(),
        account=(),
        snapshot=told["snapshot"],
        scope=told["scope"],
    )
    return left, Whole(sha256=bytes.fromhex(told["sha256"]), told=told["told"])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _part(told: dict[str, Any]) -> Part:
    change = told["identity"]
    return Part(
        **told
        | {
            "subject": PersonKey(**told["subject"]),
            "related": tuple(RelatedKey(**one) for one in told["related"]),
            "segments": tuple(_segment(one) for one in told["segments"]),
            "identity": _change(change) if change else None,
        }
    )


def _segment(told: dict[str, Any]) -> Segment:
    sets: dict[str, Any] = {name: frozenset(told[name]) for name in ("about", "flags")}
    return Segment(**told | sets)


def _change(told: dict[str, Any]) -> IdentityChange:
    return IdentityChange(**told | {"kind": NumberChange(told["kind"])})
