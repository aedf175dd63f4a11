"""`deelregie translate --report ndjson` says in lines what the other reports say at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.kit import large_files
from gateway.kit.samples import SOURCES
from tests.support.enlarged import enlarged

DECISIONS = SOURCES / "groeipakket" / "gp_01_beslissingen_zorgtoeslag.json"


def lines_of(path: Path) -> tuple[int, list[dict[str, Any]]]:
    words = ["translate", "groeipakket", str(path), "--allow-test-numbers", "--report", "ndjson"]
    found = CliRunner().invoke(app, words)
    return found.exit_code, [json.loads(line) for line in found.stdout.splitlines()]


def test_each_piece_is_a_line_and_the_last_one_concludes(tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_bytes(b"".join(enlarged("groeipakket", DECISIONS.read_bytes(), 1_100_000)))
    code, lines = lines_of(large)
    *pieces, last = lines
    assert code == 1
    assert [one["piece"] for one in pieces] == [1, 2, 3]
    assert last["conclusion"]["pieces"] == 3
    assert last["rejected"] == sum(len(one["rejections"]) for one in lines)
    assert sum(last["fields"].values()) == sum(len(one["account"]) for one in lines)
    assert all(one["bundle"].get("entry") for one in pieces)


def test_a_damaged_file_gives_a_conclusion_and_no_piece(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(DECISIONS.read_bytes()[:-10])
    code, lines = lines_of(damaged)
    assert code == 1
    (last,) = lines
    assert [one["code"] for one in last["rejections"]] == ["truncated"]
    assert last["conclusion"]["pieces"] == 0


def test_another_report_of_a_large_file_is_refused_with_the_way_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_files, "WHOLE_BYTES", 100)
    words = ["translate", "groeipakket", str(DECISIONS)]
    found = CliRunner().invoke(app, words)
    assert found.exit_code == 2
    assert "ndjson" in found.output
