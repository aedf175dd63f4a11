"""One call from bytes to FHIR, and the document `deelregie translate` prints."""

import hashlib

from adapters.contract import (
    DEFAULT_OPTIONS,
    AccountLine,
    Question,
    ReadOptions,
    Rejection,
    Resource,
    Translation,
    Unreadable,
)
from adapters.opening import Opened, open_file
from adapters.registry import ADAPTERS
from adapters.systems import BASE


def translate(
    source: str, raw: bytes, options: ReadOptions = DEFAULT_OPTIONS
) -> Translation | Unreadable:
    """Read and map one file of a source; total over bytes, and the same bytes give the same."""
    opened = open_record(source, raw, options)
    return opened if isinstance(opened, Unreadable) else opened.to_fhir(options)


def open_record(source: str, raw: bytes, options: ReadOptions) -> Opened | Unreadable:
    """Read one file of a source without mapping it, or say why it cannot be read."""
    adapter = ADAPTERS.get(source)
    return unknown_source() if adapter is None else open_file(adapter, raw, options)


def unknown_source() -> Unreadable:
    """The answer to a file of a source that no adapter reads."""
    return Unreadable(
        code="unknown-source",
        where="source",
        message=f"no adapter reads this source; choose one of {', '.join(sorted(ADAPTERS))}",
        status=422,
    )


def to_report(source: str, raw: bytes, outcome: Translation | Unreadable) -> Resource:
    """The JSON document of `deelregie translate`: `dump` it.

    Exit code: 0 when `rejections` is empty, 1 when it is not (an unreadable file is one rejection
    and an empty bundle), 2 is for a wrong command line only.
    """
    found = refused(outcome) if isinstance(outcome, Unreadable) else outcome
    return {"source": source, "sha256": hashlib.sha256(raw).hexdigest(), **content(found)}


def content(found: Translation) -> Resource:
    """What a report says of a translation: its FHIR, what a person must look at, its account."""
    return {
        "bundle": _bundle(_entries(found)),
        "rejections": [_rejection(one) for one in found.rejections],
        **_changes(found),
        "account": [_account_line(line) for line in found.account],
    }


def _changes(found: Translation) -> Resource:
    """What a person must decide, what ended and what changed, by place; left out when nothing."""
    told = {
        "questions": [_rejection(one) for one in found.questions],
        "retractions": [
            {"where": one.where, "ending": one.ending.value, "everything": one.key is None}
            for one in found.retractions
        ],
        "amendments": [{"where": one.where, "element": one.element} for one in found.amendments],
    }
    return {name: what for name, what in told.items() if what}


def report(source: str, raw: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Resource:
    """Translate one file and give its report."""
    return to_report(source, raw, translate(source, raw, options))


def refused(why: Unreadable) -> Translation:
    """A file that cannot be read, as one rejection and nothing else."""
    rejection = Rejection(where=why.where, field="", code=why.code, message=why.message)
    return Translation(parts=(), rejections=(rejection,), account=())


def _entries(translation: Translation) -> list[Resource]:
    # An organisation may be named in several parts of one file: it stands in the bundle once.
    resources = {
        f"{segment.resource['resourceType']}/{segment.resource['id']}": segment.resource
        for part in translation.parts
        for segment in part.segments
    }
    return [
        {"fullUrl": f"{BASE}/{place}", "resource": resource}
        for place, resource in resources.items()
    ]


def _bundle(entries: list[Resource]) -> Resource:
    bundle: Resource = {"resourceType": "Bundle", "type": "collection"}
    return {**bundle, "entry": entries} if entries else bundle


def _rejection(one: Rejection | Question) -> Resource:
    return {"where": one.where, "field": one.field, "code": one.code, "message": one.message}


def _account_line(line: AccountLine) -> Resource:
    return {
        "path": line.path,
        "fate": line.fate.value,
        "to": list(line.to),
        "reason": line.reason,
    }
