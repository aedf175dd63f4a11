"""Commands that cannot open the hub say why in one line, each with the exit it documents."""

import os

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.integration.streams.world import environment
from tests.support.stored_log import KEY
from tests.unit.pages.visitor import settings

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere?connect_timeout=2"
COMMANDS = (
    ("partner list", 1),
    ("partner topics", 1),
    ("partner receive", 1),
    ("partner close somebody", 1),
    ("review list", 1),
    ("route list --json", 1),
    ("calendar", 1),
    ("retention", 1),
    ("relay", 1),
    ("relay parked", 1),
    ("serve", 1),
    ("identity queue", 1),
    ("child erasures", 1),
    ("reidentify list", 1),
    ("log public-key", 1),
    ("verify-log", 2),
    ("recompute 1", 2),
)


@pytest.mark.parametrize(("words", "code"), COMMANDS)
def test_without_settings_a_command_names_what_is_missing(words: str, code: int) -> None:
    nothing = {name: None for name in os.environ if name.startswith("DEELREGIE_")}
    done = CliRunner(env=nothing).invoke(app, words.split())
    assert (done.exit_code, done.stdout) == (code, "")
    assert "DEELREGIE_DATABASE_URL" in done.stderr


# `serve` and `relay` wait for a database that is away, and a public key needs none.
GO_ON = {"serve", "relay", "log public-key"}


@pytest.mark.parametrize(("words", "code"), [one for one in COMMANDS if one[0] not in GO_ON])
def test_without_a_database_a_command_says_so_and_shows_no_traceback(words: str, code: int) -> None:
    given = environment(settings(database_url=NOWHERE, log_key=KEY.secret()))
    done = CliRunner(env=given).invoke(app, words.split())
    assert (done.exit_code, done.stdout) == (code, "")
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.count("\n") == 1
    assert "nobody" not in done.stderr
