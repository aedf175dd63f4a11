"""The running system as something to measure: its processes, and families that may be read."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psutil
from sqlalchemy import text

from gateway import clock
from gateway.embedded.child import Child
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PersonCaller
from gateway.store import children
from gateway.store.engine import transaction
from tests.support.families import Family, mock_number
from tests.support.running_hub import CLB, PARTNERS, VAPH, RunningHub, eventually

XML = "application/xml"
CLASSES = frozenset({"diagnosis", "functional", "development", "diagnostic_report"})
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Shared:
    """A child about whom both parents let the CLB see everything they may open."""

    child: UUID
    parents: tuple[UUID, ...]


@dataclass
class Measured:
    """The system, and the memory that each process took before any load."""

    system: RunningHub
    idle: dict[str, float]

    @property
    def database(self) -> str:
        """Return the address of the database as psycopg wants it."""
        url = self.system.hub.engine.url.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def cpu(self) -> dict[str, float]:
        """Return the processor seconds that each process of the system took until now."""
        return {name: cpu_seconds(child) for name, child in self.system.stack.children.items()}

    def memory(self) -> dict[str, float]:
        """Return the resident megabytes of each process of the system."""
        return {name: resident(child) for name, child in self.system.stack.children.items()}

    def share(self, count: int) -> list[Shared]:
        """Let VAPH tell about so many new children, and both parents of each allow the CLB."""
        return self._share([new_family() for _ in range(count)])

    def share_family(self, family: Family, *, partners: Sequence[str] = (CLB,)) -> Shared:
        """Do the same for one family, and these services."""
        return self._share([family], partners)[0]

    def _share(self, families: Sequence[Family], partners: Sequence[str] = (CLB,)) -> list[Shared]:
        receipts = [self._accepted(family.vaph_2023) for family in families]
        while process_accepted(self.system.hub, limit=len(receipts), at=clock.now()):
            pass
        found: Sequence[UUID] = eventually(lambda: self._stored(receipts), seconds=60)
        shared = [self._allow(child, partner) for child in found for partner in partners]
        self.wait_until_sent()
        return shared

    def _accepted(self, raw: bytes) -> UUID:
        incoming = Incoming(
            partner=VAPH,
            source="vaph",
            raw=raw,
            content_type=XML,
            idempotency_key=None,
            channel="http",
        )
        answer = accept_record(self.system.hub, incoming, at=clock.now())
        assert isinstance(answer, Accepted)
        return UUID(answer.receipt)

    def count(self, query: str) -> int:
        """Return a number from the database."""
        with transaction(self.system.hub.engine) as tx:
            return int(tx.execute(text(query)).scalar_one())

    def wait_until_sent(self) -> None:
        """Wait until nothing lies in the outbox and the broker has every message."""
        eventually(lambda: self.waiting() == 0, seconds=60)

    def waiting(self) -> int:
        """Return how much lies in the outbox, or is sealed and not known to be at the broker."""
        return self.count(
            "select (select count(*) from outbox where state = 'due')"
            " + (select count(*) from delivery where state = 'sealed')"
        )

    def set_aside(self) -> int:
        """Take records that were accepted for a measurement out of the relay's way."""
        with transaction(self.system.hub.engine) as tx:
            aside = text("update receipt set status = 'failed' where status = 'accepted'")
            return tx.execute(aside).rowcount

    def _stored(self, receipts: Sequence[UUID]) -> Sequence[UUID] | None:
        query = text("select child from receipt_part where receipt = any(:receipts)")
        with transaction(self.system.hub.engine) as tx:
            found = tx.execute(query, {"receipts": list(receipts)}).scalars().all()
        return found if len(found) == len(receipts) else None

    def _allow(self, child: UUID, partner: str) -> Shared:
        hub = self.system.hub
        with transaction(hub.engine) as tx:
            children.start_care(tx, child, partner, at=clock.now())
            ties = children.ties_of_child(tx, child)
        parents = tuple(tie.person for tie in ties)
        for parent in parents:
            caller = PersonCaller(person=str(parent), correlation="bench")
            given = give_consent(hub, caller, self._order(child, partner), at=clock.now())
            assert isinstance(given, str), given
        return Shared(child, parents)

    def _order(self, child: UUID, partner: str) -> ConsentOrder:
        until = clock.brussels_date(clock.now()) + timedelta(days=90)
        name = PARTNERS[partner][0]
        words = wording_for(
            language="nl", classes=CLASSES, purpose="care", partner_name=name, until=until
        )
        return ConsentOrder(
            child=str(child),
            classes=CLASSES,
            purpose="care",
            to=partner,
            until=until,
            language="nl",
            wording_sha256=words.sha256,
        )


def new_family() -> Family:
    """Return a family nobody used before in this run; there are some 26 000 of them."""
    counter, day = divmod(next(_NUMBERS), 27)
    day_of_month = f"{day + 1:02}"
    return Family(
        child=mock_number("19", day_of_month, counter + 1),
        mother=mock_number("90", day_of_month, counter + 1),
        father=mock_number("88", day_of_month, counter + 1),
        dossier=f"98{counter:03}{day:02}",
    )


def cpu_seconds(child: Child) -> float:
    """Return the processor seconds of a program with its children, also those that ended."""
    if child.pid is None:
        return 0.0
    first = psutil.Process(child.pid)
    ended = first.cpu_times()
    running = [one.cpu_times() for one in (first, *first.children(recursive=True))]
    return (
        ended.children_user + ended.children_system + sum(one.user + one.system for one in running)
    )


def resident(child: Child) -> float:
    """Return a program's resident megabytes; pages that its processes share count once."""
    if child.pid is None:
        return 0.0
    first = psutil.Process(child.pid)
    family = (first, *first.children(recursive=True))
    if len(family) == 1:
        return float(first.memory_info().rss) / 1e6
    return sum(_own_share(one) for one in family) / 1e6


def _own_share(process: psutil.Process) -> float:
    try:
        # Linux divides shared pages over their users; elsewhere they count for each.
        return float(getattr(process.memory_full_info(), "pss", process.memory_info().rss))
    except psutil.Error:
        return 0.0
