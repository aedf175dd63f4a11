"""A journal of what became of each mutant, so that nothing is lost when a run is stopped."""

import json
from pathlib import Path
from typing import Final

Key = tuple[str, str, str, str]
"""File, place, what stood there and what stands there in the mutant."""
_JOURNAL: Final = Path(".cache/mutation/journal.jsonl")


def forget() -> None:
    """Begin anew."""
    _JOURNAL.unlink(missing_ok=True)


def remember(key: Key, verdict: str) -> None:
    """Write one verdict down at once; a later one on the same mutant counts."""
    _JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    with _JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(json.dumps([*key, verdict]) + "\n")


def remembered() -> dict[Key, str]:
    """Give the last verdict on every mutant."""
    if not _JOURNAL.exists():
        return {}
    lines = _JOURNAL.read_text("utf-8").splitlines()
    entries = (json.loads(line) for line in lines)
    return {(path, place, was, becomes): verdict for path, place, was, becomes, verdict in entries}
