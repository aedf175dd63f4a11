"""A dossier that is struck: everything VAPH said about the person ends, and nothing else."""

from adapters.contract import Ending, PersonKey, ReadOptions, Retraction, Translation
from adapters.dates import OPEN_END, parse_date, parse_instant
from adapters.insz import InszProblem
from adapters.ledger import Ledger
from adapters.persons import check_insz
from adapters.vaph.strike_off.payload import StrikeOff

KIND = "it tells which message this is, which is read as such"
MESSAGE = "the number of the message says nothing about the person"
REASON = "why a dossier was struck is for the person; it stays in the encrypted original"
WORDS = "free text; it stays in the encrypted original"
AT_ONCE = "it ends here as soon as it is told, so that nobody uses it any longer"
REFUSED = "the message is refused as a whole until it says whose dossier was struck, and when"


def to_fhir(struck: StrikeOff, options: ReadOptions) -> Translation:
    """One retraction without a key: everything this source said about the person."""
    ledger = Ledger(struck.fields)
    asserted_at = _instant(struck, ledger)
    subject = _subject(struck, ledger, options)
    if asserted_at is None or subject is None:
        ledger.withheld(REFUSED, *struck.fields)
        return Translation(parts=(), rejections=ledger.rejections(), account=ledger.account())
    _account(struck, ledger)
    ended = Retraction(
        key=None,
        ending=Ending.WITHDRAWN,
        asserted_at=asserted_at,
        version=asserted_at,
        where=struck.place,
        subject=subject,
    )
    return Translation(
        parts=(), rejections=ledger.rejections(), account=ledger.account(), retractions=(ended,)
    )


def _instant(struck: StrikeOff, ledger: Ledger) -> str | None:
    sent = struck.sent
    instant = parse_instant(sent.text) if sent else None
    if sent and sent.text and instant is None:
        message = "this is no instant; write a date and a time of day"
        ledger.reject(sent, "date-invalid", message)
    elif instant is None:
        message = "the message does not say when it was sent; send it with that instant"
        ledger.refuse(struck.place, "sent", "missing-field", message)
    return instant


def _subject(struck: StrikeOff, ledger: Ledger, options: ReadOptions) -> PersonKey | None:
    """By the national number only: a dossier number alone would let a slip end another's file."""
    if struck.insz is None or not struck.insz.text:
        message = "the message names no person; send it with the national number"
        ledger.refuse(struck.place, "insz", "insz-missing", message)
        return None
    insz = check_insz(struck.insz, options)
    if isinstance(insz, InszProblem):
        ledger.reject(struck.insz, insz.code, insz.message)
        return None
    number = struck.dossier.text if struck.dossier and struck.dossier.text else None
    return PersonKey(insz=insz.digits, family="", given="", born=insz.born, local=number)


def _account(struck: StrikeOff, ledger: Ledger) -> None:
    ledger.mapped("Retraction.subject", struck.insz, struck.dossier)
    ledger.mapped("Retraction.asserted_at", struck.sent)
    ledger.minimised(KIND, *struck.kind)
    ledger.minimised(MESSAGE, struck.message)
    ledger.minimised(REASON, struck.reason_code)
    ledger.minimised(WORDS, *struck.words)
    since = struck.since
    if since and since.text and parse_date(since.text) in (None, OPEN_END):
        ledger.reject(since, "date-invalid", "this is no date; write it as yyyy-mm-dd")
    ledger.minimised(AT_ONCE, since)
