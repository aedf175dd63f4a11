"""Say yes again in one act: a text that changed, or a parent's yes that the child takes over."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from consent.lifecycle import SELF
from gateway.exchange.families.decision_row import (
    WORDING_CHANGED,
    Scope,
    new_row,
    unknown_assistant,
)
from gateway.exchange.families.give_consent import record_grant
from gateway.exchange.families.seen_decision import Seen, seen_by
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import Wording, wording_of_reconfirm
from gateway.identity.callers import PersonCaller
from gateway.store import children, consents, partners
from gateway.store.engine import Transaction, transaction

UNKNOWN: Final = Refusal("unknown_consent", "choose one of the decisions that you can see")
_NOT_RUNNING: Final = Refusal("not_running", "this needs no new yes; give a new consent instead")
_NO_SERVICE: Final = Refusal("unknown_service", "this service is not around the child any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconfirmOrder:
    """Which consent somebody confirms, with the hash of the exact words that were shown."""

    consent: str
    language: str
    wording_sha256: str
    assisted_by: str | None = None


def reconfirm(
    hub: Hub, person: PersonCaller, order: ReconfirmOrder, *, at: datetime
) -> str | Refusal:
    """Record a new grant of the same scope and last day; return its id, or why it cannot be.

    A parent's grant that the child takes over stays as it is, so that parents do not learn what
    the child decided: from 12 on it carries nothing beside a decision of the child.
    """
    with transaction(hub.engine) as tx:
        seen = seen_by(tx, hub, person, order.consent, at=at)
        refusal = _why_not(tx, seen, at=at) or unknown_assistant(tx, order.assisted_by)
        if seen is None or refusal:
            return refusal or UNKNOWN
        words = _words(tx, seen, order.language)
        if words.sha256 != order.wording_sha256:
            return WORDING_CHANGED
        new = new_row(seen.member, words, _scope(seen), assisted_by=order.assisted_by, since=at)
        new = replace(new, supersedes=seen.row.id)
        given = record_grant(tx, hub, person, new, act="consent_reconfirmed", at=at)
        if isinstance(given, str):
            actor, channel = f"person/{person.person}", new.channel
            consents.record_event(tx, new.id, "reconfirmed", actor=actor, channel=channel, at=at)
    return given


def words_to_reconfirm(
    hub: Hub, person: PersonCaller, consent_id: str, *, language: str, at: datetime
) -> Wording | Refusal:
    """Return the words to show before asking."""
    with transaction(hub.engine) as tx:
        seen = seen_by(tx, hub, person, consent_id, at=at)
        refusal = _why_not(tx, seen, at=at)
        if seen is None or refusal:
            return refusal or UNKNOWN
        return _words(tx, seen, language)


def _why_not(tx: Transaction, seen: Seen | None, *, at: datetime) -> Refusal | None:
    if seen is None:
        return UNKNOWN
    if seen.row.person == seen.member.person or seen.member.giver == SELF:
        if seen.member.why_no_yes:
            return seen.member.why_no_yes
        if "reconfirm" not in seen.acts:
            return _NOT_RUNNING
        around = children.services_around(tx, seen.row.child, at=at)
        return None if seen.row.partner in around else _NO_SERVICE
    return UNKNOWN


def _words(tx: Transaction, seen: Seen, language: str) -> Wording:
    scope = _scope(seen)
    assert scope.classes is not None
    assert scope.purpose is not None
    assert scope.partner is not None
    assert scope.until is not None
    service = partners.find(tx, scope.partner)
    assert service is not None
    return wording_of_reconfirm(
        language=language,
        giver=seen.member.giver,
        classes=scope.classes,
        purpose=scope.purpose,
        partner_name=service.name,
        until=scope.until,
    )


def _scope(seen: Seen) -> Scope:
    row = seen.row
    return Scope(
        effect="grant",
        classes=row.classes,
        purpose=row.purpose,
        partner=row.partner,
        sources=row.sources,
        until=row.until,
    )
