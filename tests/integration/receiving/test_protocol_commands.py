"""What an operator types about protocols says what it did, or what to do instead."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from gateway.cli import app as command_line
from gateway.clock import brussels_date, now
from gateway.embedded.doctor import State, check_protocols
from gateway.store.engine import transaction
from gateway.store.tables import access_log
from tests.integration.receiving.desk import Desk
from tests.integration.streams.world import environment
from tests.support.family_world import CAW, CLB, VAPH

REFERENCE = "https://www.vlaanderen.be/protocollen/2026-17"


def typed(desk: Desk, *words: str) -> Result:
    given = environment(desk.hub.settings)
    return CliRunner(env=given).invoke(command_line, ["partner", *words])


def run(desk: Desk, *words: str) -> Result:
    return typed(desk, "protocol", *words)


def day(days: int) -> str:
    return str(brussels_date(now()) + timedelta(days=days))


def add(desk: Desk, *words: str) -> Result:
    return run(desk, "add", VAPH, CLB, "--reference", REFERENCE, *words)


def acts(desk: Desk) -> list[tuple[str, str, list[str] | None]]:
    query = select(access_log).where(access_log.c.act.startswith("protocol"))
    with transaction(desk.hub.engine) as tx:
        found = tx.execute(query.order_by(access_log.c.id))
        return [(one.act, one.partner, one.resources) for one in found]


def test_a_protocol_is_registered_enforced_and_ended_with_a_line_for_each(desk: Desk) -> None:
    desk.allow()
    refused = run(desk, "enforce")
    assert refused.exit_code == 1
    assert f"without a protocol: {VAPH} -> {CLB}" in refused.stdout
    assert "nothing changed" in refused.stderr
    assert "not enforced: every flow counts as covered" in run(desk, "list").stdout
    done = add(desk, "--until", day(30))
    assert (done.exit_code, done.stdout) == (0, f"registered {VAPH} -> {CLB}: {REFERENCE}\n")
    enforced = run(desk, "enforce")
    assert enforced.exit_code == 0, enforced.stderr
    assert enforced.stdout.startswith("enforced since ")
    desk.fill()
    ended = run(desk, "end", VAPH, CLB)
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        f"{VAPH} -> {CLB} ends now",
        "keys of unopened messages destroyed: 1 (children, for each flow)",
    ]
    to = [f"to/{CLB}"]
    expected = [("protocol_registered", VAPH, to), ("protocols_enforced", None, []),
                ("protocol_ended", VAPH, to)]  # fmt: skip
    assert [(act, partner, found or []) for act, partner, found in acts(desk)] == expected


def test_a_list_for_a_program_is_one_object(desk: Desk) -> None:
    add(desk, "--since", day(0), "--until", day(30))
    listed = run(desk, "list", "--json")
    assert listed.exit_code == 0, listed.stderr
    told = json.loads(listed.stdout)
    assert told["in_force_since"] is None
    assert told["uncovered"] == []
    (one,) = told["protocols"]
    assert (one["from_service"], one["to_service"], one["reference"]) == (VAPH, CLB, REFERENCE)
    assert (date.fromisoformat(one["since"]), one["until"]) == (brussels_date(now()), day(30))
    words = run(desk, "list").stdout
    assert f"{VAPH} -> {CLB}" in words
    assert " runs " in words


MISTAKES = [
    (["add", VAPH, "nobody", "--reference", "x"], "to", "deelregie partner list"),
    (["add", "nobody", CLB, "--reference", "x"], "from", "deelregie partner list"),
    (["add", VAPH, VAPH, "--reference", "x"], "to", "name two services"),
    (["add", VAPH, CLB, "--reference", " "], "reference", "its address or number"),
    (["add", VAPH, CLB, "--reference", "x", "--until", "2020-01-01"], "until", "a later day"),
    (["add", VAPH, CLB, "--reference", "x", "--since", day(9), "--until", day(8)],
     "since", "swap them"),
    (["add", CAW, CLB, "--reference", "x", "--since", day(5)], "since", f"begin on {day(11)}"),
    (["end", VAPH, CLB], "from", "partner protocol list"),
    (["end", CAW, CLB, "--on", "2020-01-01"], "on", "use today or a later day"),
    (["end", CAW, CLB, "--on", day(10)], "on", "name an earlier day"),
]  # fmt: skip


def test_a_mistake_is_named_with_its_remedy_and_changes_nothing(desk: Desk) -> None:
    run(desk, "add", CAW, CLB, "--reference", "y", "--until", day(10))
    before = acts(desk)
    for words, where, remedy in MISTAKES:
        done = run(desk, *words)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith(f"{where}: ")
        assert remedy in done.stderr
    assert acts(desk) == before


def test_a_service_that_merged_is_named_with_its_successor(desk: Desk) -> None:
    assert typed(desk, "merge", CAW, VAPH).exit_code == 0
    done = run(desk, "add", CAW, CLB, "--reference", "x")
    successor = f"{CAW} is merged into {VAPH}; name that one; see `deelregie partner list`"
    assert (done.exit_code, done.stderr) == (1, f"from: {successor}\n")


def test_the_doctor_warns_while_nothing_is_denied_and_before_something_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = desk.hub.settings.database_url.get_secret_value()
    monkeypatch.setenv("DEELREGIE_DATABASE_URL", url)
    found = check_protocols()
    assert (found.state, "every flow counts as covered" in found.found) == (State.OPTIONAL, True)
    assert "protocol enforce" in found.mend
    run(desk, "enforce")
    assert check_protocols().state == State.OK
    add(desk, "--until", day(20))
    assert check_protocols().found == "in force; 1 end within 30 days"
    add(desk, "--since", day(21))
    assert check_protocols().state == State.OK


def test_the_doctor_does_not_know_what_no_database_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = "postgresql+psycopg://nobody:hidden@127.0.0.1:1/nowhere"
    monkeypatch.setenv("DEELREGIE_DATABASE_URL", gone)
    found = check_protocols()
    assert (found.state, found.found) == (State.OPTIONAL, "not known")
    assert "hidden" not in found.mend
