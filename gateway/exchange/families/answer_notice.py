"""A service says what it did with its copy after a notice: the family and the auditor see it.

The hub cannot look into a service's files; what stands in the log is that service's own word.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from gateway.errors import InvalidRequest
from gateway.exchange.families.family import uuid_of
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.store import access_log, children, notice_answers
from gateway.store.engine import transaction
from gateway.store.notice_answers import AboutNotice
from schemas import code_table

ACT: Final = "notice_answered"
KEPT: Final = "kept-by-law"
# What a service says, and the outcome that the log calls it.
OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {"erased": "erased", KEPT: "kept_by_law", "nothing-held": "nothing_held"}
)
BASES: Final = tuple(sorted(code_table("kept-by-law")))
# Marks the reason in the log as the service's own, apart from the rules of the hub.
KEPT_FOR: Final = "kept:"


def answer_notice(
    hub: Hub,
    caller: PartnerCaller,
    notice: str,
    *,
    done: str,
    basis: str | None,
    at: datetime,
) -> bool:
    """Keep and log what was done; False for what is no notice of this service.

    The same answer again changes nothing, another one counts from then on. A closed list of
    grounds, so that no text about a person can come into the log.
    """
    _check(done, basis)
    wanted = uuid_of(notice)
    if wanted is None:
        return False
    with transaction(hub.engine) as tx:
        row = notice_answers.find_notice(tx, caller.partner, wanted)
        if row is None:
            return False
        children.lock_shared(tx, row.child)
        if notice_answers.save(tx, wanted, done, basis=basis, at=at):
            about = notice_answers.about(tx, row)
            access_log.append(tx, _line(caller, wanted, about, done, basis, at=at))
    return True


def _check(done: str, basis: str | None) -> None:
    if done not in OUTCOMES:
        raise InvalidRequest(f"use one of: {', '.join(OUTCOMES)}", where="body.done")
    if (done == KEPT) != (basis is not None) or (basis is not None and basis not in BASES):
        message = f"with {KEPT}, and only then, name one of: {', '.join(BASES)}"
        raise InvalidRequest(message, where="body.basis")


def _line(
    caller: PartnerCaller,
    notice: UUID,
    about: AboutNotice,
    done: str,
    basis: str | None,
    *,
    at: datetime,
) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=ACT,
        actor=caller.partner,
        partner=caller.partner,
        role="system",
        child=about.child,
        classes=about.classes,
        outcome=OUTCOMES[done],
        rules=(f"{KEPT_FOR}{basis}",) if basis else (),
        consents=about.consents,
        correlation=str(notice),
    )
