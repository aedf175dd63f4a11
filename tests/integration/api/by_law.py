"""A child, services that may speak about it without consent, and who looks at that afterwards."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway import clock
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store.engine import transaction
from gateway.store.tables import access_log
from tests.support.families import Family, a_family
from tests.support.route_records import CANARY, emergency
from tests.support.running_hub import CLB, VAPH, RunningHub

VK, HOSPITAL = "vk-voorbeeldstad", "az-voorbeeld"
ABSENT = "0123456789abcdef0123456789abcdef"
NOBODYS_NUMBER = "99999999999"
OFFICER, CLINICIAN = "dina-deckers", "karim-claes"


@dataclass
class Case:
    """A child that VAPH and CLB told about; a VK and a hospital that know nothing of it."""

    system: RunningHub
    family: Family
    patient: str

    def own(self, *classes: str) -> list[str]:
        path = f"/legal-routes/resources?patient={self.patient}"
        found = self.system.call(CLB, "GET", path).json()["resources"]
        return [one["id"] for one in found if one["data_class"] in classes]

    def body(self, ground: str, record: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {
            "ground": ground,
            "to": VK,
            "patient": self.patient,
            "resources": self.own("functional"),
            "record": record,
        } | changes

    def speaks(self, body: dict[str, Any], *, by: str = CLB, **headers: str) -> httpx.Response:
        return self.system.call(by, "POST", "/legal-routes", json=body, headers=headers)

    def pulls(self, *, by: str = HOSPITAL, **changes: Any) -> httpx.Response:
        body: dict[str, Any] = {
            "insz": self.family.child,
            "actor": {"id": "dr-7", "role": "medical"},
            "record": emergency(),
        }
        body = {name: value for name, value in (body | changes).items() if value is not None}
        return self.system.call(by, "POST", "/emergency-access", json=body)

    def lines(self, act: str) -> list[Any]:
        query = select(access_log).where(access_log.c.act == act).order_by(access_log.c.id)
        with transaction(self.system.hub.engine) as tx:
            return list(tx.execute(query))


@pytest.fixture
def case(system: RunningHub) -> Case:
    for partner, kind in ((VK, "vk"), (HOSPITAL, "health")):
        if partner not in system.keys:
            key = system.keys[partner] = new_signing_jwk()
            jwks = {"keys": [public_part(key)]}
            registration = Registration(id=partner, name=f"{partner} vzw", kind=kind, jwks=jwks)
            register_partner(system.hub, registration, at=clock.now())
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    clb = system.delivered(CLB, family.clb_2024)
    return Case(system, family, clb["parts"][0]["patient"])


def looks(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "date")
    return answer.status_code, answer.content, headers


def asked(case: Case, **child: str) -> httpx.Response:
    body = {"question": f"Wat weet u? {CANARY}", **child}
    return case.system.call(VK, "POST", "/relay-requests", json=body)


def waiting(case: Case, partner: str) -> list[dict[str, Any]]:
    answer = case.system.call(partner, "GET", "/relay-requests")
    found: list[dict[str, Any]] = answer.json()["requests"]
    child = case.system.hub.vault.resolve(CLB, case.patient)
    assert child is not None
    own = case.system.hub.vault.pairwise(partner, child)
    return [one for one in found if one["patient"] == own]


def form(page: str, capacity: str, finding: str) -> dict[str, str]:
    return {
        "csrf": csrf(page),
        "hoedanigheid": capacity,
        "oordeel": finding,
        "redenen": f"omdat {CANARY}",
    }


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]
