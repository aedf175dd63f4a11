"""A GIR delivery to labelled FHIR: an episode of care for each agreement, no days by default."""

from collections.abc import Collection, Iterator

from adapters.contract import Part, ReadOptions, Retraction, Translation
from adapters.dates import parse_instant
from adapters.ledger import Ledger
from adapters.vaph.gir.agreements import Context, agreement_part
from adapters.vaph.gir.payload import Agreement, Delivery, Registration
from adapters.vaph.gir.records import ACTION, FREE_TEXT, REFUSED, LastWord, deletion, last_words

ENVELOPE = "the envelope of the delivery; it says nothing about a person"
NO_DAYS = "days of help are off by default: that there is help, and since when, is enough"
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
    context = Context(delivery=delivery, asserted_at=asserted_at, ledger=ledger, options=options)
    parts = tuple(_parts(agreements, context))
    retractions = (
        *_deleted(agreements, asserted_at, ledger),
        *_registrations(delivery, agreements, {part.id for part in parts}, asserted_at, ledger),
    )
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


def _parts(agreements: list[LastWord[Agreement]], context: Context) -> Iterator[Part]:
    """The part's id is that of the agreement's place among the agreements."""
    for number, one in enumerate(agreements, start=1):
        if not one.deletes and (part := agreement_part(one, str(number), context)):
            yield part
    # Without one part to say where it went, a provider is only part of the envelope.
    delivery = context.delivery
    provider = (delivery.created, delivery.provider_name, delivery.recognition, delivery.enterprise)
    context.ledger.minimised(ENVELOPE, *provider)


def _deleted(
    agreements: list[LastWord[Agreement]], asserted_at: str, ledger: Ledger
) -> Iterator[Retraction]:
    for one in agreements:
        if one.deletes:
            yield deletion(one, f"agreement/{one.id}/episode", asserted_at, ledger)


def _registrations(
    delivery: Delivery,
    agreements: list[LastWord[Agreement]],
    usable: Collection[str],
    asserted_at: str,
    ledger: Ledger,
) -> Iterator[Retraction]:
    """A registration names no person: without its agreement nobody can tell whose day it was."""
    standing = {
        one.id: str(number) in usable
        for number, one in enumerate(agreements, start=1)
        if not one.deletes
    }
    for one in last_words(delivery.registrations, ledger):
        under = one.record.agreement.text if one.record.agreement else ""
        if one.deletes:
            yield deletion(one, f"registration/{one.id}/encounter", asserted_at, ledger)
        elif under not in standing:
            _reject(one.record, ledger)
        elif standing[under]:
            _leave_out(one.record, ledger)
        else:
            ledger.withheld(REFUSED, *one.record.fields)


def _reject(record: Registration, ledger: Ledger) -> None:
    message = (
        "no agreement in this file has this id, so nobody can tell whose day this was; "
        "send the agreement in the same file"
    )
    if record.agreement:
        ledger.reject(record.agreement, "unknown-agreement", message)
    else:
        ledger.refuse(record.place, "agreement", "unknown-agreement", message)
    ledger.withheld(REFUSED, *record.fields)


def _leave_out(record: Registration, ledger: Ledger) -> None:
    ledger.minimised(ACTION, record.action)
    ledger.minimised(FREE_TEXT, record.reason)
    ledger.minimised(NO_DAYS, record.id, record.agreement, *record.used)
