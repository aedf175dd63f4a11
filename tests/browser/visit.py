"""One person in front of one browser: what they do, and what their browser asked for."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import ConsoleMessage, Locator, Page, Route, ViewportSize, expect

from tests.support.families import Family
from tests.support.running_hub import RunningHub

THIS_MACHINE = {"127.0.0.1", "localhost"}
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=320, height=800)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A child that VAPH and CLB told about."""

    family: Family
    patient: str


class Visit:
    """One person in front of one browser."""

    def __init__(self, page: Page, system: RunningHub) -> None:
        self.page = page
        self.system = system
        self.left: list[str] = []
        self.complaints: list[str] = []
        page.route("**/*", self._watch)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1")

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("status")

    def row(self, service: str) -> Locator:
        return self.page.locator("li.service").filter(has_text=service)

    def open(self, path: str = "/") -> None:
        self.page.goto(self.system.base_url + path)

    def follow(self, way: Locator) -> None:
        """Press what leads to another page, and be there: a click alone does not wait for it."""
        with self.page.expect_navigation():
            way.click()

    def sign_in(self, subject: str) -> None:
        """Go from the page's own link to the provider and back."""
        self.page.get_by_role("link", name="Aanmelden").click()
        self.page.locator("input[name=sub]").fill(subject)
        self.page.get_by_role("button", name="Authorize").click()
        self.page.wait_for_url(f"{self.system.base_url}/**")

    def sign_in_parent(self, insz: str) -> None:
        provider, subject = self.system.stack.addresses.sign_in, f"person-{insz}"
        httpx.put(f"{provider}/users/{subject}", json={"insz": insz}).raise_for_status()
        self.open()
        self.sign_in(subject)
        expect(self.heading).to_have_text("Wie mag wat zien?")

    def choose(self, service: str, *classes: str) -> None:
        """Go from the overview to the question about these classes."""
        self.follow(self.page.get_by_role("link", name=f"Geef toestemming aan {service}"))
        for name in classes:
            self.page.get_by_label(name).check()
        self.follow(self.page.get_by_role("button", name="Verder"))

    def give(self, service: str, *classes: str) -> None:
        self.choose(service, *classes)
        self.follow(self.page.get_by_role("button", name="Ja", exact=True))
        expect(self.message).to_contain_text(f"Je gaf toestemming aan {service}")

    def stop(self, service: str) -> None:
        self.follow(self.page.get_by_role("link", name=f"Stop: {service}"))
        self.follow(self.page.get_by_role("button", name="Stop", exact=True))

    def _watch(self, route: Route) -> None:
        asked = route.request
        if urlsplit(asked.url).hostname in THIS_MACHINE:
            route.continue_()
            return
        # The test provider's own pages name a style sheet elsewhere; ours may name nothing.
        if asked.frame.url.startswith(self.system.base_url):
            self.left.append(asked.url)
        route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        # A refusal answers 4xx on purpose, which Chromium also writes down.
        ours = message.location.get("url", "").startswith(self.system.base_url)
        if message.type == "error" and ours and "status of 4" not in message.text:
            self.complaints.append(message.text)
