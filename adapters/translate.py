"""One call from bytes to FHIR, and the document `deelregie translate` prints."""

import hashlib

from adapters.contract import (
    DEFAULT_OPTIONS,
    AccountLine,
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
    if adapter is None:
        return Unreadable(
            code="unknown-source",
            where="source",
            message=f"no adapter reads this source; choose one of {', '.join(sorted(ADAPTERS))}",
            status=422,
        )
    return open_file(adapter, raw, options)


def to_report(source: str, raw: bytes, outcome: Translation | Unreadable) -> Resource:
    """The JSON document of `deelregie translate`: `dump` it.

    Exit code: 0 when `rejections` is empty, 1 when it is not (an unreadable file is one rejection
    and an empty bundle), 2 is for a wrong command line only.
    """
    if isinstance(outcome, Unreadable):
        rejections: tuple[Rejection, ...] = (_as_rejection(outcome),)
        account: tuple[AccountLine, ...] = ()
        entries: list[Resource] = []
    else:
        rejections, account = outcome.rejections, outcome.account
        entries = _entries(outcome)
    return {
        "source": source,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "bundle": _bundle(entries),
        "rejections": [_rejection(one) for one in rejections],
        "account": [_account_line(line) for line in account],
    }


def report(source: str, raw: bytes, options: ReadOptions = DEFAULT_OPTIONS) -> Resource:
    """Translate one file and give its report."""
    return to_report(source, raw, translate(source, raw, options))


def _as_rejection(unreadable: Unreadable) -> Rejection:
    return Rejection(
        where=unreadable.where, field="", code=unreadable.code, message=unreadable.message
    )


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


def _rejection(one: Rejection) -> Resource:
    return {"where": one.where, "field": one.field, "code": one.code, "message": one.message}


def _account_line(line: AccountLine) -> Resource:
    return {
        "path": line.path,
        "fate": line.fate.value,
        "to": list(line.to),
        "reason": line.reason,
    }
