"""The figures, and whether they are good enough: 95 in 100 killed, and every survivor explained."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.mutation.results import Key

PAGE: Final = Path("docs/mutation.md")
FLOOR: Final = 95.0
"""Per cent of the mutants of all files together that a test must notice."""
_CELL: Final = re.compile(r"(?<!\\)\|")
_COLUMNS: Final = 5
LIVES: Final = "survived"


def known(page: str) -> dict[Key, str]:
    """Read the survivors that a page lists: file, place, was, becomes and why it may live."""
    found: dict[Key, str] = {}
    for line in page.splitlines():
        cells = [_plain(cell) for cell in _CELL.split(line)[1:-1]]
        if len(cells) == _COLUMNS and cells[0].startswith("consent/"):
            path, place, was, becomes, why = cells
            found[path, place, was, becomes] = why
    return found


def _plain(cell: str) -> str:
    return cell.strip().strip("`").replace(r"\|", "|").strip()


def row(key: Key, why: str) -> str:
    """Write a survivor as a row of the page."""
    cells = [f"`{one}`".replace("|", r"\|") if one else "" for one in key]
    return f"| {' | '.join([*cells, why])} |"


def figures(keys: Sequence[Key], verdicts: Mapping[Key, str]) -> str:
    """Write how many mutants of each file were killed."""
    lines = [
        "| File | Mutants | Killed | of which by time | Live | Killed, % |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    files = sorted({path for path, *_ in keys})
    for name in [*files, "all"]:
        counts = Counter(verdicts[key] for key in keys if name in {key[0], "all"})
        total, live = counts.total(), counts[LIVES]
        share = 100 * (total - live) / total
        lines.append(
            f"| {name} | {total} | {total - live} | {counts['timeout']} | {live} | {share:.1f} |"
        )
    return "\n".join([*lines, ""])


def verdict_on(
    keys: Sequence[Key], verdicts: Mapping[Key, str], listed: Mapping[Key, str]
) -> list[str]:
    """Say what is not good enough; empty when everything is."""
    live = [key for key in keys if verdicts[key] == LIVES]
    killed = 100 - 100 * len(live) / len(keys)
    low = [f"{killed:.1f} % killed, and {FLOOR:.0f} % is the least"] if killed < FLOOR else []
    unlisted = [row(key, "?") for key in dict.fromkeys(live) if not listed.get(key)]
    return [*low, *unlisted]


def written(faults: Iterable[str]) -> str:
    """Write what is not good enough, each on a line."""
    lines = list(faults)
    if not lines:
        return f"Enough: what lives is listed in {PAGE} with its reason.\n"
    return "\n".join(["Not enough:", *lines, ""])
