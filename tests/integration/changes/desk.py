"""A hub at which tests deliver what adapters made of a file, in any order they like."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from adapters.contract import (
    Amendment,
    Ending,
    Part,
    PersonKey,
    Question,
    Rejection,
    RelatedKey,
    Resource,
    Retraction,
    Segment,
    Translation,
    load,
)
from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.links.link_identity import NEW_CHILD, confirm_match, matches_to_decide
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.records.store_record import process_accepted
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import children, receipts
from gateway.store.engine import transaction
from gateway.store.receipts import NewReceipt, ReceiptPart
from gateway.store.vault import decrypt
from tests.integration.streams.world import settings_for

_ID = re.compile(r"(?<=Condition/)[0-9a-f-]{36}")
AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
CHILD, MOTHER = "19631421243", "90710208412"
VAPH, CLB, CAW = "vaph", "clb-voorbeeldstreek", "caw-voorbeeldregio"
CHILDCARE = "kdv-pimpeltje"
# One goes on in the other.
OLD, HEIR = "vaph-oud", "vaph-nieuw"
SERVICES = {
    VAPH: ("vaph_admin", "vaph"),
    CLB: ("clb", "clb"),
    CAW: ("caw", "caw"),
    CHILDCARE: ("childcare", "childcare"),
    OLD: ("vaph_admin", "vaph"),
    HEIR: ("vaph_admin", "vaph"),
}
NOBODY = PersonKey(insz=None, family="", given="", born=None)
NOOR = PersonKey(insz=CHILD, family="Peeters", given="Noor", born="2019-03-14", local="L-1")


def said(key: str, value: str, *, kind: str = "Observation") -> Segment:
    """A segment with one word in it."""
    resource: Resource = {"resourceType": kind, "id": f"id-{key}", "meta": {"security": []}}
    if kind == "Condition":
        resource |= condition(value)
    else:
        resource |= {"status": "final", "code": {"text": "word"}, "valueString": value}
    data_class = "diagnosis" if kind == "Condition" else "functional"
    return Segment(resource=resource, data_class=data_class, key=key)


def condition(code: str) -> Resource:
    """A confirmed diagnosis with an ICD-10 code."""
    terminology = "http://terminology.hl7.org/CodeSystem"
    icd10 = {"system": "http://hl7.org/fhir/sid/icd-10", "code": code}
    clinical = {"system": f"{terminology}/condition-clinical", "code": "active"}
    verified = {"system": f"{terminology}/condition-ver-status", "code": "confirmed"}
    return {
        "clinicalStatus": {"coding": [clinical]},
        "verificationStatus": {"coding": [verified]},
        "code": {"coding": [icd10]},
        "subject": {"reference": "Patient/x"},
        "recordedDate": "2024-01-01",
    }


def part(
    *segments: Segment, on: str, version: str = "1", subject: PersonKey = NOOR, **more: Any
) -> Part:
    """What a source says about one person, asserted on a day."""
    given: dict[str, Any] = {"id": "1", "related": ()} | more
    return Part(subject=subject, segments=segments, asserted_at=on, version=version, **given)


def file(*parts: Part, **more: Any) -> Translation:
    """A delivery of these parts."""
    return Translation(**({"parts": parts, "rejections": (), "account": ()} | more))


def ends(
    key: str | None, *, on: str, how: Ending = Ending.ERROR, subject: PersonKey | None = None
) -> Translation:
    """A delivery that takes one thing back, or a whole file."""
    one = Retraction(
        key=key, ending=how, asserted_at=on, version="1", where="line 2", subject=subject
    )
    return file(retractions=(one,))


def changes(key: str, element: str, value: object, *, on: str) -> Translation:
    """A delivery that changes one element."""
    one = Amendment(
        key=key, element=element, value=value, asserted_at=on, version="1", where="line 3"
    )
    return file(amendments=(one,))


def asks(code: str) -> Question:
    """What only a person may decide."""
    return Question(where="line 4", field="opmerkingen", code=code, message="a person decides")


def mother(authority: str) -> RelatedKey:
    """The mother, with the authority that a source claims for her."""
    return RelatedKey(insz=MOTHER, relation="parent", authority=authority)


def refuses(code: str) -> Rejection:
    """A refused field."""
    return Rejection(where="line 5", field="score", code=code, message="not on the scale")


@dataclass(kw_only=True)
class Desk:
    """One hub, and what was handed in at it."""

    hub: Hub
    files: dict[bytes, Translation] = field(default_factory=dict)
    handed: int = 0

    def translate(self, source: str, raw: bytes, options: object) -> Translation:
        """Stand for the adapters."""
        del source, options
        return self.files[raw]

    def hand_in(self, found: Translation, *, partner: str = VAPH, again: bool = False) -> UUID:
        """Accept a delivery, later than the ones before; the same file `again` has its bytes."""
        known = next((raw for raw, one in self.files.items() if one == found), None)
        raw = known if again and known else uuid4().bytes
        self.files[raw] = found
        self.handed += 1
        new = NewReceipt(
            id=uuid4(),
            partner=partner,
            source=SERVICES[partner][1],
            channel="http",
            idempotency_key=str(uuid4()),
            content_type=None,
            original=raw,
            status="accepted",
        )
        with transaction(self.hub.engine) as tx:
            receipts.save(tx, self.hub.vault, new, at=AT + timedelta(minutes=self.handed))
        return new.id

    def deliver(self, found: Translation, *, partner: str = VAPH, again: bool = False) -> UUID:
        """Hand a delivery in and store it."""
        receipt = self.hand_in(found, partner=partner, again=again)
        assert process_accepted(self.hub, limit=10, at=AT) == 1
        return receipt

    def deliver_all(self, found: Sequence[tuple[str, Translation]]) -> None:
        """Deliver one after the other."""
        for partner, one in found:
            self.deliver(one, partner=partner, again=True)

    def parts(self, receipt: UUID) -> tuple[ReceiptPart, ...]:
        """Return what a receipt says of its parts."""
        with transaction(self.hub.engine) as tx:
            return receipts.parts_of(tx, receipt)

    def asked(self, kind: str) -> list[Any]:
        """Return what waits for a person."""
        query = "select * from review_item where kind = :kind and state = 'open' order by raised_at"
        return self.rows(query, kind=kind)

    def rows(self, query: str, **given: object) -> list[Any]:
        """Return what is stored."""
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(text(query), given))

    def run(self, statement: str, **given: object) -> None:
        """Change what is stored behind the hub's back."""
        with transaction(self.hub.engine) as tx:
            tx.execute(text(statement), given)

    def words(self, *, status: str = "active") -> dict[str, str]:
        """Return what stands of each statement: its id in its source, and its word or code."""
        found = [one["content"] for one in self.stored() if one["status"] == status]
        return {one["id"].removeprefix("id-"): word(one) for one in found}

    def stored(self, layer: str = "assertion") -> list[dict[str, Any]]:
        """Return every statement as it is now, opened."""
        query = """
        select r.*, v.content, v.said from resource r join resource_version v
            on v.resource = r.id and v.version = r.version
         where r.layer = :layer and r.status <> 'kept' order by r.key_hash, r.partner"""
        found = []
        for row in self.rows(query, layer=layer):
            place = f"resource/{row.id}/{row.version}"
            content = load(decrypt(self._key(row.child), row.content, place=place))
            found.append({**row._asdict(), "content": content})
        return found

    def versions(self, child: UUID) -> list[tuple[str, str]]:
        """Return layer and word of every version about a child but of a Provenance."""
        query = """select r.layer, v.* from resource r join resource_version v on v.resource = r.id
         where r.child = :child and r.status <> 'kept' order by r.id, v.version"""
        key, found = self._key(child), list[tuple[str, str]]()
        for row in self.rows(query, child=child):
            place = f"resource/{row.resource}/{row.version}"
            content = load(decrypt(key, row.content, place=place))
            found += [(row.layer, word(content))] if content["resourceType"] != "Provenance" else []
        return found

    def history(self, word_id: str) -> list[tuple[str, bool]]:
        """Return status and origin of each version of one statement."""
        (one,) = [row for row in self.stored() if row["content"]["id"] == f"id-{word_id}"]
        query = "select status, said from resource_version where resource = :id order by version"
        return [(row.status, row.said) for row in self.rows(query, id=one["id"])]

    def state(self) -> list[object]:
        """Return all that must be the same in any order, without the ids that chance makes."""
        # A child with two numbers, one of them replaced, is called by the same one every time.
        numbers = sorted(self._numbers(), key=lambda row: bytes(row.value_hash))
        names = {row.child: bytes(row.value_hash).hex() for row in numbers}
        people = {row.id: bytes(row.insz_hash).hex() for row in self.rows("select * from person")}
        kept = ("partner", "type", "data_class", "layer", "status", "content")
        stored = [
            {name: one[name] for name in kept}
            | {"key": bytes(one["key_hash"]).hex(), "child": names[one["child"]]}
            # Of a file that is complete for something the third is when it was received.
            | {"asserted_at": one["asserted_at"].split("#")[:2]}
            | {"about": sorted(_called(who, people) for who in one["about"])}
            for layer in ("assertion", "leading")
            for one in self._named(layer)
            # That something led for a while is history, and depends on what was known then.
            if layer == "assertion" or one["status"] == "active"
        ]
        ties = [
            (names[row.child], people[row.person], row.relation, row.authority, row.evidence)
            for row in self.rows("select * from family_tie")
        ]
        lookups = [
            (row.kind, bytes(row.value_hash).hex(), names[row.child])
            for row in self.rows("select * from child_lookup")
        ]
        # A derived diagnosis names the statements behind it by ids that chance makes too.
        rows = self.rows("select id, key_hash from resource")
        ids = {str(row.id): bytes(row.key_hash).hex() for row in rows}
        told = sorted(_ID.sub(lambda one: ids.get(one[0], one[0]), repr(each)) for each in stored)
        return [told, sorted(ties), sorted(lookups)]

    def _named(self, layer: str) -> list[dict[str, Any]]:
        """Return every statement but what gave its name up to a newer one at a merger."""
        found = self.stored(layer)
        given_up = {sha256(a["key_hash"] + b["id"].bytes).digest() for a in found for b in found}
        merged = {row.id for row in self.rows("select id from partner where status = 'merged'")}
        return [
            one
            for one in found
            if one["status"] != "superseded"
            or (one["key_hash"] not in given_up and one["partner"] not in merged)
        ]

    def confirm_new(self) -> None:
        """Let a person say that the oldest waiting part is about a child nobody knows yet."""
        item = matches_to_decide(self.hub)[0]
        assert confirm_match(self.hub, item.id, NEW_CHILD, by="test", at=AT)

    def confirm_known(self) -> None:
        """Let a person say that the oldest waiting part is about the one child that is known."""
        item = self.propose_known()
        (known,) = self.rows("select id from child")
        assert confirm_match(self.hub, item, str(known.id), by="test", at=AT)

    def propose_known(self) -> str:
        """Let the one child that is known be proposed for the oldest waiting part."""
        item = matches_to_decide(self.hub)[0]
        (known,) = self.rows("select id from child")
        query = "update review_item set candidates = array[cast(:child as uuid)] where id = :id"
        self.run(query, child=known.id, id=item.id)
        return item.id

    def forget(self) -> None:
        """Forget everything that was delivered, and every merger; the services stay."""
        self.run(
            "update partner set status = 'active', merged_into = null, predecessors = '{}',"
            " ended_at = null, settled_at = null"
        )
        with transaction(self.hub.engine) as tx:
            for act in ("disable", "enable"):
                for table in ("decision_basis", "consent_event"):
                    tx.execute(text(f"alter table {table} {act} trigger append_only"))
                if act == "disable":
                    tx.execute(
                        text(
                            "truncate child, person, receipt, review_item, scope_statement,"
                            " cancelled_number cascade"
                        )
                    )

    def _numbers(self) -> list[Any]:
        return self.rows("select child, value_hash from child_lookup where kind = 'insz'")

    def _key(self, child: UUID) -> bytes:
        with transaction(self.hub.engine) as tx:
            key = children.key_of(tx, self.hub.vault, child)
        assert key is not None
        return key


def word(resource: Resource) -> str:
    """Return the one word of a resource of `said`."""
    if resource["resourceType"] == "Condition":
        return str(resource["code"]["coding"][0]["code"])
    return str(resource.get("valueString", ""))


def open_desk(database_url: str) -> Hub:
    """Open a hub that knows the services and nobody else."""
    hub = open_hub(settings_for(database_url, "", "http://127.0.0.1:1"))
    for name, (kind, source) in SERVICES.items():
        keys = {"keys": [public_part(new_signing_jwk())]}
        registration = Registration(id=name, name=name, kind=kind, source=source, jwks=keys)
        register_partner(hub, registration, at=AT)
    return hub


def _called(who: str, people: Mapping[UUID, str]) -> str:
    """Return a data subject by what does not change: a person by the hash of its number."""
    return next((name for person, name in people.items() if str(person) == who), who)
