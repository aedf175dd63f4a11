"""What a hub holds after the story, opened, with each child called by its name in the truth."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from adapters.contract import dump
from gateway.exchange.links.link_identity import MatchToDecide, matches_to_decide
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.vault import decrypt
from tests.integration.samples.story import WAYS, Record, receipt_of, say_who_is_new
from tests.support.running_hub import VAPH, RunningHub, eventually

TRUTH: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "truth.json").read_bytes())
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EVERY_VERSION: Final = """
select r.id, r.child, r.partner, r.type, r.layer, r.data_class, r.flags, v.version, v.content,
       v.said, r.status, v.version = r.version as newest
  from resource r join resource_version v on v.resource = r.id order by r.id, v.version"""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One version of one resource, opened."""

    id: UUID
    child: str
    partner: str
    type: str
    layer: str
    status: str
    labels: tuple[str, ...]
    content: bytes
    said: bool
    newest: bool

    @property
    def code(self) -> str:
        """The first code of a Condition."""
        return str(self.resource["code"]["coding"][0]["code"])

    @property
    def resource(self) -> dict[str, Any]:
        """The FHIR resource."""
        found: dict[str, Any] = json.loads(self.content)
        return found


@dataclass(kw_only=True)
class Told:
    """What became of the story on one way."""

    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)
    """Each child that the hub knows, by the name that the truth gives it."""
    unnamed: list[UUID] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    """The national numbers of the truth that lead to the child of that name."""
    linked: dict[str, dict[str, UUID]] = field(default_factory=dict)
    """By record and part, the child."""
    proposed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """By record and part that waits, whom the hub proposes."""
    kept: list[Kept] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    """What the source of a diagnosis is asked about it, as it reads that over HTTP."""
    asked: list[str] = field(default_factory=list)
    """What waits for a person beside matches: kinds and codes."""

    def diagnoses(self, child: str) -> set[tuple[str, str, str]]:
        """Return service, code and status of all that was said about a child's disorders."""
        return {
            (one.partner, one.code, one.status) for one in self._of(child, "Condition", "assertion")
        }

    def leading(self, child: str) -> dict[str, int]:
        """Return the codes that lead, each with the number of authors that stand behind it."""
        told = [one.resource for one in self._of(child, "Provenance", "provenance")
                if one.status == "active"]  # fmt: skip
        authors = {
            (target["reference"].rpartition("/")[2], agent["who"]["display"])
            for one in told for target in one["target"] for agent in one["agent"]
        }  # fmt: skip
        stand_behind = Counter(target for target, _ in authors)
        leads = [one for one in self._of(child, "Condition", "leading") if one.status == "active"]
        return {one.code: stand_behind[str(one.id)] for one in leads}

    def _of(self, child: str, kind: str, layer: str) -> list[Kept]:
        wanted = (child, kind, layer, True)
        return [one for one in self.kept if (one.child, one.type, one.layer, one.newest) == wanted]

    def state(self) -> list[tuple[object, ...]]:
        """Return all that stands, without the ids that chance makes."""
        return sorted(
            (one.child, one.partner, one.type, one.layer, one.status, one.labels, one.said,
             one.newest, _without_ids(one))
            for one in self.kept if one.layer != "provenance" and one.status != "kept"
        )  # fmt: skip


def tell(running: RunningHub, way: str, story: list[Record]) -> Told:
    """Deliver the whole story on one way and return what became of it."""
    found, receipts = Told(), dict[str, str]()
    for record in story:
        receipts[record.name] = WAYS[way](running, record)
        receipt_of(running, record, receipts[record.name])
        new = TRUTH["a_person_says_new"].get(record.name, [])
        say_who_is_new(running, receipts[record.name], new)
    eventually(lambda: _quiet(running))
    for record in story:
        found.receipts[record.name] = receipt_of(running, record, receipts[record.name])
    _open(running, found, story)
    return found


def _quiet(running: RunningHub) -> bool:
    """Whether nothing waits any more that a number settles by itself."""
    with transaction(running.hub.engine) as tx:
        waits = TRUTH["settles_by_itself"]
        query = text(
            "select count(*) from review_item where state = 'decided' and decided_by = 'hub'"
        )
        return int(tx.execute(query).scalar_one()) == len(waits)


def _open(running: RunningHub, found: Told, story: list[Record]) -> None:
    for record in story:
        found.linked[record.name] = {
            one["part"]: _child(running, record, one["patient"])
            for one in found.receipts[record.name]["parts"]
            if one["patient"]
        }
    for name, parts in TRUTH["linked"].items():
        for part, child in parts.items():
            if part in found.linked[name]:
                found.names.setdefault(found.linked[name][part], child)
    names = {found.receipts[name]["id"]: name for name in found.receipts}
    for match in matches_to_decide(running.hub):
        told = found.proposed.setdefault(names[match.receipt], {})
        told[match.part] = _called(match, found.names)
    found.unnamed = [one for one in _children(running) if one not in found.names]
    found.numbers = _numbers(running, found.names)
    found.kept = _kept(running, found.names | dict.fromkeys(found.unnamed, "nobody of the truth"))
    found.asked = _asked(running)
    found.tasks = _tasks(running)


def _child(running: RunningHub, record: Record, patient: str) -> UUID:
    child = running.hub.vault.resolve(record.partner, patient)
    assert child is not None
    return child


def _called(match: MatchToDecide, names: Mapping[UUID, str]) -> list[str]:
    return sorted(names.get(UUID(one), "?") for one in match.candidates)


def _children(running: RunningHub) -> list[UUID]:
    with transaction(running.hub.engine) as tx:
        return list(tx.execute(text("select id from child")).scalars())


def _numbers(running: RunningHub, names: Mapping[UUID, str]) -> dict[str, str]:
    found = dict[str, str]()
    with transaction(running.hub.engine) as tx:
        for number in filter(None, TRUTH["people"].values()):
            for child in children.find(tx, "insz", running.hub.vault.lookup("insz", number)):
                found[names[child]] = number
    return found


def _asked(running: RunningHub) -> list[str]:
    query = text("select kind, evidence from review_item where state = 'open'")
    with transaction(running.hub.engine) as tx:
        return sorted(f"{row.kind} {row.evidence.get('code', '')}" for row in tx.execute(query))


def _tasks(running: RunningHub) -> list[str]:
    found = running.call(VAPH, "GET", "/diagnosis-tasks").raise_for_status().json()
    told = [one["resource"] for one in found.get("entry", [])]
    return sorted(f"{one['code']['coding'][0]['code']} {_diagnosis_in(one)}" for one in told)


def _diagnosis_in(task: dict[str, Any]) -> str:
    (found,) = [one for one in task["input"] if one["type"]["text"] == "diagnosis"]
    return str(found["valueCodeableConcept"]["coding"][0]["code"])


def _kept(running: RunningHub, names: Mapping[UUID, str]) -> list[Kept]:
    with transaction(running.hub.engine) as tx:
        keys = {one: children.key_of(tx, running.hub.vault, one) for one in names}
        return [
            _opened(row, keys[row.child] or b"", names) for row in tx.execute(text(_EVERY_VERSION))
        ]


def _opened(row: Any, key: bytes, names: Mapping[UUID, str]) -> Kept:
    return Kept(
        id=row.id,
        child=names[row.child],
        partner=row.partner,
        type=row.type,
        layer=row.layer,
        status=row.status,
        labels=(row.data_class, *sorted(row.flags)),
        content=decrypt(key, row.content, place=f"resource/{row.id}/{row.version}"),
        said=row.said,
        newest=row.newest,
    )


def _without_ids(one: Kept) -> str:
    # What a source said is the same to the byte; what the hub made of it names random ids.
    said = one.content.decode()
    return said if one.said and one.layer == "assertion" else _ID.sub("", said)


def is_said(record: Record, part: str) -> set[bytes]:
    """Return what the file way says of one part, to the byte."""
    (found,) = [one for one in record.translation.parts if one.id == part]
    return {dump(segment.resource) for segment in found.segments}
