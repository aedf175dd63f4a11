"""The rules keep giving the answers of their edition; other answers are another edition."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

from consent.edition import EDITION, FIRST_RELEASES
from tests.architecture.project import ROOT
from tests.conformance.rules import golden


@pytest.fixture(scope="module")
def now() -> dict[str, str]:
    return golden.answers()


def test_the_rules_give_the_answers_of_their_edition(now: dict[str, str]) -> None:
    pinned = golden.pinned()
    assert pinned["edition"] == EDITION, f"the edition is new: `{golden.AGAIN}`"
    assert golden.changed(now, pinned["answers"]) == [], golden.NEW_EDITION
    assert sorted(pinned["answers"]) == sorted(now), f"other situations: `{golden.AGAIN}`"


def test_each_edition_has_a_release_that_decides_by_it() -> None:
    assert re.fullmatch(r"20\d\d-\d\d\.\d+", EDITION)
    assert EDITION in FIRST_RELEASES
    assert list(FIRST_RELEASES) == sorted(FIRST_RELEASES)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert Version(FIRST_RELEASES[EDITION]) <= Version(project["version"])


def test_another_answer_is_found_and_not_pinned_under_the_same_edition(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy, before = tmp_path / "golden.json", golden.PINNED.read_bytes()
    copy.write_bytes(before)
    monkeypatch.setattr(golden, "PINNED", copy)
    monkeypatch.setattr(golden, "load_folder", list)
    small = {name: golden.pinned()["answers"][name] for name in ("set/moments", "set/oddities")}
    monkeypatch.setattr(golden, "answers", lambda: small | {"set/moments": "0"})
    assert golden.pin() == f"other answers for set/moments: {golden.NEW_EDITION}"
    assert copy.read_bytes() == before
    monkeypatch.setattr(golden, "EDITION", "2031-01.1")
    assert golden.pin() == ""
    assert golden.pinned() == {"edition": "2031-01.1", "answers": golden.answers()}
