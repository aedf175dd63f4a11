"""The import contracts of pyproject.toml hold, and each of them is able to fail."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.project import PACKAGES, ROOT

CONTRACTS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
    "importlinter"
]
# For each contract, by how its name begins: where a forbidden import is written, and that import.
VIOLATIONS = {
    "The shell knows": ("adapters/vaph/mapping.py", "import consent.model"),
    "Layers inside the shell": ("gateway/store/tables.py", "import gateway.exchange.disclose"),
    "Folders of use cases": ("gateway/exchange/hub/__init__.py", "import gateway.exchange.links"),
    "The engine is pure": ("consent/model.py", "import logging"),
    "The tree of the log": ("gateway/transparency/tree.py", "import gateway.settings"),
    "Reading and mapping": ("adapters/vaph/mapping.py", "import socket"),
    "Adapters do not know": ("adapters/vaph/mapping.py", "import adapters.clb"),
    "No cycles": ("consent/model.py", "import consent.decide"),
    "One door out": ("gateway/api/fhir.py", "import consent.decide"),
    "Written stories": ("gateway/scenarios/deciding.py", "import gateway.settings"),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a folder, the way `make check` does."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def sketch(folder: Path) -> None:
    """Write a project that has every module the contracts name and breaks none of them."""
    inside = [
        f"{one['containers'][0]}.{name.strip(' ()')}"
        for one in CONTRACTS["contracts"]
        if one.get("exhaustive")
        for layer in one["layers"]
        for name in layer.split("|")
    ]
    protected = [
        name
        for one in CONTRACTS["contracts"]
        for key in ("modules", "protected_modules", "allowed_importers")
        for name in one.get(key, [])
    ]
    for name in [*PACKAGES, *inside, *protected]:
        package = folder.joinpath(*name.split("."))
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
    for file in ("adapters/vaph/mapping.py", "gateway/store/tables.py", "gateway/api/fhir.py"):
        (folder / file).touch()
    (folder / "consent/model.py").touch()
    (folder / "consent/decide/__init__.py").write_text("import consent.model\n")
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())


def test_imports_keep_to_the_contracts() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_contract_has_a_violation_to_try() -> None:
    for one in CONTRACTS["contracts"]:
        assert [start for start in VIOLATIONS if one["name"].startswith(start)], one["name"]
    assert len(CONTRACTS["contracts"]) == len(VIOLATIONS)


@pytest.mark.parametrize("start", VIOLATIONS)
def test_contract_breaks_when_it_should(start: str, tmp_path: Path) -> None:
    sketch(tmp_path)
    whole = lint_imports(tmp_path)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    file, statement = VIOLATIONS[start]
    (tmp_path / file).write_text(f"{statement}\n")
    broken = lint_imports(tmp_path)
    assert broken.returncode == 1
    [name] = [one["name"] for one in CONTRACTS["contracts"] if one["name"].startswith(start)]
    assert f"{name} BROKEN" in " ".join(broken.stdout.split())


def test_a_folder_without_a_place_in_the_layers_breaks_the_build(tmp_path: Path) -> None:
    sketch(tmp_path)
    (tmp_path / "gateway" / "helpers").mkdir()
    (tmp_path / "gateway" / "helpers" / "__init__.py").touch()
    broken = lint_imports(tmp_path)
    assert broken.returncode == 1
    assert "helpers" in broken.stdout
