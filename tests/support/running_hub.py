"""The whole system as real processes, with partners, and ways to act as each party over HTTP."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from html import unescape
from typing import Any

import httpx

from gateway import clock
from gateway.embedded.stack import Stack, start_stack
from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.identity.jose import new_signing_jwk, public_part, sign_assertion
from gateway.settings import Settings
from tests.support.engines import engine_folder
from tests.support.families import Family

PATIENCE = 30.0
MOTHER, FATHER, AUDITOR, STRANGER = (
    "yasmina-el-amrani",
    "wouter-peeters",
    "an-auditor",
    "sam-onbekend",
)
PARTNERS = {
    "vaph": ("VAPH", "vaph_admin", "vaph"),
    "clb-voorbeeldstreek": ("CLB Voorbeeldstreek", "clb", "clb"),
    "caw-voorbeeldregio": ("CAW Voorbeeldregio", "caw", "caw"),
    "kdv-pimpeltje": ("Kinderdagverblijf Het Pimpeltje", "childcare", "childcare"),
}
VAPH, CLB, CAW, CHILDCARE = PARTNERS


def eventually(probe: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Return the first truthy answer; fail when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := probe():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing came within {seconds} s")


@dataclass
class RunningHub:
    """One running system and the keys of its partners."""

    stack: Stack
    hub: Hub
    keys: dict[str, dict[str, Any]]
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    browsers: list[httpx.Client] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return self.stack.addresses.hub

    @property
    def bootstrap(self) -> str:
        return self.stack.addresses.kafka_bootstrap

    def assertion(self, partner: str, **changes: Any) -> str:
        """Return a client assertion, right unless the test changes a claim."""
        given: dict[str, Any] = {
            "issuer_id": partner,
            "audience": self.base_url,
            "typ": "client-authentication+jwt",
            "lifetime": 60,
            "at": clock.now(),
        }
        return sign_assertion(self.keys[partner], **(given | changes))

    def ask_token(self, assertion: str, **form: str) -> httpx.Response:
        """Ask the token endpoint with an assertion."""
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        return httpx.post(f"{self.base_url}/oauth/token", data=fields | form, timeout=PATIENCE)

    def token(self, partner: str) -> str:
        """Return a valid access token of a partner."""
        known, expires = self.tokens.get(partner, ("", 0.0))
        if time.monotonic() < expires:
            return known
        answer = self.ask_token(self.assertion(partner)).raise_for_status().json()
        self.tokens[partner] = (answer["access_token"], time.monotonic() + 200)
        return str(answer["access_token"])

    def call(self, partner: str, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the API as a partner."""
        headers = {"Authorization": f"Bearer {self.token(partner)}"} | more.pop("headers", {})
        return httpx.request(
            method, self.base_url + path, headers=headers, timeout=PATIENCE, **more
        )

    def deliver(
        self, partner: str, raw: bytes, content_type: str = "application/xml", **headers: str
    ) -> httpx.Response:
        """Hand in a record as a partner."""
        source = PARTNERS[partner][2]
        return self.call(
            partner,
            "POST",
            f"/intake/{source}",
            content=raw,
            headers={"Content-Type": content_type} | headers,
        )

    def delivered(
        self, partner: str, raw: bytes, content_type: str = "application/xml"
    ) -> dict[str, Any]:
        """Hand in a record and return its receipt once it is processed."""
        accepted = self.deliver(partner, raw, content_type)
        assert accepted.status_code == httpx.codes.ACCEPTED, accepted.text

        def processed() -> Any:
            receipt = self.call(partner, "GET", accepted.json()["location"]).json()
            return receipt if receipt["status"] == "processed" else None

        found: dict[str, Any] = eventually(processed)
        return found

    def search(self, partner: str, resource_type: str, patient: str) -> list[dict[str, Any]]:
        """Return what a partner may see of a patient."""
        answer = self.call(partner, "GET", f"/fhir/{resource_type}?patient={patient}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", [])]

    def parents(self, family: Family) -> "tuple[Parent, Parent]":
        """Sign in the mother and the father of a family."""
        return self.parent(family.mother), self.parent(family.father)

    def parent(self, insz: str) -> "Parent":
        """Sign in somebody with this national number at the real test provider."""
        provider = self.stack.addresses.sign_in
        subject = f"person-{insz}"
        httpx.put(
            f"{provider}/users/{subject}", json={"insz": insz}, timeout=PATIENCE
        ).raise_for_status()
        return self.person(subject)

    def person(self, subject: str) -> "Parent":
        """Sign in one person through the authorization code flow, as a browser does."""
        client = httpx.Client(base_url=self.base_url, follow_redirects=True, timeout=PATIENCE)
        self.browsers.append(client)
        question = client.get("/aanmelden")
        client.post(str(question.url), data={"sub": subject})
        return Parent(client)


@dataclass
class Parent:
    """A signed-in browser session."""

    client: httpx.Client

    @cached_property
    def child(self) -> str:
        """Return the hub's id of the only child on the overview when it was first asked for."""
        found = re.search(r"[?&](?:kind|child)=([0-9a-f-]{36})", self.overview)
        assert found is not None, self.overview
        return found[1]

    @property
    def overview(self) -> str:
        return unescape(self.client.get("/").text)

    @property
    def csrf(self) -> str:
        return self.client.get("/consents").headers["X-CSRF-Token"]

    def give(
        self, to: str, classes: list[str], *, purpose: str = "care", until: date | None = None
    ) -> httpx.Response:
        """Read the wording and agree to it."""
        order: dict[str, Any] = {
            "child": self.child,
            "to": to,
            "purpose": purpose,
            "until": str(until or clock.brussels_date(clock.now()) + timedelta(days=90)),
            "language": "nl",
        }
        wording = self.client.get(
            "/consents/wording", params=order | {"classes": ",".join(classes)}
        ).json()
        body = order | {"classes": classes, "wording_sha256": wording["sha256"]}
        return self.client.post("/consents", json=body, headers={"X-CSRF-Token": self.csrf})

    def given(self, to: str, classes: list[str], **more: Any) -> str:
        """Agree, and return the consent's id."""
        answer = self.give(to, classes, **more)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return str(answer.json()["id"])

    def say_no(self, effect: str, **scope: Any) -> httpx.Response:
        """Read the words of a no and say it; what is left out means any."""
        asked: dict[str, Any] = {"child": self.child, "effect": effect, "language": "nl"} | scope
        joined = {name: ",".join(one) if isinstance(one, list) else one
                  for name, one in asked.items()}  # fmt: skip
        words = self.client.get("/consents/wording", params=joined).raise_for_status().json()
        body = asked | {"wording_sha256": words["sha256"]}
        return self.client.post("/consents", json=body, headers={"X-CSRF-Token": self.csrf})

    def contest(self, consent: str) -> httpx.Response:
        """Say that a consent was not validly given."""
        headers = {"X-CSRF-Token": self.csrf}
        return self.client.post(f"/consents/{consent}/contest", headers=headers)

    def stop(self, consent: str) -> httpx.Response:
        """Withdraw a consent."""
        headers = {"X-CSRF-Token": self.csrf}
        return self.client.post(f"/consents/{consent}/withdraw", headers=headers)


@contextmanager
def running_hub(*, kafka: str = "tansu") -> Iterator[RunningHub]:
    """Start everything in a new folder, register the partners, and stop it all afterwards."""
    with engine_folder() as folder, start_stack(folder / "data", kafka=kafka) as stack:
        hub = open_hub(Settings(**_settings(stack)))
        running = RunningHub(stack, hub, register_partners(hub))
        try:
            yield running
        finally:
            for browser in running.browsers:
                browser.close()
            hub.engine.dispose()


def register_partners(
    hub: Hub, *, keys: dict[str, dict[str, Any]] | None = None
) -> dict[str, dict[str, Any]]:
    """Register the four partners and return their private keys."""
    keys = keys or {partner: new_signing_jwk() for partner in PARTNERS}
    for partner, (name, kind, source) in PARTNERS.items():
        registration = Registration(
            id=partner,
            name=name,
            kind=kind,
            source=source,
            jwks={"keys": [public_part(keys[partner])]},
        )
        register_partner(hub, registration, at=clock.now())
    return keys


def _settings(stack: Stack) -> dict[str, Any]:
    names = {"DEELREGIE_" + name.upper(): name for name in Settings.model_fields}
    return {
        names[variable]: json.loads(value) if value in {"true", "false"} else value
        for variable, value in stack.environment.items()
        if variable in names
    }
