"""What somebody of the family sends as JSON, and the order to a use case behind it."""

from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from gateway.errors import InvalidRequest, NotFound
from gateway.exchange.families.give_consent import ConsentOrder
from gateway.exchange.families.refuse import RefusalOrder
from gateway.exchange.refusal import Refusal

GRANT: Final = "grant"
# A refusal about something that is not there, or not yours, looks like absence.
_ABSENT: Final = frozenset({"unknown_child", "unknown_consent"})


class DecisionIn(BaseModel):
    """A decision, with the hash of the words that were shown; left out means any, in a no only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child: str
    effect: str = GRANT
    classes: frozenset[str] | None = None
    purpose: str | None = None
    to: str | None = None
    sources: frozenset[str] | None = None
    until: date | None = None
    language: str
    wording_sha256: str
    assisted_by: str | None = None
    proposal: str | None = None


class AgainIn(BaseModel):
    """A yes to what somebody said yes to before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    wording_sha256: str
    assisted_by: str | None = None


def order_of(given: DecisionIn) -> ConsentOrder | RefusalOrder:
    """Return the order; a grant names everything, and only a grant answers a proposal."""
    if given.effect == GRANT:
        return _grant(given)
    if given.proposal is not None:
        raise InvalidRequest("decline a proposal at its own address", where="body.proposal")
    return RefusalOrder(**given.model_dump(exclude={"proposal"}))


def refused(refusal: Refusal) -> InvalidRequest | NotFound:
    """Return the error that tells a program why, or that there is nothing here."""
    if refusal.code in _ABSENT:
        return NotFound()
    return InvalidRequest(refusal.message, code=refusal.code)


def _grant(given: DecisionIn) -> ConsentOrder:
    if given.sources is not None:
        raise InvalidRequest("leave out the sources; a yes is about all", where="body.sources")
    if given.classes is None or given.purpose is None or given.to is None or given.until is None:
        missing = [name for name in ("classes", "purpose", "to", "until")
                   if getattr(given, name) is None]  # fmt: skip
        raise InvalidRequest("a yes names everything", where=", ".join(missing))
    return ConsentOrder(
        child=given.child,
        classes=given.classes,
        purpose=given.purpose,
        to=given.to,
        until=given.until,
        language=given.language,
        wording_sha256=given.wording_sha256,
        assisted_by=given.assisted_by,
        proposal=given.proposal,
    )
