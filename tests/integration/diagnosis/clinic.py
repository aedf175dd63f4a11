"""A child about whose disorders services state things, in the FHIR elements of the contract."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import select, text, update

from adapters.contract import Part, PersonKey, Resource, Segment
from gateway.exchange.diagnoses.confirm_diagnosis import Decided, confirm_diagnosis
from gateway.exchange.diagnoses.known_statements import leading_key
from gateway.exchange.diagnoses.list_diagnosis_tasks import list_diagnosis_tasks
from gateway.exchange.diagnoses.show_provenance import show_provenance
from gateway.exchange.disclose import Asked, disclose
from gateway.exchange.hub import Hub
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.settle_part import store_part
from gateway.exchange.refusal import Refusal
from gateway.fhir.diagnosis_groups import ICD10
from gateway.fhir.statement import BASIS, COPIED_FROM
from gateway.identity.callers import PartnerCaller
from gateway.store import children, diagnosis_tasks, receipts
from gateway.store.engine import AnyRow, transaction
from gateway.store.receipts import NewReceipt
from gateway.store.tables import access_log, consent, metadata, outbox, resource
from tests.integration.lifecycle.world import OTHER, READER, SOURCE, World, build_world, register

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
MDT, CGG = "MDT Revalidatiecentrum", "CGG Voorbeeldregio"
VAPH, CLB, CAW, STRANGER = SOURCE, READER, OTHER, "ckg-elders"
SOURCES = {VAPH: "vaph", CLB: "clb", CAW: "caw"}


def condition(
    code: str,
    date: str,
    *,
    author: str = MDT,
    status: str = "confirmed",
    clinical: str | None = "active",
    basis: str = "team",
    copied: str | None = None,
) -> Resource:
    told = {BASIS: basis, COPIED_FROM: copied}
    made: Resource = {
        "resourceType": "Condition",
        "meta": {"security": [{"system": "urn:label", "code": "diagnosis"}]},
        "extension": [{"url": url, "valueCode": one} for url, one in told.items() if one],
        "verificationStatus": {"coding": [{"system": VERIFICATION, "code": status}]},
        "code": {"coding": [{"system": ICD10, "code": code}]},
        "recordedDate": date,
        "recorder": {"display": author},
    }
    if clinical:
        made["clinicalStatus"] = {"coding": [{"system": CLINICAL, "code": clinical}]}
    return made


@dataclass
class Clinic:
    """The world, and everything that a test states, decides or reads there."""

    world: World

    def state(self, partner: str, *said: Resource, on: str = "2024-12-01") -> None:
        """Let a service deliver statements; each has its code as business key."""
        self._store(partner, _part(_segments(said), on=on))

    def picture(self, partner: str, *said: Resource) -> None:
        """Let a service deliver a complete picture, in which nothing else of before is left."""
        self._store(partner, _part(_segments(said), on="2026-01-01"), snapshot=True)

    def withdraw(self, partner: str, code: str) -> None:
        """Let a source take back a statement, as the engine marks it, and derive again."""
        with transaction(self.hub.engine) as tx:
            tx.execute(
                text(
                    "update resource set status = 'withdrawn' where partner = :partner"
                    " and layer = 'assertion' and key_hash = :key"
                ),
                {"partner": partner, "key": self._key(partner, code)},
            )
        self.state(partner, on="2025-01-01")

    def only_two_parents(self) -> None:
        """Forget the parents that a record names: who decides is no question here."""
        theirs = {"child": self.world.child, "two": [self.world.mother, self.world.father]}
        with transaction(self.hub.engine) as tx:
            statement = "delete from family_tie where child = :child and person <> all(:two)"
            tx.execute(text(statement), theirs)

    def codes(self, partner: str = CAW) -> list[tuple[str, str, str]]:
        """Return code, version and tags of each diagnosis that a service reads."""
        return sorted(
            (
                one["code"]["coding"][0]["code"],
                one["meta"]["versionId"],
                "+".join(tag["code"] for tag in one["meta"]["tag"]),
            )
            for one in self.conditions(partner)
        )

    def conditions(self, partner: str = CAW) -> list[Resource]:
        asked = Asked(type="Condition", purpose="care", patient=self.patient(partner))
        found = disclose(self.hub, caller(partner), asked, at=self.world.at)
        return [one.content for one in found]

    def read(self, partner: str, condition_id: str) -> Resource | None:
        asked = Asked(type="Condition", purpose="care", resource=condition_id)
        found = disclose(self.hub, caller(partner), asked, at=self.world.at)
        return found[0].content if found else None

    def authors(self, partner: str, condition_id: str) -> list[tuple[str, str, str]]:
        """Return author, date and activity of each Provenance that a service reads."""
        found = show_provenance(self.hub, caller(partner), condition_id, "care", at=self.world.at)
        return sorted(
            (
                one.content["agent"][0]["who"]["display"],
                one.content["occurredDateTime"],
                one.content["activity"]["coding"][0]["code"],
            )
            for one in found
        )

    def tasks(self, partner: str = VAPH, **more: Any) -> dict[str, Resource]:
        """Return a service's open tasks by kind and code."""
        asked = {"patient": None, "role": "care", **more}
        found = list_diagnosis_tasks(self.hub, caller(partner), at=self.world.at, **asked)
        return {f"{_kind(one)} {_code(one)}".strip(): one for one in found}

    def decide(
        self, task: Resource, outcome: str = "confirm", *, by: str = VAPH, **more: Any
    ) -> str | Refusal | None:
        told = {
            "version": _input(task, "version")["valuePositiveInt"],
            "decider": "An Peeters, arts",
            "role": "medical",
            "reason": "seen",
            **more,
        }
        decided = Decided(**{"task": task["id"], "outcome": outcome, **told})
        return confirm_diagnosis(self.hub, caller(by), decided, at=self.world.at)

    def notices(self, partner: str = CAW) -> list[dict[str, list[str]]]:
        """Send what is due, and return the notices of correction to a service."""
        sealed = self.world.send()
        ended = [one for one in sealed if one.startswith(b"{") and b'"ended"' in one]
        with transaction(self.hub.engine) as tx:
            query = select(outbox.c.partner).where(outbox.c.kind == "ended")
            told = set(tx.execute(query).scalars())
        assert told <= {partner}, told
        return [orjson.loads(one) for one in ended]

    def assertion(self, partner: str, code: str) -> tuple[str, int]:
        """Return how a source's own statement is stored."""
        key = self._key(partner, code)
        query = select(resource.c.status, resource.c.version).where(
            resource.c.layer == "assertion", resource.c.key_hash == key
        )
        with transaction(self.hub.engine) as tx:
            row = tx.execute(query).one()
        return row.status, row.version

    def leading_id(self, code: str = "F80.2") -> UUID:
        """Return the hub's own id of the leading diagnosis in a code's group."""
        key = leading_key(self.hub, code[:3])
        query = select(resource.c.id).where(
            resource.c.layer == "leading", resource.c.key_hash == key
        )
        with transaction(self.hub.engine) as tx:
            found: UUID = tx.execute(query).scalar_one()
        return found

    def only_from(self, source: str) -> None:
        """Let every consent be about the words of one source."""
        with transaction(self.hub.engine) as tx:
            tx.execute(update(consent).values(sources=[source]))

    def shown(self) -> list[AnyRow]:
        """Return the lines that tell of a service's own statement that it was shown."""
        query = select(access_log).where(access_log.c.act == "own_diagnosis_shown")
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query))

    def rows(self, table: str) -> list[object]:
        """Return everything in a table."""
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(select(metadata.tables[table])).all())

    def words(self) -> bytes:
        """Return what who decided said, opened with the child's key."""
        with transaction(self.hub.engine) as tx:
            key = children.key_of(tx, self.hub.vault, self.world.child)
            (task,) = diagnosis_tasks.of_child(tx, self.world.child)
        assert key is not None
        return diagnosis_tasks.open_words(key, task) or b""

    def patient(self, partner: str) -> str:
        return self.hub.vault.pairwise(partner, self.world.child)

    @property
    def hub(self) -> Hub:
        return self.world.hub

    def _key(self, partner: str, code: str) -> bytes:
        return bytes(self.hub.vault.lookup(f"record:{SOURCES[partner]}", code))

    def _store(self, partner: str, part: Part, *, snapshot: bool = False) -> None:
        receipt = uuid4()
        new = NewReceipt(
            id=receipt,
            partner=partner,
            source=SOURCES[partner],
            channel="test",
            idempotency_key=str(receipt),
            content_type=None,
            original=b"",
            status="processed",
        )
        origin = Origin(
            receipt=receipt,
            partner=partner,
            source=SOURCES[partner],
            delivered_by=partner,
            sha256=receipt.bytes,
            snapshot=snapshot,
        )
        with transaction(self.hub.engine) as tx:
            children.lock(tx, self.world.child)
            receipts.save(tx, self.hub.vault, new, at=self.world.at)
            store_part(tx, self.hub, origin, part, self.world.child, at=self.world.at)


def caller(partner: str) -> PartnerCaller:
    return PartnerCaller(partner=partner, scopes=frozenset())


def open_clinic(database_url: str) -> Clinic:
    """Return a child of which VAPH's first dossier about Noor is known."""
    world = build_world(database_url)
    register(world.hub, STRANGER, "ckg")
    register(world.hub, CLB, "clb", source="clb")
    return Clinic(world)


def _segments(said: Iterable[Resource]) -> tuple[Segment, ...]:
    return tuple(
        Segment(resource=one, data_class="diagnosis", key=one["code"]["coding"][0]["code"])
        for one in said
    )


def _part(segments: tuple[Segment, ...], *, on: str) -> Part:
    subject = PersonKey(insz=None, family="", given="", born=None, damaged=True)
    return Part(id="1", subject=subject, related=(), segments=segments, asserted_at=on, version="1")


def _kind(task: Resource) -> str:
    return str(task["code"]["coding"][0]["code"])


def _code(task: Resource) -> str:
    found = _input(task, "diagnosis")
    return str(found["valueCodeableConcept"]["coding"][0]["code"]) if found else ""


def _input(task: Resource, name: str) -> Resource:
    return next((one for one in task["input"] if one["type"]["text"] == name), {})
