"""Commands as a person types them: real `deelregie` processes, each with its owner's settings."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.demo.telling import DemoFailure, Teller
from gateway.embedded.programs import run_once
from gateway.embedded.sign_in import python_path

SECONDS: Final = 120.0
MOST_LINES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """One person's terminal in the demo's folder; `settings` are that person's and no other's."""

    folder: Path
    settings: Mapping[str, str]

    def run(self, *words: str, code: int = 0) -> str:
        """Run one `deelregie` command and return what it printed; it must end as it should."""
        argv = (sys.executable, "-m", "gateway.cli", *words)
        env = {**python_path(), **self.settings}
        done = run_once(argv, folder=self.folder, env=env, seconds=SECONDS)
        if done.code != code:
            raise DemoFailure(
                f"`{command(*words)}` ends as it should",
                wanted=f"exit code {code}",
                got=f"exit code {done.code}: {done.complaint}",
            )
        return done.out

    def show(self, teller: Teller, *words: str, code: int = 0) -> str:
        """Run a command in front of the reader."""
        teller.typed(command(*words))
        printed = self.run(*words, code=code)
        lines = printed.rstrip().splitlines()
        teller.shows(lines[:MOST_LINES])
        if len(lines) > MOST_LINES:
            teller.shows([f"... and {len(lines) - MOST_LINES} lines more"])
        return printed

    def save_settings(self, file: Path) -> None:
        """Write the settings as a shell file, for the reader to take this person's place."""
        program = Path(sys.executable).parent
        lines = [f"export PATH={shlex.quote(str(program))}:$PATH"]
        lines += [f"export {name}={shlex.quote(text)}" for name, text in self.settings.items()]
        file.touch(mode=0o600)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def command(*words: str) -> str:
    """Return a `deelregie` command as it is typed."""
    return f"deelregie {shlex.join(words)}"


def forget_other_hubs() -> None:
    """Drop the settings of a hub that somebody really runs: the demo may never touch it."""
    for name in [name for name in os.environ if name.startswith("DEELREGIE_")]:
        del os.environ[name]
    # A web proxy cannot reach servers on this machine.
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, [known, "127.0.0.1", "localhost"]))
