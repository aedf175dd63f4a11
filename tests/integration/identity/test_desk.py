"""The identity desk over HTTP and on the command line."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from gateway.auditor import identity
from gateway.cli import app as command_line
from gateway.store.vault import AUDITORS
from tests.integration.identity.world import Desk, number, somebody
from tests.integration.streams.world import environment
from tests.support.running_hub import CHILDCARE, VAPH
from tests.unit.pages.visitor import Visitor, pages_app, settings

NOOR = number(1)
OURS = {"X_CSRF_Token": "token", "Sec_Fetch_Site": "same-origin"}


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    app = pages_app(settings())
    app.include_router(identity.router)
    app.state.hub.engine.dispose()
    app.state.hub = desk.hub
    return Visitor(app)


@pytest.fixture
def auditor(visitor: Visitor) -> Visitor:
    return visitor.signed_in(auditor="a1", roles=["auditor"])


@pytest.fixture
def run(desk: Desk) -> Callable[..., Result]:
    given = environment(desk.hub.settings)

    def typed(*words: object) -> Result:
        return CliRunner(env=given).invoke(command_line, ["identity", *map(str, words)])

    return typed


def waiting(desk: Desk) -> tuple[str, UUID, UUID]:
    """Let one record wait; return its id, the child it resembles, and its receipt."""
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    told = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="7"))
    noor = desk.found(NOOR)
    assert noor is not None
    return desk.queue()[0].id, noor, told


def test_a_match_is_shown_with_evidence_and_confirmed_by_pseudonym(
    desk: Desk, auditor: Visitor
) -> None:
    item, noor, told = waiting(desk)
    answer = auditor.get("/identity/matches")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-csrf-token"] == "token"
    [match] = answer.json()["matches"]
    assert auditor.get(f"/identity/matches/{item}").json() == match
    [proposal] = match["proposals"]
    assert (proposal["score"], proposal["strength"]) == (85, "strong")
    assert proposal["child"] == desk.hub.vault.pairwise(AUDITORS, noor)
    assert str(noor) not in answer.text
    address = f"/identity/matches/{item}/confirm"
    body = {"child": proposal["child"]}
    assert auditor.post_json(address, body, **OURS).json() == {"id": item}
    assert desk.child_of(told) == noor
    assert auditor.post_json(address, body, **OURS).status_code == 404
    [line] = desk.rows("select actor from access_log where act = 'identity_confirmed'")
    assert line.actor == "auditor/a1"


def test_a_match_is_rejected_and_a_wrong_link_undone(desk: Desk, auditor: Visitor) -> None:
    item, noor, told = waiting(desk)
    assert desk.confirm(item, noor)
    [part] = desk.what_became(told)
    wrong: dict[str, Any] = {"receipt": str(told), "part": part.part}
    done = auditor.post_json("/identity/splits", wrong, **OURS)
    assert done.status_code == 201
    assert done.json()["parts"] == 1
    assert desk.child_of(told) not in {None, noor}
    assert auditor.post_json("/identity/splits", wrong, **OURS).status_code == 409
    unknown = wrong | {"part": "nothing"}
    assert auditor.post_json("/identity/splits", unknown, **OURS).status_code == 404
    desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    [again] = desk.queue()
    assert auditor.post_json(f"/identity/matches/{again.id}/reject", {}, **OURS).status_code == 200
    assert auditor.get("/identity/matches").json() == {"matches": []}


@pytest.mark.parametrize(
    ("session", "status"),
    [({}, 401), ({"person": "mother"}, 403), ({"auditor": "a1", "roles": []}, 401)],
)
def test_nobody_but_an_auditor_sees_or_decides(
    desk: Desk, visitor: Visitor, session: dict[str, Any], status: int
) -> None:
    item, _, told = waiting(desk)
    if session:
        visitor.signed_in(**session)
    for address in ("/identity/matches", f"/identity/matches/{item}"):
        assert visitor.get(address).status_code == status
    for address in (f"/identity/matches/{item}/confirm", f"/identity/matches/{item}/reject"):
        body = {"child": "new"}
        assert visitor.post_json(address, body, **OURS).status_code == status
    assert desk.child_of(told) is None


def test_another_page_cannot_decide_for_an_auditor(desk: Desk, auditor: Visitor) -> None:
    item, _, told = waiting(desk)
    address = f"/identity/matches/{item}/confirm"
    for headers in ({}, OURS | {"X_CSRF_Token": "x"}, OURS | {"Sec_Fetch_Site": "cross-site"}):
        assert auditor.post_json(address, {"child": "new"}, **headers).status_code == 403
    assert desk.child_of(told) is None


def test_the_commands_list_confirm_split_and_reject(desk: Desk, run: Callable[..., Result]) -> None:
    item, noor, told = waiting(desk)
    listed = run("queue")
    assert "85 strong     family name agrees, given name agrees, birth date agrees" in listed.stdout
    assert json.loads(run("queue", "--json").stdout)["candidates"] == [str(noor)]
    assert run("confirm", item, UUID(int=1)).exit_code == 1
    assert run("confirm", item, noor).stdout == "linked\n"
    [part] = desk.what_became(told)
    done = run("split", told, part.part, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["child"] == str(desk.child_of(told))
    refused = run("split", told, part.part)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "name the child it belongs to" in refused.stderr
    assert run("split", "nonsense", part.part).exit_code == 2
    desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    [again] = desk.queue()
    assert json.loads(run("reject", again.id, "--json").stdout)["outcome"] == "left_unlinked"
    assert run("reject", again.id).exit_code == 1
