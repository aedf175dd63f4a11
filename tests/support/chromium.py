"""Finds a real Chromium for the browser tests, or installs one; `make test` calls it first."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Headless, without a sandbox (containers run as root), and silent towards the outside world.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
APT_SECONDS = 600
HOW_TO = (
    "no Chromium found: install the package `chromium` of your system, or run "
    "`playwright install chromium`, or set CHROMIUM to the path of one"
)


@cache
def find_or_install() -> Path:
    """Return a Chromium: CHROMIUM, one on the path, Playwright's own, or a fresh one."""
    found = find() or _from_playwright() or _from_apt()
    if found is None:
        raise RuntimeError(HOW_TO)
    return found


def find() -> Path | None:
    """Return a Chromium that is already on this machine."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if not Path(chosen).is_file():
            raise RuntimeError("CHROMIUM names no file; set it to the path of a Chromium")
        return Path(chosen)
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    return Path(on_path) if on_path else _playwrights_own()


def launch(playwright: Playwright) -> Browser:
    """Start the browser that was found."""
    return playwright.chromium.launch(
        executable_path=find_or_install(), args=list(FLAGS), headless=True
    )


def _playwrights_own() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None


def _from_playwright() -> Path | None:
    installed = _ran(sys.executable, "-m", "playwright", "install", "chromium")
    return _playwrights_own() if installed else None


def _from_apt() -> Path | None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    if _ran(apt, "update") and _ran(apt, "install", "-y", "--no-install-recommends", "chromium"):
        return find()
    return None


def _ran(*words: str) -> bool:
    try:
        done = subprocess.run(words, check=False, timeout=APT_SECONDS, capture_output=True)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.stdout.write(f"{find_or_install()}\n")
