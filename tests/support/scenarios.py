"""The project's own scenarios, read by the product's loader."""

from pathlib import Path

from gateway.scenarios.compare import differences
from gateway.scenarios.error import ScenarioError
from gateway.scenarios.load import load_folder as _load_folder
from gateway.scenarios.load import load_scenario
from gateway.scenarios.story import Scenario

__all__ = ["FOLDER", "Scenario", "ScenarioError", "differences", "load_folder", "load_scenario"]

FOLDER = Path(__file__).parent / "scenario_files"


def load_folder(folder: Path = FOLDER) -> list[Scenario]:
    """Every scenario of a folder, by name."""
    return _load_folder(folder)
