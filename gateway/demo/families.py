"""What the parents do: see the services around their child, give, stop, and see who looked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx

from gateway import clock
from gateway.demo.browser import Browser
from gateway.demo.telling import DemoFailure

MOTHER: Final = "yasmina-el-amrani"
FATHER: Final = "wouter-peeters"
STRANGER: Final = "sam-onbekend"
LANGUAGE: Final = "en"
DAYS: Final = 90
_STATE: Final = "state-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service on the parent's page: `state` is may_see, may_not_see or a wait."""

    service: str
    state: str
    says: str
    sees: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One line of the page that says who looked."""

    service: str
    state: str
    says: str
    what: str


class Parent:
    """A parent at a browser; the pages are read in English here, they speak Dutch by default."""

    def __init__(self, hub: str) -> None:
        self._browser = Browser(hub)

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()

    def sign_in(self, subject: str) -> httpx.Response:
        """Sign in and return the hub's last answer."""
        return self._browser.sign_in(subject)

    def services(self) -> dict[str, Row]:
        """Return the services around the child, by name, as the page shows them."""
        page = self._browser.page(f"/?taal={LANGUAGE}")
        rows = (_row(item) for item in page.find_class("service"))
        return {row.service: row for row in rows}

    def child(self) -> str:
        """Return the child's id in the addresses of the parent's pages."""
        links = self._browser.page("/").xpath("//a[contains(@href, '/wie-keek?kind=')]/@href")
        if len(links) != 1:
            raise DemoFailure("the page shows one child", wanted=1, got=len(links))
        return str(links[0]).partition("=")[2]

    def give(self, service: str, classes: list[str]) -> str:
        """Read the words, say yes to exactly those, and return them."""
        until = clock.brussels_date(clock.now()) + timedelta(days=DAYS)
        order: dict[str, Any] = {
            "child": self.child(),
            "to": service,
            "purpose": "care",
            "until": until.isoformat(),
            "classes": classes,
            "language": LANGUAGE,
        }
        words = self._browser.get("/consents/wording", **order).json()
        given = self._browser.post("/consents", {**order, "wording_sha256": words["sha256"]})
        if given.status_code != httpx.codes.CREATED:
            raise DemoFailure("the yes is recorded", wanted=201, got=given.text)
        return str(words["text"])

    def consents(self) -> list[dict[str, Any]]:
        """Return every decision of the family, as the hub holds it now."""
        return list(self._browser.get("/consents").json()["consents"])

    def stop(self, service: str) -> int:
        """Withdraw what this parent gave to a service; return how many consents that ended."""
        running = [one for one in self.consents() if one["mine"] and not one["withdrawn"]]
        mine = [one["id"] for one in running if one["partner"] == service]
        for consent in mine:
            stopped = self._browser.post(f"/consents/{consent}/withdraw")
            if stopped.status_code != httpx.codes.OK:
                raise DemoFailure("the consent is withdrawn", wanted=200, got=stopped.text)
        return len(mine)

    def looks(self) -> list[Look]:
        """Return who looked, newest first."""
        return [_look(item) for item in self._browser.page("/wie-keek").find_class("look")]

    def log_status(self) -> int:
        """Return what the hub answers when a parent asks for the auditors' log."""
        return self._browser.get("/log").status_code


def _row(item: Any) -> Row:
    state, what = item.find_class("state")[0], item.find_class("service-what")[0]
    return Row(
        service=_text(item.find(".//h3")),
        state=_state(state),
        says=_text(state),
        sees=tuple(_text(one) for one in what.iter("li")),
    )


def _look(item: Any) -> Look:
    state = item.find_class("state")[0]
    return Look(
        service=_text(item.find(".//strong")),
        state=_state(state),
        says=_text(state),
        what=_text(item.find(".//dd")),
    )


def _state(element: Any) -> str:
    names = str(element.get("class")).split()
    return next(name.removeprefix(_STATE) for name in names if name.startswith(_STATE))


def _text(element: Any) -> str:
    return " ".join(str(element.text_content()).split())
