"""What partner services do: deliver, read, receive; each with its own key and nothing else."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from gateway import clock
from gateway.demo.telling import wait_for
from gateway.demo.terminal import Terminal
from gateway.identity.jose import sign_assertion
from gateway.streams.hub_client import HubClient
from gateway.streams.intake_client import Handed, Sender, handed, send_record, stream_record

TIMEOUT_SECONDS: Final = 20.0
ASSERTION_SECONDS: Final = 60
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as the operator registers it."""

    id: str
    name: str
    kind: str
    source: str
    by_feed: bool = False
    """It has no Kafka, and pulls its messages from the hub."""


VAPH: Final = Service(id="vaph", name="VAPH", kind="vaph_admin", source="vaph")
CLB: Final = Service(id="clb-voorbeeldstreek", name="CLB Voorbeeldstreek", kind="clb", source="clb")
CAW: Final = Service(id="caw-voorbeeldregio", name="CAW Voorbeeldregio", kind="caw", source="caw")
CHILDCARE: Final = Service(
    id="kdv-pimpeltje",
    name="Kinderdagverblijf Het Pimpeltje",
    kind="childcare",
    source="childcare",
    by_feed=True,
)
T = TypeVar("T")
SERVICES: Final = (VAPH, CLB, CAW, CHILDCARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the hub, to be compared byte by byte."""

    status: int
    content_type: str
    body: bytes

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in a search's answer."""
        return [entry["resource"] for entry in json.loads(self.body).get("entry", [])]


class Partner:
    """One service's own system; `heard` is all that its program printed so far."""

    def __init__(self, service: Service, terminal: Terminal, *, hub: str, kafka: str) -> None:
        self.service = service
        self.terminal = terminal
        self.receipt = ""
        self.heard = ""
        self._hub, self._kafka = hub, kafka

    @property
    def name(self) -> str:
        """The name that families read."""
        return self.service.name

    def make_key(self) -> None:
        """Make this service's key pair in a folder of its own."""
        self.terminal.run("partner", "key", self.service.id)

    def deliver(self, file: Path, *, raw: bytes | None = None) -> dict[str, Any]:
        """Hand in a record over HTTP and return the answer; a repeat gets the same receipt."""
        return self._asking(lambda client: send_record(client, self._record(file, raw)))

    def deliver_by_stream(self, file: Path) -> tuple[str, int]:
        """Hand in a record through Kafka, encrypted to the hub and signed; return its place."""
        sender = Sender(partner=self.service.id, private_jwk=self._key())
        return self._asking(
            lambda client: stream_record(
                client, sender, self._record(file), bootstrap=self._kafka, at=clock.now()
            )
        )

    def processed(self, receipt: str) -> dict[str, Any]:
        """Return the receipt when the hub has dealt with the record."""

        def settled() -> dict[str, Any] | None:
            found = self.read_receipt(receipt)
            return None if found["status"] == "accepted" else found

        return wait_for(f"the record of {self.name} is processed", settled)

    def read_receipt(self, receipt: str) -> dict[str, Any]:
        """Return what became of a record."""
        return self._asking(lambda client: client.receipt(receipt))

    def patient(self) -> str:
        """Return the pseudonym under which this service, and no other, knows the child."""
        parts = self.read_receipt(self.receipt)["parts"]
        return next(str(part["patient"]) for part in parts if part["patient"])

    def search(self, resource_type: str, patient: str) -> Answer:
        """Ask over FHIR, with a fresh access token (OAuth 2, private_key_jwt)."""
        with httpx.Client(base_url=self._hub, timeout=TIMEOUT_SECONDS) as web:
            found = web.get(
                f"/fhir/{resource_type}",
                params={"patient": patient},
                headers={"Authorization": f"Bearer {self._token(web)}", "Purpose-Of-Use": "care"},
            )
        return Answer(
            status=found.status_code,
            content_type=found.headers["content-type"],
            body=found.content,
        )

    def key_released(self, message: str) -> bool:
        """Ask the hub for the key of one message, and tell whether it was given."""
        return self._asking(lambda client: client.keys([message])[message].released)

    def receiving(self, *options: str) -> tuple[str, ...]:
        """Return the command that runs this service's own program to the end of what there is."""
        state = ("--state", f"{self.service.id}/received")
        way = ("--feed",) if self.service.by_feed else ()
        return ("receive", self.service.id, *way, *state, "--once", *options)

    def feed(self) -> list[dict[str, Any]]:
        """Return everything that the hub still keeps in this service's feed, as it is sent."""
        return list(self._asking(lambda client: client.feed(after=0))["events"])

    def receive(self, *options: str, until: Iterable[str] = ()) -> str:
        """Run the program, again if need be, until what is awaited came; return what it printed."""
        before = len(self.heard)

        def enough() -> str | None:
            self.heard += self.terminal.run(*self.receiving(*options))
            printed = self.heard[before:]
            return printed if all(words in printed for words in until) else None

        return wait_for(f"{self.name} receives", enough)

    def _record(self, file: Path, raw: bytes | None = None) -> Handed:
        content = file.read_bytes() if raw is None else raw
        return handed(
            self.service.source, file.name, content, content_type=None, idempotency_key=None
        )

    def _asking(self, ask: Callable[[HubClient], T]) -> T:
        client = HubClient(self._hub, self.service.id, self._key())
        try:
            return ask(client)
        finally:
            client.close()

    def _key(self) -> Mapping[str, Any]:
        file = self.terminal.folder / self.service.id / "private.jwk"
        return dict(json.loads(file.read_text(encoding="utf-8")))

    def _token(self, web: httpx.Client) -> str:
        about = web.get("/.well-known/oauth-authorization-server").json()
        assertion = sign_assertion(
            self._key(),
            issuer_id=self.service.id,
            audience=about["issuer"],
            typ="client-authentication+jwt",
            lifetime=ASSERTION_SECONDS,
            at=clock.now(),
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return str(web.post(about["token_endpoint"], data=form).json()["access_token"])
