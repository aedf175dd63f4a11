"""A service that merged or closed is answered like one that is suspended, at every door."""

from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from gateway import clock
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.tables import delivery
from tests.support.families import Family, a_family
from tests.support.running_hub import CLB, VAPH, RunningHub, eventually

ENDS = {
    "suspended": ("partner", "suspend", "clb-suspended"),
    "merged": ("partner", "merge", "clb-merged", "clb-heir"),
    "closed": ("partner", "close", "clb-closed"),
}


@pytest.fixture(scope="module")
def family(system: RunningHub) -> Family:
    """A child around whom three services are, each of which may see its diagnosis."""
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    for name in ("clb-heir", *(f"clb-{how}" for how in ENDS)):
        system.keys[name] = new_signing_jwk()
        registration = Registration(
            id=name,
            name=name,
            kind="clb",
            source="clb",
            jwks={"keys": [public_part(system.keys[name])]},
        )
        register_partner(system.hub, registration, at=clock.now())
    return family


def pseudonym(system: RunningHub, family: Family, partner: str) -> str:
    """Let a service help the child and see its diagnosis; return what it calls the child."""
    mother, father = system.parents(family)
    patient = system.hub.vault.pairwise(partner, _child(mother.child))
    with transaction(system.hub.engine) as tx:
        children.start_care(tx, _child(mother.child), partner, at=clock.now())
    for parent in (mother, father):
        parent.given(partner, ["diagnosis"])
    assert system.search(partner, "Condition", patient)
    return patient


def _child(text: str) -> UUID:
    return UUID(text)


def doors(system: RunningHub, partner: str, patient: str, messages: list[str]) -> list[Any]:
    """Knock at every door with a token that is still valid; return the answers."""
    question = {
        "subject": {"type": "service", "id": CLB},
        "action": {"name": "read"},
        "resource": {
            "type": "segment",
            "id": "1",
            "properties": {"patient": patient, "class": "diagnosis"},
        },
        "context": {"purpose": "care"},
    }
    asked = system.call(partner, "POST", "/keys", json={"ids": messages}).json()["keys"]
    return [
        system.call(partner, "GET", f"/fhir/Condition?patient={patient}").json().get("entry"),
        [one["state"] for one in asked],
        system.call(partner, "POST", "/access/v1/evaluation", json=question).json(),
        _problem(
            system.call(
                partner,
                "POST",
                "/intake/clb",
                content=a_family().clb_2024,
                headers={"Content-Type": "application/xml"},
            )
        ),
        system.ask_token(system.assertion(partner)).status_code,
        system.ask_token(system.assertion(partner)).json(),
    ]


def _problem(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json().get("code") or answer.json().get("type")


def test_all_doors_give_the_same_answer(system: RunningHub, family: Family) -> None:
    answers = {}
    for how, command in ENDS.items():
        partner = f"clb-{how}"
        patient = pseudonym(system, family, partner)
        messages = eventually(partial(_messages, system, partner))
        open_doors = doors(system, partner, patient, messages)
        assert open_doors[0]
        assert set(open_doors[1]) == {"released"}
        system.stack.run(*command)
        answers[how] = doors(system, partner, patient, messages)
    assert answers["merged"] == answers["suspended"]
    assert answers["closed"] == answers["suspended"]
    nothing, keys, evaluation, refused, status, body = answers["closed"]
    assert nothing is None
    assert set(keys) == {"gone"}
    assert evaluation == {"decision": False}
    assert refused[0] == httpx.codes.FORBIDDEN
    assert (status, body) == (httpx.codes.UNAUTHORIZED, {"error": "invalid_client"})


def _messages(system: RunningHub, partner: str) -> list[str]:
    with transaction(system.hub.engine) as tx:
        query = select(delivery.c.id).where(
            delivery.c.partner == partner, delivery.c.state == "sent"
        )
        return [str(one) for one in tx.execute(query).scalars()]
