"""Where a delivery comes from, under which service it is kept, and what it is complete for."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from adapters.contract import Part, Segment, Translation
from gateway.exchange.identities.describe_child import Sender
from gateway.fhir.standing import order_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What a delivery was as it came in, whoever was taken out of it since.

    `sha256` is of its exact bytes, and `told` when the newest of its parts was asserted, where it
    is complete for something else than people.
    """

    sha256: bytes
    told: str = ""

    @classmethod
    def of(cls, sha256: bytes, translation: Translation) -> Self:
        """Return what a delivery is in which everybody still is."""
        if translation.scope is None:
            return cls(sha256=sha256)
        asserted = (order_of(part.asserted_at, part.version) for part in translation.parts)
        return cls(sha256=sha256, told=max(asserted, default=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a part came from: `partner` keeps it, `delivered_by` handed it in.

    They differ when the service went on in another one since. `snapshot` says that the delivery is
    a complete picture of each child, and `order` when all of it was said, if it is complete for
    something else. `received` is when its bytes came in first.
    """

    receipt: UUID
    partner: str
    source: str
    delivered_by: str
    sha256: bytes
    snapshot: bool = False
    order: str | None = None
    received: str = ""

    @property
    def sender(self) -> Sender:
        """Who delivered it, and from which of its systems."""
        return Sender(self.delivered_by, self.source)

    @property
    def names(self) -> frozenset[str]:
        """The services under which what it takes back may be remembered."""
        return frozenset({self.partner, self.delivered_by})

    def order_of(self, part: Part) -> str:
        """Return when a part was said, to be compared with what else was said."""
        if self.order:
            return self.order
        told = order_of(part.asserted_at, part.version)
        # A month tells no moment: of two deliveries that speak of it, the later received counts.
        return f"{told}#{self.received}" if part.within else told

    def order_of_segment(self, part: Part, segment: Segment) -> str:
        """Return when a segment was said: by its own number where its source gives one."""
        if self.order or segment.version is None:
            return self.order_of(part)
        return order_of(segment.version, part.asserted_at)
