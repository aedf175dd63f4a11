"""The locks: every version with its hashes, no address, and all three tell the same story."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.project import ROOT

# Each holds everything that the one before it holds.
LOCKS = ("requirements.lock", "requirements-embedded.lock", "requirements-dev.lock")
# The tools of `make mutation`, installed beside everything else.
APART = ".ci/mutation.lock"
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?: \\)?")
ADDRESS = re.compile(r"://|^\s*-(?!-hash)|\bgit\+| @ ")
DIRECT = "deelregie (pyproject.toml)"

Lock = dict[str, set[str]]


@cache
def lock_text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def blocks(text: str) -> Iterator[list[str]]:
    """Yield each requirement with its hashes and comments."""
    block: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            if block:
                yield block
            block = []
        block.append(line)
    yield block


def pins(text: str) -> Lock:
    """Return the versions of each package; more than one when the platform decides."""
    found: Lock = {}
    for head, *_ in blocks(text):
        if pin := PIN.match(head):
            found.setdefault(canonicalize_name(pin[1]), set()).add(pin[2])
    return found


def direct(text: str) -> set[str]:
    """Return the packages that the lock says the project itself asks for."""
    return {
        canonicalize_name(pin[1])
        for head, *rest in blocks(text)
        if (pin := PIN.match(head)) and any(DIRECT in line for line in rest)
    }


def faults(text: str) -> Iterator[str]:
    """Yield what makes a lock less than a lock."""
    for head, *rest in blocks(text):
        if not PIN.match(head):
            yield f"`{head}` is no pinned version"
        if not any(HASH.fullmatch(line.strip()) for line in rest):
            yield f"`{head}` has no hash"
    yield from (f"`{line}` is an address or option" for line in text.splitlines() if bad(line))


def bad(line: str) -> bool:
    return bool(ADDRESS.search(line)) and not line.lstrip().startswith(("#", "--hash"))


def declared(lock: str) -> list[Requirement]:
    """Return what pyproject.toml asks for in one lock."""
    extras = project()["project"]["optional-dependencies"]
    asked: list[str] = list(project()["project"]["dependencies"])
    if lock != LOCKS[0]:
        # The project is installed without a build environment of its own, so this is locked too.
        asked += extras["embedded"] + project()["build-system"]["requires"]
    if lock == LOCKS[2]:
        asked += extras["dev"]
    return [Requirement(one) for one in asked]


def unmet(asked: list[Requirement], lock: Lock) -> list[str]:
    """Return what is asked for and not locked at a version that will do."""
    return [
        str(one)
        for one in asked
        if not lock.get(canonicalize_name(one.name))
        or not all(map(one.specifier.contains, lock[canonicalize_name(one.name)]))
    ]


@pytest.mark.parametrize("name", [*LOCKS, APART])
def test_lock_holds_versions_with_hashes_and_no_address(name: str) -> None:
    assert list(faults(lock_text(name))) == []
    assert "http:" not in lock_text(name)
    assert "https:" not in lock_text(name)


@pytest.mark.parametrize("name", LOCKS)
def test_everything_asked_for_is_locked(name: str) -> None:
    assert unmet(declared(name), pins(lock_text(name))) == [], "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_is_locked_that_nobody_asks_for(name: str) -> None:
    asked = {canonicalize_name(one.name) for one in declared(name)}
    assert direct(lock_text(name)) == asked, "run `make lock`"


@pytest.mark.parametrize(("smaller", "larger"), list(pairwise(LOCKS)))
def test_locks_agree(smaller: str, larger: str) -> None:
    small, large = pins(lock_text(smaller)), pins(lock_text(larger))
    differ = {name: found for name, found in small.items() if not found <= large.get(name, set())}
    assert differ == {}, f"{smaller} and {larger} differ; run `make lock`"


def test_a_bad_lock_would_be_found() -> None:
    hashed = f"    --hash=sha256:{'0' * 64}\n"
    assert list(faults(f"a==1 \\\n{hashed}")) == []
    assert list(faults("a==1\n")) == ["`a==1` has no hash"]
    assert list(faults(f"a>=1 \\\n{hashed}")) == ["`a>=1 \\` is no pinned version"]
    assert list(faults(f"a==1 \\\n{hashed}--index-url https://example.org\n"))
    assert list(faults(f"a @ https://example.org/a.whl \\\n{hashed}"))
    assert unmet([Requirement("a>=2"), Requirement("b")], {"a": {"1.0"}}) == ["a>=2", "b"]
