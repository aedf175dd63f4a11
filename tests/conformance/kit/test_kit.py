"""A new source is written, checked and broken in a copy of the project."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NEEDED = ("adapters", "gateway", "consent", "schemas", "pyproject.toml")
GOLDEN = Path("tests/conformance/adapters/golden")
SOURCE = "zorgkas"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout to write in, without the tests."""
    for name in NEEDED:
        there = ROOT / name
        if there.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "templates", "static")
            shutil.copytree(there, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(there, tmp_path / name)
    kit = Path("gateway/kit/templates")
    shutil.copytree(ROOT / kit, tmp_path / kit)
    (tmp_path / GOLDEN).mkdir(parents=True)
    return tmp_path


def deelregie(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    program = "from gateway.cli import app; app()"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["json", "xml", "csv"])
def test_a_new_source_keeps_every_promise_as_it_is_written(copy: Path, kind: str) -> None:
    made = deelregie(copy, "adapter", "new", SOURCE, "--kind", kind)
    assert made.returncode == 0, made.stderr
    assert f"wrote adapters/{SOURCE}/mapping.py" in made.stdout
    checked = deelregie(copy, "adapter", "check", SOURCE, "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    findings = json.loads(checked.stdout)
    assert len(findings) > 12
    assert [one for one in findings if one["faults"]] == []
    sample = f"schemas/sources/{SOURCE}/{SOURCE}_01_example.{kind}"
    clean = deelregie(copy, "translate", SOURCE, sample, "--allow-test-numbers")
    assert clean.returncode == 0, clean.stdout
    channels = (copy / "schemas/events/asyncapi.yaml").read_text()
    assert f", {SOURCE}]" in channels


def forget_a_field(mapping: str) -> str:
    return mapping.replace("    ledger.minimised(FREE_TEXT, one.note)\n", "")


def repeat_a_value(mapping: str) -> str:
    return mapping.replace("minimised(FREE_TEXT,", "minimised(one.note.text if one.note else '',")


def look_at_the_clock(mapping: str) -> str:
    return mapping.replace('f"record/{', 'f"record/{time()}{').replace(
        "\n\nFREE_TEXT", "\nfrom time import time_ns as time\n\nFREE_TEXT", 1
    )


def write_what_is_no_fhir(mapping: str) -> str:
    return mapping.replace('"status": "active"', '"status": "busy"')


def fall_over(mapping: str) -> str:
    return mapping.replace("key = _person(", "assert int(one.id.text[2:])\n    key = _person(")


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (forget_a_field, "nothing in the sample is unknown"),
        (repeat_a_value, "no value is repeated in account or rejections"),
        (look_at_the_clock, "the same bytes give the same report"),
        (write_what_is_no_fhir, "every resource is valid FHIR R4"),
        (fall_over, "200 damaged copies are answered"),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_a_mistake_in_a_new_source_is_found_and_named(
    copy: Path, broken: Callable[[str], str], promise: str
) -> None:
    deelregie(copy, "adapter", "new", SOURCE)
    mapping = copy / "adapters" / SOURCE / "mapping.py"
    before = mapping.read_text()
    mapping.write_text(broken(before))
    assert mapping.read_text() != before
    checked = deelregie(copy, "adapter", "check", SOURCE)
    assert checked.returncode == 1, checked.stdout
    assert f"BROKEN {SOURCE}_01_example.json: {promise}" in checked.stdout


def test_a_name_that_is_taken_or_unusable_writes_nothing(copy: Path) -> None:
    before = sorted(path.name for path in (copy / "adapters").iterdir())
    assert deelregie(copy, "adapter", "new", "vaph").returncode == 1
    assert deelregie(copy, "adapter", "new", "Zorg kas").returncode == 2
    assert sorted(path.name for path in (copy / "adapters").iterdir()) == before
    unknown = deelregie(copy, "adapter", "check", "nobody")
    assert unknown.returncode == 2
    assert "caw, childcare, clb" in unknown.stderr
