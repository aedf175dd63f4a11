"""A partner or an auditor cosigns a checkpoint: kept with it, and shown wherever it is shown.

No line of the log tells of it: lines make checkpoints, and these cosignatures, without an end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.errors import InvalidRequest
from gateway.exchange.audit.log_key import log_key
from gateway.exchange.audit.prove_log import signed_note
from gateway.exchange.hub import Hub
from gateway.observability import Event, warn
from gateway.store import access_log, log_tree, log_witnesses, partners
from gateway.store.engine import Transaction, transaction
from gateway.store.log_witnesses import Witness
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import KeyKind, MalformedError, Note, Signature, VerifierKey


class NotTaken(StrEnum):
    """Why a cosignature was not taken."""

    UNKNOWN_ORIGIN = "unknown_origin"
    NOT_SIGNED = "not_signed"
    """It bears no good cosignature of a witness of the caller."""
    NO_SUCH_SIZE = "no_such_size"
    ANOTHER_ROOT = "another_root"
    """The hub signed something else of this size: two histories, or a text that was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a cosignature was not taken, and how large the tree is."""

    why: NotTaken
    size: int


def register_witness(hub: Hub, written: str, *, partner: str | None, at: datetime) -> Witness:
    """Let the holder of a key cosign; raise `InvalidRequest` naming what to mend."""
    try:
        key = VerifierKey.parse(written)
    except MalformedError as error:
        raise InvalidRequest(str(error), where="key") from error
    if key.kind is not KeyKind.WITNESS:
        message = "this key signs logs; make one with `deelregie log key NAME --witness`"
        raise InvalidRequest(message, where="key")
    witness = Witness(name=key.name, verifier_key=str(key), partner=partner)
    with transaction(hub.engine) as tx:
        if partner is not None and partners.find(tx, partner) is None:
            raise InvalidRequest("no service has this id", where="partner")
        log_witnesses.register(tx, witness, at=at)
        entry = access_log.Entry(
            at=at, act="witness_registered", actor="operator", partner=partner, outcome="done"
        )
        access_log.append(tx, entry)
    return witness


def take_cosignature(hub: Hub, written: str, *, partner: str | None, at: datetime) -> str | Refused:
    """Keep what a witness of this partner, or (None) of an auditor, cosigned.

    Return the checkpoint as it is shown from now on; raise `InvalidRequest` for what is no
    checkpoint. The rules are those of C2SP tlog-witness as far as they concern a log.
    """
    try:
        note = Note.parse(written)
        given = Checkpoint.of(note)
    except MalformedError as error:
        raise InvalidRequest(str(error), where="body") from error
    with transaction(hub.engine) as tx:
        taken = _take(tx, log_key(hub).verifier, note, given, partner, at=at)
        if taken is not None:
            newest = log_tree.newest(tx)
            return Refused(why=taken, size=newest.size if newest else 0)
        shown = signed_note(tx, given.size)
    assert shown is not None
    return shown


def _take(
    tx: Transaction,
    own: VerifierKey,
    note: Note,
    given: Checkpoint,
    partner: str | None,
    *,
    at: datetime,
) -> NotTaken | None:
    """Check and keep in one transaction, so that what was answered is what is kept."""
    if given.origin != own.name:
        return NotTaken.UNKNOWN_ORIGIN
    made = list(_cosigned(log_witnesses.of(tx, partner), note))
    if not made:
        return NotTaken.NOT_SIGNED
    stored = log_tree.checkpoint_of(tx, given.size)
    if stored is None:
        return NotTaken.NO_SUCH_SIZE
    if Note.parse(stored.note).text != note.text:
        # INVARIANT: two texts of one size that this key signed are two histories.
        if own.signed(note):
            warn(Event.LOG_FORKED, count=given.size)
        return NotTaken.ANOTHER_ROOT
    for name, signature in made:
        log_witnesses.cosign(tx, given.size, name, signature.line, at=at)
    return None


def _cosigned(witnesses: Iterable[Witness], note: Note) -> Iterator[tuple[str, Signature]]:
    for witness in witnesses:
        key = VerifierKey.parse(witness.verifier_key)
        for one in note.signatures:
            if key.made(one, note.text):
                yield witness.name, one
