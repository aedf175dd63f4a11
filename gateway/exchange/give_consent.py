"""A parent gives a service leave to see some of a child's data; what exists already is queued."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from gateway.clock import brussels_date
from gateway.exchange.consent_log import decided
from gateway.exchange.disclose import shareable
from gateway.exchange.hub import Hub
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children, consents, outbox, partners, resources
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction

# A family may name these; the rest needs a route that is not built on this page (rules, 3 and 4).
CLASSES = frozenset(
    {"logistics", "functional", "development", "diagnosis", "diagnostic_report", "medical",
     "context"}
)  # fmt: skip
PURPOSES = frozenset({"care", "diagnosis", "referral", "safety", "entitlement"})
# Rules of sharing, section 8: at most 12 months, 6 for the most sensitive classes.
LONGEST, LONGEST_SENSITIVE = timedelta(days=365), timedelta(days=183)
SENSITIVE = frozenset({"medical", "diagnostic_report", "concern"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOrder:
    """What a parent said yes to, with the hash of the exact words that stood on the screen."""

    child: str
    classes: frozenset[str]
    purpose: str
    to: str
    until: date
    language: str
    wording_sha256: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the consent was not recorded, in a sentence that names the remedy."""

    code: str
    message: str


def give_consent(
    hub: Hub, person: PersonCaller, order: ConsentOrder, *, at: datetime
) -> str | Refusal:
    """Record the grant and queue what it opens; return its id, or why it cannot be recorded."""
    child = _uuid(order.child)
    with transaction(hub.engine) as tx:
        if child is None or child not in children.ties_of_person(tx, UUID(person.person)):
            return Refusal("unknown_child", "choose one of your own children")
        children.lock(tx, child)
        refusal = _check(tx, child, order, at=at)
        if refusal:
            return refusal
        consent = _row(tx, child, UUID(person.person), order, at=at)
        if isinstance(consent, Refusal):
            return consent
        consents.insert(tx, consent)
        access_log.append(tx, decided("consent_given", person, consent, at=at))
        outbox.queue(tx, _opened(tx, child, order), at=at)
    return str(consent.id)


def _check(tx: Transaction, child: UUID, order: ConsentOrder, *, at: datetime) -> Refusal | None:
    today = brussels_date(at)
    longest = LONGEST_SENSITIVE if order.classes & SENSITIVE else LONGEST
    if not order.classes or not order.classes <= CLASSES:
        return Refusal("unknown_class", f"choose from: {', '.join(sorted(CLASSES))}")
    if order.purpose not in PURPOSES:
        return Refusal("unknown_purpose", f"choose from: {', '.join(sorted(PURPOSES))}")
    if not today <= order.until <= today + longest:
        return Refusal("until_out_of_range", f"choose a day within {longest.days} days from today")
    if order.to not in children.services_around(tx, child, at=at):
        return Refusal("unknown_service", "choose a service that is around the child")
    return None


def _row(
    tx: Transaction, child: UUID, person: UUID, order: ConsentOrder, *, at: datetime
) -> ConsentRow | Refusal:
    service = partners.find(tx, order.to)
    assert service is not None
    wording = wording_for(
        language=order.language,
        classes=order.classes,
        purpose=order.purpose,
        partner_name=service.name,
        until=order.until,
    )
    if wording.sha256 != order.wording_sha256:
        return Refusal("wording_changed", "read the text again; it is not the one you agreed to")
    return ConsentRow(
        id=uuid4(),
        child=child,
        person=person,
        effect="grant",
        classes=tuple(sorted(order.classes)),
        purpose=order.purpose,
        partner=order.to,
        since=at,
        until=order.until,
        wording_id=wording.text_id,
        wording_version=wording.version,
        wording_language=wording.language,
        wording_sha256=bytes.fromhex(wording.sha256),
        channel="portal",
    )


def _opened(tx: Transaction, child: UUID, order: ConsentOrder) -> Iterable[outbox.Due]:
    there = outbox.delivered_versions(tx, child, order.to, order.purpose)
    for part in resources.of_child(tx, child):
        # A service needs no message about what it wrote itself, nor what it has already.
        new = part.partner != order.to and (part.id, part.version) not in there
        if new and shareable(part) and part.data_class in order.classes:
            yield outbox.Due(
                partner=order.to,
                child=child,
                resource=part.id,
                version=part.version,
                kind=outbox.UPDATED,
            )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
