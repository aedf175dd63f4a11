"""How a decision of the family is written down: who, in which capacity, what, on which words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from gateway.exchange.families.consent_log import RULES_VERSION
from gateway.exchange.families.family import Member
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import Wording
from gateway.store import partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction

PORTAL: Final = "portal"
# Beside these, a service may have helped: then it is named by its id.
ASSISTANTS: Final = frozenset({"confidant", "supporter"})
WORDING_CHANGED: Final = Refusal(
    "wording_changed", "read the text again; it is not the one you agreed to"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a decision is about; None means any."""

    effect: str
    classes: Iterable[str] | None
    purpose: str | None
    partner: str | None
    until: date | None
    sources: Iterable[str] | None = None


def new_row(
    member: Member, words: Wording, scope: Scope, *, assisted_by: str | None, since: datetime
) -> ConsentRow:
    """Return the row of a new decision of this member of the family."""
    return ConsentRow(
        id=uuid4(),
        child=member.child,
        person=member.person,
        giver=member.giver,
        effect=scope.effect,
        classes=None if scope.classes is None else tuple(sorted(scope.classes)),
        purpose=scope.purpose,
        sources=None if scope.sources is None else tuple(sorted(scope.sources)),
        partner=scope.partner,
        since=since,
        until=scope.until,
        wording_id=words.text_id,
        wording_version=words.version,
        wording_language=words.language,
        wording_sha256=bytes.fromhex(words.sha256),
        channel=PORTAL,
        assisted_by=assisted_by,
        rules_version=RULES_VERSION,
    )


def unknown_assistant(tx: Transaction, assisted_by: str | None) -> Refusal | None:
    """Refuse a helper that is neither a kind of person nor a service."""
    if assisted_by is None or assisted_by in ASSISTANTS or partners.find(tx, assisted_by):
        return None
    return Refusal(
        "unknown_assistant", "say confidant, supporter, the id of a service, or leave it out"
    )
