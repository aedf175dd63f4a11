"""The access log as FHIR AuditEvents, one in each row (NDJSON), in bounded memory.

For programs that read audit records. It holds no more than an export without links: what happened,
when, by which service and why, and for each line the bytes of its leaf. No row leads to a person.
"""

from collections.abc import Iterator
from datetime import datetime

from adapters.contract import dump
from gateway.exchange.audit.audit_events import leaf_of
from gateway.exchange.audit.export_log import PAGE, told_of_export
from gateway.exchange.hub import Hub
from gateway.fhir.audit_event import UNTOLD, AuditLine, Party, audit_event
from gateway.store import log_tree
from gateway.store.engine import transaction
from gateway.store.log_tree import Line


def export_audit_events(hub: Hub, *, by: str, at: datetime) -> Iterator[str]:
    """Yield a row for each leaf of the newest checkpoint whose line is there.

    Whether lines are missing or were changed is told by `export_log` and `verify_log`, not here.
    """
    told_of_export(hub, by=by, at=at)
    with transaction(hub.engine) as tx:
        log_tree.stand_still(tx)
        newest = log_tree.newest(tx)
        size = newest.size if newest else 0
        for first in range(0, size, PAGE):
            found = log_tree.leaves(tx, first, min(first + PAGE, size))
            for _, line in sorted(found.items()):
                if line["id"] is not None:
                    yield _row(hub, line, size=size)


def _row(hub: Hub, line: Line, *, size: int) -> str:
    seen = _as_everybody_sees_it(hub, line, size=size)
    return f"{dump(audit_event(seen, issuer=hub.settings.issuer)).decode()}\n"


def _as_everybody_sees_it(hub: Hub, line: Line, *, size: int) -> AuditLine:
    """What stands in the leaf in clear: who did it, the child and the consents do not."""
    partner = line["partner"]
    return AuditLine(
        id=str(line["id"]),
        at=line["at"],
        act=line["act"],
        outcome=line["outcome"],
        asker=UNTOLD,
        services=(Party(kind="service", id=partner),) if partner else (),
        role=line["role"],
        purpose=line["purpose"],
        classes=tuple(line["classes"]),
        rules=tuple(line["rules"]),
        edition=line["rules_version"],
        leaf=leaf_of(hub, line, line, size=size),
    )
