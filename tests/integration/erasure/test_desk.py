"""Erasing and looking behind a pseudonym over HTTP, and what an operator types."""

import base64
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app as command_line
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.rewrapping import WRAPPED, rewrap
from gateway.store.vault import AUDITORS, Unreadable, Vault
from tests.integration.erasure.visits import OURS, signed_in
from tests.integration.erasure.world import Family, shared
from tests.integration.streams.world import environment
from tests.unit.pages.visitor import Visitor

NEVER = "f" * 32


@pytest.fixture
def run(family: Family) -> Callable[..., Result]:
    given = environment(family.desk.hub.settings)

    def typed(*words: object) -> Result:
        return CliRunner(env=given).invoke(command_line, list(map(str, words)))

    return typed


def _post(visitor: Visitor, path: str, **body: Any) -> Any:
    return visitor.post_json(path, body, **OURS) if body else visitor.post(path, **OURS)


def test_two_auditors_erase_a_child_over_http(family: Family, visitor: Visitor) -> None:
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    wish = {"child": pseudonym, "ground": "unlawful", "reason": "verkeerd gekoppeld"}
    asked = _post(signed_in(visitor, "a1"), "/erasures", **wish)
    assert asked.status_code == 201, asked.text
    path = f"/erasures/{asked.json()['id']}"
    [waiting] = signed_in(visitor, "a2").get("/erasures").json()["erasures"]
    assert (waiting["child"], waiting["reason"]) == (pseudonym, "verkeerd gekoppeld")
    assert _post(signed_in(visitor, "a1", "dpo"), f"{path}/confirm").status_code == 403
    assert _post(signed_in(visitor, "a2"), f"{path}/confirm").status_code == 403
    done = _post(signed_in(visitor, "a2", "dpo"), f"{path}/confirm")
    assert done.status_code == 200, done.text
    assert done.json()["originals"] == 2
    assert _post(signed_in(visitor, "a2", "dpo"), f"{path}/confirm").status_code == 404
    assert _post(signed_in(visitor, "a1"), "/erasures", **wish).status_code == 404


def test_an_erasure_can_be_refused_and_asks_for_the_token_and_an_auditor(
    family: Family, visitor: Visitor
) -> None:
    asked = family.ask()
    path = f"/erasures/{asked}/reject"
    assert visitor.post(path).status_code in {401, 403}
    auditor = signed_in(visitor, "a3")
    assert auditor.post(path).status_code == 403
    assert _post(auditor, path, why="").status_code == 400
    assert _post(auditor, path).status_code == 200
    assert _post(auditor, path).status_code == 404
    assert signed_in(visitor, "a3").get("/erasures").json() == {"erasures": []}
    assert visitor.signed_in(person="mother").get("/erasures").status_code == 403


def test_two_auditors_look_behind_one_pseudonym_over_http(family: Family, visitor: Visitor) -> None:
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    question = {"child": pseudonym, "case": "2026/17", "reason": "klacht"}
    asked = _post(signed_in(visitor, "a1"), "/log/identities", **question)
    assert asked.status_code == 201, asked.text
    path = f"/log/identities/{asked.json()['id']}"
    assert _post(signed_in(visitor, "a1"), f"{path}/look").status_code == 409
    assert _post(signed_in(visitor, "a1"), f"{path}/approve").status_code == 403
    assert _post(signed_in(visitor, "a2"), f"{path}/approve").status_code == 200
    assert _post(signed_in(visitor, "a2"), f"{path}/look").status_code == 403
    seen = _post(signed_in(visitor, "a1"), f"{path}/look")
    assert seen.json()["names"][0] == "Noor Peeters"
    assert seen.headers["cache-control"] == "no-store"
    [listed] = signed_in(visitor, "a2").get("/log/identities").json()["questions"]
    assert "Noor" not in json.dumps(listed)
    unknown = _post(signed_in(visitor, "a1"), "/log/identities", **question | {"child": NEVER})
    assert unknown.status_code == 404


def test_the_page_leads_two_auditors_through_it(family: Family, visitor: Visitor) -> None:
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    page = "/audit/identities"
    form = {"kind": pseudonym, "dossier": "2026/17", "redenen": "klacht", "csrf": "token"}
    asker = signed_in(visitor, "a1")
    assert f'value="{pseudonym}"' in asker.get(f"{page}?kind={pseudonym}").text
    assert asker.post(page, form | {"csrf": ""}, **OURS).status_code == 403
    assert asker.post(page, form | {"dossier": ""}, **OURS).status_code == 422
    assert asker.post(page, form, **OURS).status_code == 303
    waiting = asker.get(page).text
    assert "2026/17" in waiting
    assert "/approve" not in waiting, "who asked is not offered to approve"
    other = signed_in(visitor, "a2").get(page).text
    [path] = re.findall(r'action="(/audit/identities/[^"]+/approve)"', other)
    ours = {"csrf": "token"}
    assert signed_in(visitor, "a1").post(path, ours, **OURS).status_code == 422
    assert signed_in(visitor, "a2").post(path, ours, **OURS).status_code == 303
    seen = signed_in(visitor, "a1").post(path.replace("approve", "look"), ours, **OURS)
    assert "Noor Peeters" in seen.text
    assert "Noor" not in signed_in(visitor, "a1").get(page).text
    assert (
        signed_in(visitor, "a2").post(path.replace("approve", "look"), ours, **OURS).status_code
        == 422
    )


def test_an_operator_only_asks(family: Family, run: Callable[..., Result]) -> None:
    options = ("--ground", "unlawful", "--reason", "fout", "--json")
    asked = run("child", "erase", family.noor, *options)
    assert asked.exit_code == 0, asked.output
    UUID(json.loads(asked.output)["erasure"])
    listed = run("child", "erasures", "--json")
    assert json.loads(listed.output)["child"] == str(family.noor)
    assert "fout" not in listed.output
    assert family.desk.statements(family.noor)
    wrong = run("child", "erase", family.noor, "--ground", "no", "--reason", "fout")
    assert wrong.exit_code == 1
    assert "retention.v1.json" in wrong.output


def test_retention_is_listed_and_applied_by_command(
    family: Family, run: Callable[..., Result]
) -> None:
    assert family
    listed = run("retention", "--dry-run", "--json")
    assert listed.exit_code == 0, listed.output
    assert json.loads(listed.output)["due"] == []
    assert run("retention").output.startswith("0 due on ")
    applied = run("retention", "--apply")
    assert applied.exit_code == 0, applied.output
    assert "nothing was due" in applied.output


def test_wrapped_anew_everything_opens_and_the_old_key_opens_nothing(
    family: Family, run: Callable[..., Result], tmp_path: Path
) -> None:
    shared(family)
    hub = family.desk.hub
    old = hub.vault
    before = replace(old, key_encryption_key=secrets.token_bytes(32))
    # To the key of before and back again by command, as if the settings had the new one.
    assert rewrap(hub.engine, old, before) > 0
    file = tmp_path / "old"
    file.write_text(base64.b64encode(before.key_encryption_key).decode())
    done = run("rewrap-keys", file, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["rewrapped"] > 4
    assert rewrap(hub.engine, before, old) == 0
    assert _opens(family, old)
    with pytest.raises(Unreadable):
        _opens(family, before)
    file.write_text("x")
    assert run("rewrap-keys", file).exit_code == 1


def _opens(family: Family, vault: Vault) -> bool:
    with transaction(family.desk.hub.engine) as tx:
        return children.key_of(tx, vault, family.noor) is not None


def test_every_wrapped_key_of_the_database_is_wrapped_anew(family: Family) -> None:
    rows = family.desk.rows(
        "select table_name from information_schema.columns"
        " where column_name like 'wrapped%' and table_schema = 'public'"
    )
    assert {row.table_name for row in rows} == {one.name for one in WRAPPED}
