"""What a family's decision leaves behind: a line in the access log, and its own history."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from consent.edition import EDITION
from consent.lifecycle import SELF
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.store import access_log, consents
from gateway.store.access_log import Entry
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction

# What is kept on a decision is the edition of the rules it was given under.
RULES_VERSION: Final = EDITION


def role_of(giver: str) -> str:
    """Return the role in the log of somebody of the family."""
    return "child" if giver == SELF else "parent"


def recorded(
    tx: Transaction,
    line: str,
    event: str,
    caller: PersonCaller,
    consent: ConsentRow,
    *,
    role: str,
    at: datetime,
) -> None:
    """Write the line of the log and the event of a decision, for an act of somebody's own."""
    entry = decided(line, caller, consent, at=at)
    access_log.append(tx, replace(entry, role=role))
    consents.record_event(tx, consent.id, event, actor=entry.actor, channel=consent.channel, at=at)


def settled(
    tx: Transaction,
    outcome: str,
    caller: AuditorCaller,
    consent: ConsentRow,
    *,
    at: datetime,
) -> None:
    """Write the line and the event of what an auditor settled: `upheld` or `annulled`."""
    actor = f"auditor/{caller.auditor}"
    entry = Entry(
        at=at,
        act=f"consent_{outcome}",
        actor=actor,
        role="auditor",
        partner=consent.partner,
        purpose=consent.purpose,
        child=consent.child,
        classes=consent.classes or (),
        outcome="done",
        consents=(consent.id,),
        correlation=caller.correlation,
    )
    access_log.append(tx, entry)
    consents.record_event(tx, consent.id, outcome, actor=actor, channel="audit", at=at)


def decided(act: str, person: PersonCaller, consent: ConsentRow, *, at: datetime) -> Entry:
    """Return the line of one act of the family on one decision."""
    return Entry(
        at=at,
        act=act,
        actor=f"person/{person.person}",
        partner=consent.partner,
        role=role_of(consent.giver),
        purpose=consent.purpose,
        child=consent.child,
        classes=consent.classes or (),
        outcome="done",
        consents=(consent.id,),
        correlation=person.correlation,
    )
