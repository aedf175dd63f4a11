"""Whatever stands in a damaged export, the check says that it is damaged and never breaks off."""

import base64
from pathlib import Path
from random import Random

import pytest

from gateway.transparency.note import Note
from gateway.transparency.tree import leaf_hash
from gateway.transparency.verify_log import main, report, verify
from tests.support.stored_log import KEY, StoredLog

PUBLIC = str(KEY.verifier)
HEADER = f"deelregie-log/1 {KEY.name}\n"
DEEP = "[" * 100_000
LINES = ("[1]", '"x"', "1", "null", "nonsense", DEEP, '{"at": ' + DEEP, "{}")
INSTANTS = ('{"at": null}', '{"at": 5}', '{"at": []}', '{"at": "\\ud800"}', '{"at": "\\u001b[2J"}')


def with_line(line: str) -> list[str]:
    hashed = base64.b64encode(leaf_hash(line.encode())).decode()
    return [HEADER, f"+ 0 {hashed} {line}\n", "? AA== {}\n", ". 1\n"]


@pytest.mark.parametrize("line", [*LINES, *INSTANTS], ids=lambda line: line[:20])
def test_a_line_that_is_no_line_of_the_log_is_damaged(line: str) -> None:
    found = verify(with_line(line), PUBLIC)
    assert not found["ok"]
    assert found["findings"][0]["kind"] == "damaged"


@pytest.mark.parametrize("time", ["9" * 19, "9" * 12, "-" + "9" * 12, "9" * 5000])
def test_a_signed_checkpoint_of_an_instant_that_cannot_be_is_told(time: str) -> None:
    log = StoredLog.grown(Random(1), 3)
    *_, size = log.notes
    text = Note.parse(log.notes[size]).text.rsplit("time ", 1)[0] + f"time {time}\n"
    log.notes[size] = str(Note(text, (KEY.sign(text),)))
    found = verify(log.rows(), PUBLIC)
    assert "not_signed" in {one["kind"] for one in found["findings"]}


@pytest.mark.parametrize("row", ["", "+", "+ 3", "+ 3 AAAA", "+ x AAAA {}", "?", "? !", "= AAAA"])
def test_half_a_row_is_told(row: str) -> None:
    rows = [*StoredLog.grown(Random(1), 3).rows()][:-1]
    assert not verify([*rows, f"{row}\n"], PUBLIC)["ok"]


@pytest.mark.parametrize("line", [LINES[0], DEEP, *INSTANTS], ids=lambda line: line[:20])
def test_the_command_ends_with_a_report(
    line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export.log"
    file.write_text("".join(with_line(line)), "utf-8")
    assert main([str(file), "--key", PUBLIC]) == 1
    assert "TAMPERED" in capsys.readouterr().out


@pytest.mark.parametrize(("count", "said"), [(1, "1 finding"), (2, "2 findings")])
def test_one_finding_is_told_as_one(count: int, said: str) -> None:
    found = verify(StoredLog.grown(Random(1), 3).rows(), PUBLIC)
    one = {"kind": "changed", "first": 1, "last": 1, "says": "it was changed"}
    told = report(found | {"findings": [one] * count})
    assert told.endswith(f"TAMPERED: {said}")
