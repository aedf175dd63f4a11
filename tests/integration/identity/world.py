"""Sources that say exactly what a test lets them say, and a person at the identity desk."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from adapters.contract import (
    IdentityChange,
    NumberChange,
    Part,
    PersonKey,
    ReadOptions,
    RelatedKey,
    Segment,
    Translation,
)
from gateway.exchange.diagnoses.confirm_diagnosis import Decided, confirm_diagnosis
from gateway.exchange.diagnoses.list_diagnosis_tasks import list_diagnosis_tasks
from gateway.exchange.hub import Hub
from gateway.exchange.links.link_identity import (
    MatchToDecide,
    confirm_match,
    matches_to_decide,
    reject_match,
)
from gateway.exchange.links.link_waiting import link_waiting
from gateway.exchange.links.split_identity import NotSplit, Split, Wrong, split_identity
from gateway.exchange.records.store_record import process_accepted
from gateway.identity.callers import PartnerCaller
from gateway.store import children, identities, receipts
from gateway.store.engine import transaction
from gateway.store.receipts import NewReceipt, ReceiptPart
from gateway.store.tables import access_log, resource
from tests.support.families import mock_number
from tests.support.told_story import a_hub

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
OPERATOR = "operator"
ICD10 = "http://hl7.org/fhir/sid/icd-10"


def number(counter: int, *, day: str = "14", year: str = "19") -> str:
    """Return a valid test number."""
    return mock_number(year, day, counter)


def diagnosis(code: str, *, key: str | None = None, on: str = "2024-10-21") -> Segment:
    """Return a confirmed diagnosis."""

    def concept(system: str, value: str) -> dict[str, Any]:
        return {"coding": [{"system": system, "code": value}]}

    terminology = "http://terminology.hl7.org/CodeSystem"
    return Segment(
        resource={
            "resourceType": "Condition",
            "id": f"id-{key or code}",
            "clinicalStatus": concept(f"{terminology}/condition-clinical", "active"),
            "verificationStatus": concept(f"{terminology}/condition-ver-status", "confirmed"),
            "code": concept(ICD10, code),
            "recordedDate": on,
        },
        data_class="diagnosis",
        key=key or f"diagnosis/{code}",
    )


def somebody(
    family: str,
    given: str,
    born: str | None = "2019-03-14",
    *,
    insz: str | None = None,
    local: str | None = None,
    parents: tuple[str, ...] = (),
    says: tuple[Segment, ...] = (),
    change: IdentityChange | None = None,
    version: str = "1",
    **more: Any,
) -> Part:
    """Return what a source says of one child."""
    linkable = more.pop("linkable", True)
    return Part(
        id=f"part-{uuid4().hex[:8]}",
        subject=PersonKey(insz=insz, family=family, given=given, born=born, local=local, **more),
        related=tuple(
            RelatedKey(insz=one, relation="parent", authority="exercised") for one in parents
        ),
        segments=says,
        asserted_at=f"2026-01-0{version}",
        version=version,
        linkable=linkable,
        identity=change,
    )


def replaced(old: str, new: str) -> IdentityChange:
    return IdentityChange(kind=NumberChange.REPLACED, old=old, new=new)


def assigned(new: str) -> IdentityChange:
    return IdentityChange(kind=NumberChange.ASSIGNED, new=new)


def cancelled(old: str) -> IdentityChange:
    return IdentityChange(kind=NumberChange.CANCELLED, old=old)


@dataclass
class Desk:
    """A hub, what its sources said, and who decides what waits."""

    hub: Hub
    at: datetime = BEGIN
    told: dict[bytes, Translation] = field(default_factory=dict[bytes, Translation])

    def translate(self, source: str, raw: bytes, options: ReadOptions) -> Translation:
        assert source
        assert options
        return self.told[raw]

    def tell(self, partner: str, *parts: Part, **more: Any) -> UUID:
        """Let a service say something; return its receipt once it was processed."""
        self.at += timedelta(minutes=1)
        raw, receipt = uuid4().bytes, uuid4()
        self.told[raw] = Translation(parts=parts, rejections=(), account=(), **more)
        new = NewReceipt(
            id=receipt,
            partner=partner,
            source=partner.partition("-")[0],
            channel="http",
            idempotency_key=raw.hex(),
            content_type=None,
            original=raw,
            status="accepted",
        )
        with transaction(self.hub.engine) as tx:
            receipts.save(tx, self.hub.vault, new, at=self.at)
        assert process_accepted(self.hub, limit=10, at=self.at) == 1
        link_waiting(self.hub, at=self.at)
        return receipt

    def what_became(self, receipt: UUID) -> tuple[ReceiptPart, ...]:
        with transaction(self.hub.engine) as tx:
            return receipts.parts_of(tx, receipt)

    def child_of(self, receipt: UUID) -> UUID | None:
        """Return under which child the only part of a delivery is stored."""
        [part] = self.what_became(receipt)
        return part.child

    def found(self, insz: str) -> UUID | None:
        """Return whom a national number leads to."""
        with transaction(self.hub.engine) as tx:
            led = children.find(tx, "insz", self.hub.vault.lookup("insz", insz))
        assert len(led) <= 1
        return led[0] if led else None

    def queue(self) -> tuple[MatchToDecide, ...]:
        return matches_to_decide(self.hub)

    def confirm(self, item: str, child: UUID | str) -> bool:
        self.at += timedelta(minutes=1)
        return confirm_match(self.hub, item, str(child), by=OPERATOR, at=self.at)

    def reject(self, item: str) -> bool:
        self.at += timedelta(minutes=1)
        return reject_match(self.hub, item, by=OPERATOR, at=self.at)

    def split(self, receipt: UUID, *, to: UUID | str = "new") -> Split | NotSplit:
        self.at += timedelta(minutes=1)
        [part] = self.what_became(receipt)
        wrong = Wrong(receipt=receipt, part=part.part, to=str(to))
        return split_identity(self.hub, wrong, by=OPERATOR, at=self.at)

    def tasks(self, partner: str, child: UUID | None = None, role: str = "medical") -> list[Any]:
        """Return what a service is asked about diagnoses, of one child or of all."""
        patient = self.hub.vault.pairwise(partner, child) if child else None
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        return list(list_diagnosis_tasks(self.hub, caller, patient, role=role, at=self.at))

    def answer(self, partner: str, task: Any, outcome: str, role: str = "medical") -> str:
        """Let a professional decide about a proposed diagnosis."""
        self.at += timedelta(minutes=1)
        [version] = [one for one in task["input"] if one["type"]["text"] == "version"]
        decided = Decided(
            task=task["id"],
            outcome=outcome,
            version=version["valuePositiveInt"],
            decider="An Peeters, arts",
            role=role,
            reason="seen",
        )
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        done = confirm_diagnosis(self.hub, caller, decided, at=self.at)
        assert isinstance(done, str), done
        return done

    def spellings(self, child: UUID) -> list[list[Any]]:
        """Return the spellings that are kept of a child, the best first."""
        with transaction(self.hub.engine) as tx:
            key = children.key_of(tx, self.hub.vault, child)
            assert key is not None
            plain = identities.description_of(tx, key, child)
        return [] if plain is None else json.loads(plain)["names"]

    def statements(self, child: UUID, layer: str = "assertion") -> int:
        query = select(resource.c.id).where(
            resource.c.child == child, resource.c.layer == layer, resource.c.status == "active"
        )
        with transaction(self.hub.engine) as tx:
            return len(tx.execute(query).all())

    def acts(self, child: UUID) -> list[str]:
        query = select(access_log.c.act).where(access_log.c.child == child)
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query.order_by(access_log.c.id)).scalars())

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(text(statement), values))


def open_desk(database_url: str) -> Desk:
    return Desk(a_hub(database_url))
