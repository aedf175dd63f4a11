"""`deelregie recompute`, as an operator types it."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from consent.edition import EDITION
from gateway.cli import app
from gateway.exchange.audit import recompute
from gateway.store.engine import transaction
from tests.integration.streams.world import environment
from tests.support.running_hub import CLB
from tests.support.told_story import BEGIN, Story, a_hub

Run = Callable[..., Result]


@pytest.fixture
def story(database_url: str) -> Iterator[Story]:
    hub = a_hub(database_url)
    told = Story.begin(hub)
    told.both_grant(CLB, "diagnosis")
    told.later()
    assert told.search(CLB) == 1
    yield told
    hub.engine.dispose()


@pytest.fixture
def run(story: Story) -> Run:
    settings = environment(story.hub.settings)

    def typed(*words: object) -> Result:
        return CliRunner(env=settings).invoke(app, ["recompute", *map(str, words)])

    return typed


def last_line(story: Story) -> int:
    return int(story.lines()[-1].id)


def deny_in_the_log(story: Story, line: int) -> None:
    with transaction(story.hub.engine) as tx:
        tx.execute(text("alter table access_log disable trigger append_only"))
        change = text("update access_log set outcome = 'deny' where id = :line")
        tx.execute(change, {"line": line})


def test_a_line_that_says_what_was_decided_exits_0(story: Story, run: Run) -> None:
    line = last_line(story)
    done = run(line)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"{line:10}  2026-11-22T09:07:00+00:00  search        equal",
        "lines: 1 equal",
    ]
    assert story.lines()[-1].act == "recomputed"


def test_a_difference_is_told_and_exits_1(story: Story, run: Run) -> None:
    line = last_line(story)
    deny_in_the_log(story, line)
    for words in ([line], ["--since", "2026-11-22"], ["--child", story.child]):
        done = run(*words)
        assert done.exit_code == 1
        assert "outcome: the log says deny; decided again: permit" in done.stdout
        assert "1 different" in done.stdout


def test_json_gives_every_line_with_its_edition(story: Story, run: Run) -> None:
    done = run("--child", story.child, "--json")
    assert done.exit_code == 0
    told: Any = json.loads(done.stdout)
    assert (told["edition"], told["summary"]["equal"]) == (EDITION, 1)
    [line] = told["lines"]
    assert (line["line"], line["result"], line["edition"]) == (
        story.lines()[-2].id,
        "equal",
        EDITION,
    )
    assert line["log"]["outcome"] == "permit"


def test_only_what_needs_a_look_is_shown_of_many_lines(story: Story, run: Run) -> None:
    assert run("--since", BEGIN.date()).stdout == "lines: 1 equal\n"
    assert run("--since", date(2027, 1, 1)).stdout == "lines: none\n"


def test_other_rules_exit_3_and_name_the_release(
    story: Story, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "EDITION", "2031-01.1")
    done = run(last_line(story))
    assert done.exit_code == 3
    assert f"edition {EDITION}: the first release with it is 0.1.0" in done.stdout
    assert run(story.lines()[-2].id, "--todays-rules").exit_code == 3


@pytest.mark.parametrize(
    "words", [(), ("--since", "yesterday"), ("--child", "Noor"), ("1", "--since", "2026-11-22")]
)
def test_wrong_usage_exits_2(story: Story, run: Run, words: tuple[str, ...]) -> None:
    before = len(story.lines())
    assert run(*words).exit_code == 2
    assert len(story.lines()) == before


def test_a_line_that_does_not_exist_exits_2(run: Run) -> None:
    done = run(10**9)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the log has no line 1000000000" in done.stderr


def test_a_hub_that_does_not_answer_exits_2(story: Story) -> None:
    nowhere = {
        **environment(story.hub.settings),
        "DEELREGIE_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
    }
    done = CliRunner(env=nowhere).invoke(app, ["recompute", "1"])
    assert done.exit_code == 2
