"""Four common names at the root of the path: a stranger's package must never take their place."""

from collections.abc import Mapping, Sequence
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

from tests.architecture.project import PACKAGES, ROOT


def strangers(owners: Mapping[str, Sequence[str]]) -> set[str]:
    """Name the other distributions that bring a package of ours."""
    return {owner for package in PACKAGES for owner in owners.get(package, ())} - {"deelregie"}


def test_no_other_distribution_brings_a_package_of_ours() -> None:
    assert strangers(packages_distributions()) == set()


def test_a_stranger_would_be_found() -> None:
    assert strangers({"adapters": ["adapter-transformers"], "fhir": ["x"]}) == {
        "adapter-transformers"
    }


def test_imports_reach_this_project() -> None:
    for package in PACKAGES:
        spec = find_spec(package)
        assert spec is not None, f"{package} cannot be imported"
        places = list(spec.submodule_search_locations or ())
        assert [Path(place).resolve() for place in places] == [(ROOT / package).resolve()]
