"""A partner that keeps its own records, the child that it asks about, and what it asks."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway.store.engine import transaction
from gateway.store.tables import access_log
from tests.support.families import Family, a_family
from tests.support.running_hub import CLB, VAPH, Parent, RunningHub

ABSENT = "0123456789abcdef0123456789abcdef"
NO = b'{"decision":false}'
OWN_NAME = "dossier-Noor-12"
ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"


@dataclass
class Case:
    """A child around whom VAPH and CLB are; VAPH asks, and both parents are signed in."""

    system: RunningHub
    family: Family
    patient: str
    mother: Parent
    father: Parent

    def both_give(self, to: str, classes: list[str]) -> list[str]:
        return [parent.given(to, classes) for parent in (self.mother, self.father)]

    def asks(self, body: dict[str, Any], *, path: str = ONE, by: str = VAPH) -> httpx.Response:
        return self.system.call(by, "POST", path, json=body)

    def may(self, **changes: Any) -> Any:
        answer = self.asks(question(self.patient) | changes)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def lines(self) -> list[Any]:
        """The log's lines of questions about the child, oldest first."""
        child = self.system.hub.vault.resolve(VAPH, self.patient)
        asked = select(access_log).where(
            access_log.c.child == child, access_log.c.act == "evaluation"
        )
        with transaction(self.system.hub.engine) as tx:
            return list(tx.execute(asked.order_by(access_log.c.id)))


@pytest.fixture
def case(system: RunningHub) -> Case:
    family = a_family()
    patient = system.delivered(VAPH, family.vaph_2023)["parts"][0]["patient"]
    system.delivered(CLB, family.clb_2024)
    mother, father = system.parents(family)
    return Case(system, family, patient, mother, father)


def part(patient: str, data_class: str = "diagnosis", **more: Any) -> dict[str, Any]:
    properties = {"patient": patient, "class": data_class} | more
    return {"type": "segment", "id": OWN_NAME, "properties": properties}


def service(partner: str) -> dict[str, str]:
    return {"type": "service", "id": partner}


def question(patient: str, to: str = CLB, **more: Any) -> dict[str, Any]:
    return {
        "subject": service(to),
        "action": {"name": "read"},
        "resource": part(patient, **more),
        "context": {"purpose": "care"},
    }


def looks(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "date")
    return answer.status_code, answer.content, headers


def all_lines(system: RunningHub) -> int:
    with transaction(system.hub.engine) as tx:
        query = select(access_log.c.id).where(access_log.c.act == "evaluation")
        return len(tx.execute(query).all())
