"""A real hub with Noor, two sources that told about her, and services that they may speak to."""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries.release_key import KeyAnswer, release_keys
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.exchange.grounds.route_record import RouteRecord, read_record
from gateway.exchange.hub import Hub, open_hub
from gateway.exchange.legal_routes.invoke_route import Invocation, Invoked, Refusal, invoke_route
from gateway.exchange.legal_routes.own_statements import Statement, own_statements
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from gateway.identity.callers import AuditorCaller, PartnerCaller
from gateway.identity.jose import new_signing_jwk, public_part, unseal
from gateway.settings import Settings
from gateway.store.engine import transaction
from gateway.transparency.note import SignerKey
from tests.support.families import Family, a_family

VAPH, CLB, CAW = "vaph", "clb-voorbeeldstreek", "caw-voorbeeldregio"
VK, OTHER_CLB, HOSPITAL = "vk-voorbeeldstad", "clb-andere-streek", "az-voorbeeld"
KINDS = {
    VAPH: ("vaph_admin", "vaph"),
    CLB: ("clb", "clb"),
    CAW: ("caw", None),
    VK: ("vk", None),
    OTHER_CLB: ("clb", None),
    HOSPITAL: ("health", None),
}
OFFICER = AuditorCaller(auditor="a" * 32, correlation="t", roles=frozenset({"auditor", "dpo"}))
CLINICIAN = AuditorCaller(
    auditor="b" * 32, correlation="t", roles=frozenset({"auditor", "clinician"})
)
BOTH = AuditorCaller(
    auditor="c" * 32, correlation="t", roles=frozenset({"auditor", "dpo", "clinician"})
)


def record(ground: str, written: dict[str, Any], at: datetime) -> RouteRecord:
    found = read_record(ground, written, at=at)
    assert isinstance(found, RouteRecord), found
    return found


@dataclass(frozen=True, kw_only=True)
class Speaking:
    """The hub, the child, and the parents' own persons."""

    hub: Hub
    family: Family
    child: UUID
    parents: tuple[UUID, ...]

    def patient(self, partner: str) -> str:
        return self.hub.vault.pairwise(partner, self.child)

    def own(self, partner: str) -> tuple[Statement, ...]:
        return own_statements(self.hub, caller(partner), self.patient(partner), at=clock.now())

    def of(self, partner: str, *classes: str) -> tuple[str, ...]:
        return tuple(one.id for one in self.own(partner) if one.data_class in classes)

    def speak(
        self,
        ground: str,
        written: dict[str, Any],
        *,
        by: str = CLB,
        to: str = VK,
        resources: tuple[str, ...] | None = None,
        purpose: str = "safety",
        key: str | None = None,
        at: datetime | None = None,
        **more: Any,
    ) -> Invoked | Refusal:
        at = at or clock.now()
        named = self.of(by, "functional") if resources is None else resources
        asked = Invocation(
            to=to,
            patient=self.patient(by),
            resources=named,
            purpose=purpose,
            record=record(ground, written, at),
            language="nl",
            idempotency_key=key,
            said=json.dumps([ground, to, named, written]),
            **more,
        )
        return invoke_route(self.hub, caller(by), asked, at=at)

    def spoken(self, ground: str, written: dict[str, Any], **more: Any) -> Invoked:
        answer = self.speak(ground, written, **more)
        assert isinstance(answer, Invoked), answer
        return answer

    def sealed(self, partner: str, *, at: datetime | None = None) -> dict[str, bytes]:
        """Let what waits be sealed; return the partner's new messages, by id."""
        found = claim_and_seal(self.hub, limit=100, at=at or clock.now())
        return {one.delivery: one.jwe for one in found if one.partner == partner}

    def keys(
        self, partner: str, ids: dict[str, bytes], *, at: datetime | None = None
    ) -> tuple[KeyAnswer, ...]:
        return release_keys(self.hub, caller(partner), list(ids), at=at or clock.now())

    def read(self, partner: str, *, at: datetime | None = None) -> list[dict[str, Any]]:
        """Return the resources of every message that the partner can open now."""
        messages = self.sealed(partner, at=at)
        if not messages:
            return []
        answers = self.keys(partner, messages, at=at)
        opened = [unseal(one.jwk, messages[one.id]) for one in answers if one.jwk]
        return [json.loads(one or b"")["entry"][0]["resource"] for one in opened]

    def lines(self, *acts: str) -> list[Any]:
        query = text("select * from access_log where act = any(:acts) order by id")
        with transaction(self.hub.engine) as tx:
            return list(tx.execute(query, {"acts": list(acts)}))

    def sql(self, statement: str, **values: Any) -> list[Any]:
        with transaction(self.hub.engine) as tx:
            found = tx.execute(text(statement), values)
            return list(found) if found.returns_rows else []

    def decide(
        self, effect: str, *, to: str | None = VK, by: UUID | None = None, classes: Any = None
    ) -> None:
        """Let a parent say no, or object, as the family's pages do."""
        self.sql(
            "insert into consent (id, child, person, effect, classes, partner, since, wording_id,"
            " wording_version, wording_language, wording_sha256, channel) values (:id, :child,"
            " :person, :effect, :classes, :to, :at, 'x', '1', 'nl', '', 'portal')",
            id=uuid4(),
            child=self.child,
            person=by or self.parents[0],
            effect=effect,
            classes=classes,
            to=to,
            at=clock.now(),
        )


def caller(partner: str) -> PartnerCaller:
    return PartnerCaller(partner=partner, scopes=frozenset({"system/*.c", "system/*.rs"}))


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    opened = open_hub(_settings(database_url))
    jwks = {"keys": [public_part(new_signing_jwk())]}
    for partner, (kind, source) in KINDS.items():
        registration = Registration(
            id=partner, name=f"{partner} vzw", kind=kind, source=source, jwks=jwks
        )
        register_partner(opened, registration, at=clock.now())
    yield opened
    opened.engine.dispose()


@pytest.fixture
def speaking(hub: Hub) -> Speaking:
    family = a_family()
    for partner, raw in ((VAPH, family.vaph_2023), (CLB, family.clb_2024)):
        incoming = Incoming(
            partner=partner,
            source=KINDS[partner][1] or "",
            raw=raw,
            content_type="application/xml",
            idempotency_key=None,
            channel="http",
        )
        assert isinstance(accept_record(hub, incoming, at=clock.now()), Accepted)
    assert process_accepted(hub, limit=10, at=clock.now()) == 2
    with transaction(hub.engine) as tx:
        child = tx.execute(text("select id from child")).scalar_one()
        parents = tx.execute(text("select person from family_tie order by person")).scalars()
        return Speaking(hub=hub, family=family, child=child, parents=tuple(parents))


def _settings(database_url: str) -> Settings:
    key = SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
    other = SecretStr(base64.b64encode(secrets.token_bytes(32)).decode())
    return Settings(
        environment="laptop",
        database_url=SecretStr(database_url),
        kafka_bootstrap="127.0.0.1:1",
        issuer="http://127.0.0.1:1",
        key_encryption_key=key,
        pseudonym_key=other,
        session_secret=SecretStr(secrets.token_urlsafe(32)),
        signing_key=SecretStr(json.dumps(new_signing_jwk())),
        intake_key=SecretStr(json.dumps(new_signing_jwk(use="enc"))),
        log_key=SecretStr(SignerKey.generate("hub.test/log").secret()),
        oidc_issuer="http://127.0.0.1:1",
        oidc_client_id="hub",
        oidc_client_secret=SecretStr("secret"),
        allow_test_numbers=True,
    )
