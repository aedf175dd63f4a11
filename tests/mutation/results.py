"""Remembers what became of each mutant, so that one can look again at what lived."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

Key = tuple[str, str, str, str]
"""File, place, what stood there and what stands there in the mutant."""
_FILE: Final = Path(".cache/mutation/results.json")


def remembered() -> dict[Key, str]:
    """Give the verdicts of earlier runs."""
    if not _FILE.exists():
        return {}
    path, place, was, becomes, verdict = range(5)
    return {
        (one[path], one[place], one[was], one[becomes]): one[verdict]
        for one in json.loads(_FILE.read_text("utf-8"))
    }


def remember(verdicts: Mapping[Key, str]) -> None:
    """Keep the verdicts of this run and the earlier ones."""
    _FILE.parent.mkdir(parents=True, exist_ok=True)
    _FILE.write_text(json.dumps([[*key, verdict] for key, verdict in verdicts.items()]), "utf-8")
