"""A GIR delivery to labelled FHIR: an episode of care for each agreement, no days by default."""

from collections.abc import Iterator

from adapters.contract import Part, ReadOptions, Retraction, Translation
from adapters.dates import parse_instant
from adapters.ledger import Ledger
from adapters.vaph.gir import agreements as agreements_of
from adapters.vaph.gir import days as days_of
from adapters.vaph.gir.agreements import Context, agreement_part
from adapters.vaph.gir.payload import Agreement, Delivery, Registration
from adapters.vaph.gir.records import REFUSED, LastWord, deletion, last_words

ENVELOPE = "the envelope of the delivery; it says nothing about a person"
WITHOUT_DATE = "the delivery as a whole is refused until it says when it was made"


def to_fhir(delivery: Delivery, options: ReadOptions) -> Translation:
    """Every usable agreement becomes a part; what is deleted becomes a retraction."""
    ledger = Ledger(delivery.fields)
    ledger.minimised(ENVELOPE, *delivery.envelope)
    asserted_at = _asserted_at(delivery, ledger)
    if asserted_at is None:
        ledger.withheld(WITHOUT_DATE, *delivery.fields)
        return Translation(parts=(), rejections=ledger.rejections(), account=ledger.account())
    agreements = last_words(delivery.agreements, ledger)
    days = last_words(delivery.registrations, ledger)
    context = Context(
        delivery=delivery,
        asserted_at=asserted_at,
        ledger=ledger,
        options=options,
        days=_by_agreement(agreements, days, ledger),
    )
    parts = tuple(_parts(agreements, context))
    retractions = tuple(_deletions(agreements, days, asserted_at, ledger))
    return Translation(
        parts=parts,
        rejections=ledger.rejections(),
        account=ledger.account(),
        retractions=retractions,
    )


def _asserted_at(delivery: Delivery, ledger: Ledger) -> str | None:
    created = delivery.created
    instant = parse_instant(created.text) if created else None
    if created and created.text and instant is None:
        message = "this is no instant; write a date and a time of day"
        ledger.reject(created, "date-invalid", message)
    elif instant is None:
        message = "the delivery does not say when it was made; send it with that instant"
        ledger.refuse("$", "created", "missing-field", message)
    return instant


def _by_agreement(
    agreements: list[LastWord[Agreement]], days: list[LastWord[Registration]], ledger: Ledger
) -> dict[str, list[LastWord[Registration]]]:
    """A registration names no person: without its agreement nobody can tell whose day it was."""
    found: dict[str, list[LastWord[Registration]]] = {
        one.id: [] for one in agreements if not one.deletes
    }
    for one in days:
        under = one.record.agreement.text if one.record.agreement else ""
        if not one.deletes and under in found:
            found[under].append(one)
        elif not one.deletes:
            _reject(one.record, ledger)
    return found


def _parts(agreements: list[LastWord[Agreement]], context: Context) -> Iterator[Part]:
    """The part's id is the place of the first record of the agreement among all of them."""
    for one in agreements:
        if not one.deletes and (part := agreement_part(one, one.number, context)):
            yield part
    # Without one part to say where it went, a provider is only part of the envelope.
    delivery = context.delivery
    provider = (delivery.created, delivery.provider_name, delivery.recognition, delivery.enterprise)
    context.ledger.minimised(ENVELOPE, *provider)


def _deletions(
    agreements: list[LastWord[Agreement]],
    days: list[LastWord[Registration]],
    asserted_at: str,
    ledger: Ledger,
) -> Iterator[Retraction]:
    for one in agreements:
        if one.deletes:
            yield deletion(one, agreements_of.key_of(one.id), asserted_at, ledger)
    for day in days:
        if day.deletes:
            yield deletion(day, days_of.key_of(day.id), asserted_at, ledger)


def _reject(record: Registration, ledger: Ledger) -> None:
    message = (
        "no agreement in this file has this id, so nobody can tell whose day this was; "
        "send the agreement in the same file"
    )
    if record.agreement and record.agreement.text:
        ledger.reject(record.agreement, "unknown-agreement", message)
    else:
        ledger.refuse(record.place, "agreement", "unknown-agreement", message)
    ledger.withheld(REFUSED, *record.fields)
