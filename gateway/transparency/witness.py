"""What a witness looks at before it cosigns: that a checkpoint continues the one it saw last."""

from collections.abc import Sequence
from enum import StrEnum

from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.proofs import consistency_holds


class Why(StrEnum):
    """Why a witness does not cosign."""

    ANOTHER_LOG = "this is a checkpoint of another log"
    ROLLED_BACK = "the log is shorter than it was: it was rolled back"
    FORKED = "the log of this size had another root before: it was forked"
    NOT_CONTINUED = "the log does not continue the one that was seen before: it was rewritten"


def refusal(seen: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes]) -> Why | None:
    """Return why a witness that saw a checkpoint must not cosign the new one; None if it may.

    The proof is that of consistency between the two; nothing is needed for the first or the same.
    """
    if seen is None:
        return None
    if new.origin != seen.origin:
        return Why.ANOTHER_LOG
    if new.size < seen.size:
        return Why.ROLLED_BACK
    if new.size == seen.size and new.root != seen.root:
        return Why.FORKED
    if consistency_holds(seen.size, new.size, proof, seen.root, new.root):
        return None
    return Why.NOT_CONTINUED
