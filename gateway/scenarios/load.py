"""Reads scenario files, strictly: what the format does not know is an error, never skipped."""

from pathlib import Path

from gateway.scenarios.asked import expectation_of, request_of
from gateway.scenarios.entry import Entry
from gateway.scenarios.error import ScenarioError
from gateway.scenarios.facts import facts_of, names_in
from gateway.scenarios.story import Scenario
from gateway.scenarios.yaml_tree import read_tree

_REQUIRED = "scenario title at child record request"
_OPTIONAL = "people services actors relations protocols consents lapsed_bases"
_ENDINGS = {".yaml", ".yml"}


def scenario_files(folder: Path) -> list[Path]:
    """Every scenario file of a folder, by name; ScenarioError when there is none."""
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS)
    except OSError as problem:
        raise _no_files(folder, "this folder cannot be opened") from problem
    if not found:
        raise _no_files(folder, "this folder holds no scenario")
    return found


def _no_files(folder: Path, problem: str) -> ScenarioError:
    remedy = "Name a folder with files that end in .yaml"
    return ScenarioError(file=str(folder), line=None, key="", problem=problem, remedy=remedy)


def load_folder(folder: Path) -> list[Scenario]:
    """Every scenario of a folder, by name; raises the ScenarioError of the first bad file."""
    return [load_scenario(path) for path in scenario_files(folder)]


def read_folder(folder: Path) -> tuple[list[Scenario], list[ScenarioError]]:
    """Every scenario of a folder that can be read, and what is wrong with the others."""
    read: list[Scenario] = []
    errors: list[ScenarioError] = []
    try:
        files = scenario_files(folder)
    except ScenarioError as error:
        return [], [error]
    for path in files:
        try:
            read.append(load_scenario(path))
        except ScenarioError as error:
            errors.append(error)
    return read, errors


def load_scenario(path: Path, *, must_expect: bool = True) -> Scenario:
    """Read one file; a ScenarioError names file, line and key. `expect` may be optional."""
    entry = Entry(file=path.name, place="", tree=read_tree(path))
    root = entry.keys(
        f"{_REQUIRED} expect" if must_expect else _REQUIRED,
        _OPTIONAL if must_expect else f"{_OPTIONAL} expect",
    )
    if root["scenario"].text != path.stem:
        wrong = f"`scenario` must equal the file's name, not `{root['scenario'].text}`"
        root["scenario"].fail(wrong, f"Write `scenario: {path.stem}`, or rename the file")
    names = names_in(root)
    facts = facts_of(root, names)
    return Scenario(
        name=path.stem,
        title=root["title"].text,
        at=root["at"].instant,
        facts=facts,
        request=request_of(root["request"], names),
        expect=expectation_of(root, [segment.id for segment in facts.record.segments]),
    )
