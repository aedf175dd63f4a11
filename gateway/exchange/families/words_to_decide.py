"""The words to show before somebody decides, in that person's own capacity."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from gateway.exchange.families.family import UNKNOWN_CHILD, Member, member_of, uuid_of
from gateway.exchange.families.refuse import RefusalOrder, choices
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import Wording, wording_for, wording_of_refusal
from gateway.identity.callers import PersonCaller
from gateway.store import children, partners
from gateway.store.engine import Transaction, transaction

GRANT: Final = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody thinks of deciding; None means any, which a grant cannot say."""

    child: str
    effect: str
    classes: frozenset[str] | None
    purpose: str | None
    to: str | None
    sources: frozenset[str] | None
    until: date | None
    language: str


def words_to_decide(
    hub: Hub, person: PersonCaller, draft: Draft, *, at: datetime
) -> Wording | Refusal:
    """Return the exact words; raises `InvalidRequest` for a word that the texts do not know."""
    child = uuid_of(draft.child)
    with transaction(hub.engine) as tx:
        member = member_of(tx, hub, child, UUID(person.person), at=at) if child else None
        if member is None:
            return UNKNOWN_CHILD
        if draft.effect == GRANT:
            return _of_grant(tx, member, draft, at=at)
        return wording_of_refusal(
            language=draft.language,
            effect=draft.effect,
            choices=choices(tx, member.giver, _order(draft)),
        )


def _of_grant(tx: Transaction, member: Member, draft: Draft, *, at: datetime) -> Wording | Refusal:
    # Before anything about the service: who does not decide may not learn which ones help.
    if why_not := member.why_no_yes:
        return why_not
    classes, purpose, to, until = draft.classes, draft.purpose, draft.to, draft.until
    if classes is None or purpose is None or to is None or until is None:
        return Refusal("incomplete", "a yes names classes, purpose, service and last day")
    service = partners.find(tx, to)
    if service is None or to not in children.services_around(tx, member.child, at=at):
        return UNKNOWN_CHILD
    return wording_for(
        language=draft.language,
        classes=classes,
        purpose=purpose,
        partner_name=service.name,
        until=until,
        giver=member.giver,
    )


def _order(draft: Draft) -> RefusalOrder:
    return RefusalOrder(
        child=draft.child,
        effect=draft.effect,
        language=draft.language,
        wording_sha256="",
        classes=draft.classes,
        purpose=draft.purpose,
        to=draft.to,
        sources=draft.sources,
        until=draft.until,
    )
