"""The commands a newcomer types exist, explain themselves, and are what CI runs."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from tests.architecture.project import ROOT

WISHES = {"install", "demo", "test", "test-kafka", "check", "bench", "up", "lock", "clean", "help"}
WISHES |= {"mutation", "nightly"}
CI = ["make check", "make test", "make test-kafka"]


def help_lines(makefile: str) -> dict[str, str]:
    """Return each target of a Makefile that explains itself."""
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", makefile, flags=re.MULTILINE))


def phony(makefile: str) -> set[str]:
    """Return the targets that are commands."""
    found = re.findall(r"^\.PHONY:(.*)$", makefile, flags=re.MULTILINE)
    return {name for names in found for name in names.split() if not name.startswith("$")}


def test_every_command_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert phony(makefile) == set(help_lines(makefile)) == WISHES


def test_a_command_without_help_would_be_found() -> None:
    makefile = ".PHONY: a b\na: ## does a\nb:\n"
    assert phony(makefile) - set(help_lines(makefile)) == {"b"}


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_make_alone_lists_the_commands() -> None:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=quiet,
        timeout=60,
        check=True,
    )
    assert set(re.findall(r"^ +make ([a-z-]+) ", done.stdout, flags=re.MULTILINE)) == WISHES


def test_ci_runs_what_a_person_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [line for line in script.read_text("utf-8").splitlines() if line.startswith("make")]
    assert commands == CI


def test_hooks_use_the_locked_tools() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)
