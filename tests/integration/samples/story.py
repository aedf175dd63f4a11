"""Every sample in one order, as one story: who delivers it, and how it reaches the hub."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import httpx
from sqlalchemy import text

from adapters.contract import ReadOptions, Translation
from adapters.translate import report, translate
from gateway import clock
from gateway.exchange.links.link_identity import NEW_CHILD, confirm_match, matches_to_decide
from gateway.kit.samples import SOURCES
from gateway.store.engine import transaction
from gateway.streams.hub_client import HubClient
from gateway.streams.intake_client import Sender, handed, stream_record
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH, RunningHub, eventually

GROEIPAKKET: Final = "groeipakket"
DELIVERED_BY: Final = {
    "vaph": VAPH, "clb": CLB, "caw": CAW, "childcare": CHILDCARE, "groeipakket": GROEIPAKKET
}  # fmt: skip
# Earlier ones of the same story first, so that a later one has something to correct or to strike.
ORDER: Final = (
    "vaph_01", "vaph_02", "vaph_03", "clb_01", "clb_02", "clb_03",
    "clb_04 as it was first", "vaph about zeynep", "clb_04", "vaph_05", "clb_05", "vaph_04",
    "caw_01", "caw_02", "caw_03", "caw_04", "ko_04", "ko_05", "ko_06", "ko_inlichtingenfiche_noor",
    "ko_02", "ko_01", "ko_03", "gp_01",
)  # fmt: skip
NOOR, ZEYNEP = b"19631421243", b"16660514646"


@dataclass(frozen=True)
class Record:
    """One file as a service sends it."""

    name: str
    source: str
    file: str
    raw: bytes

    @property
    def partner(self) -> str:
        return DELIVERED_BY[self.source]

    @property
    def media_type(self) -> str:
        """What the partner's own program says that it is, on either way."""
        return handed(
            self.source, self.file, b"", content_type=None, idempotency_key=""
        ).content_type

    @cached_property
    def translation(self) -> Translation:
        """What the file way makes of it."""
        found = translate(self.source, self.raw, options())
        assert isinstance(found, Translation)
        return found

    @cached_property
    def report(self) -> dict[str, Any]:
        """What `deelregie translate --report json` prints about it."""
        return report(self.source, self.raw, options())


def options() -> ReadOptions:
    """How this hub reads sources today."""
    return ReadOptions(allow_test_numbers=True, today=clock.brussels_date(clock.now()))


def records() -> list[Record]:
    """Return the story."""
    known = {one.name: one for one in _samples()}
    known |= {one.name: one for one in _before(known)}
    return [known[name] for name in ORDER]


def _samples() -> Iterator[Record]:
    for path in SOURCES.glob("*/*.*"):
        name = next((one for one in ORDER if path.name.startswith(one)), path.name)
        yield Record(name, path.parent.name, path.name, path.read_bytes())


def _before(known: dict[str, Record]) -> Iterator[Record]:
    """Yield what two samples correct and strike, which no sample holds."""
    corrected, dossier = known["clb_04"], known["vaph_01"]
    first = corrected.raw.decode()
    for there, then in (
        ("<volgnummer>2</volgnummer>", "<volgnummer>1</volgnummer>"),
        ("2024-11-29T17:03:11", "2024-05-07T10:00:00"),
        ('code="F80.1"', 'code="F80.2"'),
    ):
        assert there in first
        first = first.replace(there, then)
    first = _without(_without(first, "vervangt"), "ongedaan")
    yield Record("clb_04 as it was first", "clb", "eerste.xml", first.encode())
    about_zeynep = dossier.raw.replace(NOOR, ZEYNEP).replace(b"9900123", b"9900789")
    yield Record("vaph about zeynep", "vaph", "zeynep.xml", about_zeynep)


def _without(xml: str, element: str) -> str:
    begin, end = xml.index(f"<{element}"), xml.index(f"</{element}>")
    return xml[:begin] + xml[end + len(element) + 3 :]


def by_http(running: RunningHub, record: Record) -> str:
    """Hand a record in over HTTP and return the id of its receipt."""
    answer = running.call(
        record.partner,
        "POST",
        f"/intake/{record.source}",
        content=record.raw,
        headers={"Content-Type": record.media_type},
    )
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return str(answer.json()["receipt"])


def by_kafka(running: RunningHub, record: Record) -> str:
    """Hand a record in through its topic and return the id of its receipt once it is taken in."""
    sender = Sender(partner=record.partner, private_jwk=running.keys[record.partner])
    one = handed(record.source, record.file, record.raw, content_type=None, idempotency_key=None)
    with closing(HubClient(running.base_url, sender.partner, sender.private_jwk)) as client:
        stream_record(client, sender, one, bootstrap=running.bootstrap, at=clock.now())
    return str(eventually(lambda: _taken_in(running, record)))


def _taken_in(running: RunningHub, record: Record) -> UUID | None:
    query = text("select id from receipt where channel = 'kafka' and sha256 = :sha256")
    with transaction(running.hub.engine) as tx:
        digest = hashlib.sha256(record.raw).digest()
        found: UUID | None = tx.execute(query, {"sha256": digest}).scalar()
    return found


WAYS: Final[dict[str, Callable[[RunningHub, Record], str]]] = {"http": by_http, "kafka": by_kafka}


def receipt_of(running: RunningHub, record: Record, receipt: str) -> dict[str, Any]:
    """Return what its sender reads about a record, once it is processed."""

    def processed() -> Any:
        answer = running.call(record.partner, "GET", f"/intake/receipts/{receipt}")
        found = answer.raise_for_status().json()
        return found if found["status"] != "accepted" else None

    found: dict[str, Any] = eventually(processed)
    return found


def say_who_is_new(running: RunningHub, receipt: str, parts: list[str]) -> None:
    """Let a person say of these parts that each is about a child that nobody knew."""
    waiting = {one.part: one.id for one in matches_to_decide(running.hub) if one.receipt == receipt}
    for part in parts:
        found = confirm_match(running.hub, waiting[part], NEW_CHILD, by="test", at=clock.now())
        assert found, part
