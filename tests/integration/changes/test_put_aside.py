"""What a person put aside stays so when a wrong link is undone, with whichever child it is."""

from datetime import timedelta
from uuid import UUID

from adapters.contract import PersonKey, Translation
from gateway.exchange.diagnoses.confirm_diagnosis import Decided, confirm_diagnosis
from gateway.exchange.diagnoses.list_diagnosis_tasks import list_diagnosis_tasks
from gateway.exchange.links.link_identity import confirm_match, matches_to_decide
from gateway.identity.callers import PartnerCaller
from tests.integration.changes.desk import AT, HEIR, OLD, Desk, file, part, said, word
from tests.integration.changes.test_split_after_merger import KEY, NOOR, OTHER, known, merge, undone


def diagnosed(key: str, code: str, *, on: str, subject: PersonKey) -> Translation:
    return file(part(said(key, code, kind="Condition"), on=on, subject=subject))


def confirmed(desk: Desk, partner: str) -> None:
    caller = PartnerCaller(partner=partner, scopes=frozenset())
    (task,) = list_diagnosis_tasks(desk.hub, caller, None, role="medical", at=AT)
    (version,) = [one for one in task["input"] if one["type"]["text"] == "version"]
    decided = Decided(
        task=task["id"], outcome="confirm", version=version["valuePositiveInt"],
        decider="An Peeters, arts", role="medical", reason="seen",
    )  # fmt: skip
    assert confirm_diagnosis(desk.hub, caller, decided, at=AT + timedelta(minutes=1)) == "completed"


def told(desk: Desk, child: UUID) -> dict[str, str]:
    """Return how each diagnosis about a child stands."""
    return {
        word(one["content"]): one["status"]
        for one in desk.stored()
        if (one["child"], one["type"]) == (child, "Condition")
    }


def linked(desk: Desk, noor: UUID, found: Translation) -> UUID:
    receipt = desk.deliver(found, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    return receipt


def test_what_a_person_put_aside_stays_so_with_the_child_that_it_goes_to(desk: Desk) -> None:
    noor = known(desk)
    wrong = linked(desk, noor, diagnosed(KEY, "F84.5", on="2024-05-01", subject=OTHER))
    desk.deliver(diagnosed("other", "F84.0", on="2024-06-01", subject=OTHER), partner=OLD)
    confirmed(desk, OLD)
    assert told(desk, noor) == {"F84.0": "active", "F84.5": "superseded"}
    merge(desk)
    desk.deliver(diagnosed(KEY, "F80.2", on="2025-01-01", subject=NOOR), partner=HEIR)
    other = undone(desk, wrong)
    assert told(desk, noor) == {"F80.2": "active"}
    assert told(desk, other) == {"F84.0": "active", "F84.5": "superseded"}
    assert leading(desk) == {(noor, "F80.2"), (other, "F84.0")}


def test_what_a_person_put_aside_stays_so_with_the_child_that_keeps_it(desk: Desk) -> None:
    noor = known(desk)
    merge(desk)
    desk.deliver(diagnosed(KEY, "F84.5", on="2024-01-01", subject=NOOR), partner=HEIR)
    desk.deliver(diagnosed("own", "F84.0", on="2024-02-01", subject=NOOR), partner=HEIR)
    confirmed(desk, HEIR)
    wrong = linked(desk, noor, diagnosed(KEY, "F80.2", on="2024-06-01", subject=OTHER))
    assert told(desk, noor) == {"F84.0": "active", "F80.2": "active"}
    other = undone(desk, wrong)
    assert told(desk, noor) == {"F84.0": "active", "F84.5": "superseded"}
    assert told(desk, other) == {"F80.2": "active"}
    assert leading(desk) == {(noor, "F84.0"), (other, "F80.2")}


def leading(desk: Desk) -> set[tuple[UUID, str]]:
    return {
        (one["child"], word(one["content"]))
        for one in desk.stored("leading")
        if one["status"] == "active"
    }
