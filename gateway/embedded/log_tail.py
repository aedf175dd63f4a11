"""The last lines of a log file that may be shown on a screen: never a value, never a person."""

import re
from pathlib import Path

SHOWN = 8
READ_BYTES = 16_384
STRUCTURED = re.compile(r"^\{.*\}$")
# A traceback's places are safe to show, its messages may quote what somebody sent.
PLACE = re.compile(r'^\s+File "[^"]+", line \d+, in \S+$')
EXCEPTION = re.compile(r"^(?:[\w.]+\.)?(\w+(?:Error|Exception|Exit|Interrupt|Warning|Timeout))\b")
ENGINE = re.compile(r"(?:\b(?:FATAL|PANIC|LOG)\b:|\b(?:ERROR|FATAL|WARN)\b |^error:|^Error:)")


def safe_tail(log: Path, *, lines: int = SHOWN) -> list[str]:
    """Return the last lines of the log that hold places, codes and names of errors only."""
    kept = (_safe(line) for line in _last_lines(log))
    return [line for line in kept if line][-lines:]


def _last_lines(log: Path) -> list[str]:
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - READ_BYTES))
        return file.read().decode(errors="replace").splitlines()


def _safe(line: str) -> str:
    if STRUCTURED.match(line) or PLACE.match(line) or ENGINE.search(line):
        return line.rstrip()[:200]
    named = EXCEPTION.match(line)
    return f"{named[1]} (its message is in the log file)" if named else ""
