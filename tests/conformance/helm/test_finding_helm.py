"""The helm that judges the chart is real and recent, or its absence is explained."""

import os
from pathlib import Path

import pytest

from tests.support import helm


def _pretend(folder: Path, answer: str) -> Path:
    """Write a program called helm that gives one answer."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "helm"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("answer", "taken"), [("v3.10.2+g50f003e", False), ("v4.0.1", True)])
def test_helm_on_path_is_taken_when_it_is_recent(
    answer: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = _pretend(tmp_path, answer)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert helm.helm_on_path() == (program if taken else None)


def test_damaged_copy_in_the_cache_is_replaced(tmp_path: Path) -> None:
    _pretend(tmp_path / "v4.3.1", "half a file")
    assert helm.version_of(helm.helm_from_wheel(tmp_path)) == helm.WHEEL_HELM


def test_missing_wheel_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "WHEEL", "no-such-wheel")
    with pytest.raises(helm.HelmMissingError, match="install helm"):
        helm.helm_from_wheel(tmp_path)
