"""Read a kept original again: it is the only place where all that a part said of a person lies."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.contract import Part, Translation, Unreadable
from adapters.translate import translate
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import Sender
from gateway.exchange.records.origin import Whole
from gateway.exchange.records.receive_record import read_options
from gateway.exchange.records.reduced_original import REDUCED, read_reduced
from gateway.store import receipts
from gateway.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """One delivery, translated as it was when it came in."""

    receipt: UUID
    sender: Sender
    translation: Translation
    whole: Whole

    def part(self, part_id: str) -> Part | None:
        """Return one of its parts."""
        return next((one for one in self.translation.parts if one.id == part_id), None)


def read_again(tx: Transaction, hub: Hub, receipt: UUID, *, at: datetime) -> ReadAgain | None:
    """Translate a kept original; None when there is none, or no adapter reads it any more."""
    described = receipts.find(tx, receipt)
    if described is None:
        return None
    raw = receipts.original_of(tx, hub.vault, receipt)
    if described.content_type == REDUCED:
        # Somebody in it was erased: only the parts of the others are left.
        found, whole = read_reduced(raw)
    else:
        read = translate(described.source, raw, read_options(hub, at=at))
        if isinstance(read, Unreadable):
            return None
        found, whole = read, Whole.of(bytes(described.sha256), read)
    sender = Sender(described.partner, described.source)
    return ReadAgain(receipt=receipt, sender=sender, translation=found, whole=whole)
