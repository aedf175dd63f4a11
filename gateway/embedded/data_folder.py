"""The folder that holds everything of one laptop installation, used by one supervisor at a time."""

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

import psutil

from gateway.embedded.child import Child, leave_none
from gateway.embedded.failure import EngineError
from gateway.embedded.places import is_root, refuse_closed_parents
from gateway.embedded.ports import free_port, is_free

MARKER = "DEELREGIE"
LOCK = "lock"
PORTS = "ports.json"
PROCESSES = "processes.json"
PROMISE = (
    "Everything in this folder belongs to `deelregie up` and `deelregie demo`: engines for a\n"
    "laptop, never for production. `--reset` deletes it.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One process that was started; the start time tells it from a later one with the same id."""

    name: str
    pid: int
    created: float


def default_data_folder() -> Path:
    """Return where `deelregie up` keeps its data unless it is told otherwise."""
    if is_root():
        return Path("/var/lib/deelregie")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "deelregie"


class DataFolder:
    """A marked and locked data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def logs(self) -> Path:
        """Where the log of each process is."""
        return self.path / "logs"

    def open(self) -> None:
        """Make or recognise the folder, take it for this process, end what an earlier one left."""
        refuse_closed_parents(self.path)
        _refuse_strange(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        # Root's engines run under another account, which must get through to its own folder.
        self.path.chmod(0o711 if is_root() else 0o700)
        (self.path / MARKER).write_text(PROMISE, encoding="utf-8")
        self._lock = _take(self.path / LOCK)
        leave_none(self._left_over(), patience=20.0)
        self._make_logs()

    def close(self) -> None:
        """Let another process use the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def reset(self) -> None:
        """Delete everything in the folder; it must be open, hence marked and ours."""
        if self._lock is None:
            raise EngineError("open the data folder before a reset")
        for entry in self.path.iterdir():
            if entry.name in {MARKER, LOCK}:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        self._make_logs()

    def port(self, name: str) -> int:
        """Return the port this name had before when it is free, else another that is kept."""
        file = self.path / PORTS
        ports = _json_object(file)
        kept = ports.get(name)
        if isinstance(kept, int) and is_free(kept):
            return kept
        ports[name] = port = _other_port(set(ports.values()))
        file.write_text(json.dumps(ports), encoding="utf-8")
        return port

    def remember(self, children: Mapping[str, Child]) -> None:
        """Note the running processes, for the next start to end if this one is killed."""
        seen = [_sight(name, child) for name, child in children.items()]
        kept = [asdict(sighting) for sighting in seen if sighting is not None]
        (self.path / PROCESSES).write_text(json.dumps({"processes": kept}), encoding="utf-8")

    def _make_logs(self) -> None:
        self.logs.mkdir(exist_ok=True)
        self.logs.chmod(0o700)

    def _left_over(self) -> list[psutil.Process]:
        kept = _json_object(self.path / PROCESSES).get("processes")
        noted = [Sighting(**entry) for entry in kept] if isinstance(kept, list) else []
        return [process for process in map(_still_there, noted) if process is not None]


def _refuse_strange(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise EngineError(f"{path} is not a folder; give another one with --data")
    if path.exists() and any(path.iterdir()) and not (path / MARKER).is_file():
        raise EngineError(
            f"{path} holds files that are not deelregie's and is left alone; "
            "give an empty or new folder with --data"
        )


def _take(lock: Path) -> IO[str]:
    file = lock.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        file.close()
        raise EngineError(
            f"another deelregie is running on {lock.parent}; stop it or give another --data"
        ) from fault
    return file


def _json_object(file: Path) -> dict[str, object]:
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _other_port(taken: Collection[object]) -> int:
    port = free_port()
    return _other_port(taken) if port in taken else port


def _sight(name: str, child: Child) -> Sighting | None:
    try:
        return (
            Sighting(name=name, pid=child.pid, created=_created(child.pid)) if child.pid else None
        )
    except psutil.NoSuchProcess:
        return None


def _created(pid: int) -> float:
    return psutil.Process(pid).create_time()


def _still_there(noted: Sighting) -> psutil.Process | None:
    try:
        process = psutil.Process(noted.pid)
        return process if abs(process.create_time() - noted.created) < 1.0 else None
    except psutil.NoSuchProcess:
        return None
