"""Where the engines' files live: package binaries, sockets, and who may reach a folder."""

import hashlib
import importlib.util
import os
import pwd
import stat
import tempfile
from pathlib import Path

from gateway.embedded.failure import EngineError
from gateway.embedded.programs import Account

# The kernel takes 108 bytes, macOS 104; the socket's own name is part of it.
LONGEST_SOCKET = 99


def package_folder(package: str) -> Path | None:
    """Return where a package is installed, without importing it; None when it is absent."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def is_root() -> bool:
    """Tell whether this process may do anything on the machine."""
    return os.geteuid() == 0


def refuse_closed_parents(folder: Path) -> None:
    """Refuse, when root, a folder that an unprivileged engine cannot reach."""
    closed = closed_parent(folder) if is_root() else None
    if closed is not None:
        raise EngineError(
            f"PostgreSQL does not run as root and its own account cannot enter {closed}; "
            "give a folder outside it, for example --data /var/lib/deelregie"
        )


def closed_parent(path: Path) -> Path | None:
    """Return the first folder above the path that other accounts may not enter."""
    for parent in reversed(path.resolve().parents):
        if parent.exists() and not parent.stat().st_mode & stat.S_IXOTH:
            return parent
    return None


def engine_account(owned: Path) -> Account | None:
    """Return the account for an engine that refuses root; data that is there keeps its owner."""
    if not is_root():
        return None
    if owned.exists() and owned.stat().st_uid != 0:
        return Account(uid=owned.stat().st_uid, gid=owned.stat().st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise EngineError("PostgreSQL does not run as root; run this as an ordinary user")


def private_folder(folder: Path, account: Account | None) -> Path:
    """Make a folder that only the account (and root) may enter."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def socket_folder(preferred: Path, socket_name: str, account: Account | None) -> Path:
    """Return a private folder for a unix socket, short enough for the kernel."""
    if len(str(preferred / socket_name)) <= LONGEST_SOCKET:
        return private_folder(preferred, account)
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"deelregie-{os.geteuid()}-{digest}"
    _refuse_strangers(short, account)
    return private_folder(short, account)


def _refuse_strangers(folder: Path, account: Account | None) -> None:
    # The folder lies in a place everybody may write: somebody else's would read our traffic.
    if folder.is_symlink() or (folder.exists() and not _is_ours(folder, account)):
        raise EngineError(
            f"{folder} belongs to somebody else; remove it or shorten the data folder"
        )


def _is_ours(folder: Path, account: Account | None) -> bool:
    owners = {os.geteuid()} | ({account.uid} if account else set())
    return folder.stat().st_uid in owners
