"""What the auditor does: search the access log, which names nobody."""

from collections import Counter
from typing import Any, Final

import httpx

from gateway.demo.browser import Browser

AUDITOR: Final = "an-auditor"
MOST_LINES: Final = "500"


class Auditor:
    """An auditor at a browser."""

    def __init__(self, hub: str) -> None:
        self._browser = Browser(hub)

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()

    def sign_in(self) -> httpx.Response:
        """Sign in and return the hub's last answer."""
        return self._browser.sign_in(AUDITOR)

    def page_text(self) -> str:
        """Return the auditor's page as it is sent."""
        return self._browser.get("/audit").text

    def search(self, **filters: str) -> httpx.Response:
        """Search the log as JSON."""
        return self._browser.get("/log", limit=MOST_LINES, **filters)

    def lines(self, **filters: str) -> list[dict[str, Any]]:
        """Return the lines that were found, newest first."""
        return list(self.search(**filters).json()["entries"])


def counted(lines: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count lines by act and outcome."""
    return Counter((line["act"], line["outcome"]) for line in lines)
