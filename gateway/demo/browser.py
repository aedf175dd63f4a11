"""A person at a browser: cookies, pages, and signing in at the provider as a person does."""

from typing import Final

import httpx
from lxml import html

from gateway.demo.telling import DemoFailure

TIMEOUT_SECONDS: Final = 20.0


class Browser:
    """One person's session with the hub; whoever signs in is chosen at the provider's page."""

    def __init__(self, hub: str) -> None:
        # A web proxy of the machine cannot reach servers on the machine itself.
        self._web = httpx.Client(base_url=hub, timeout=TIMEOUT_SECONDS, trust_env=False)
        self._csrf = ""

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def sign_in(self, subject: str) -> httpx.Response:
        """Go through the sign-in provider (OpenID Connect) and return the hub's last answer."""
        provider = _place(self._web.get("/aanmelden"))
        if f'value="{subject}"' not in self._web.get(provider).text:
            raise DemoFailure("the provider's page has a button", wanted=subject, got="no button")
        back = _place(self._web.post(provider, data={"sub": subject}))
        answer = self._web.get(back)
        self._csrf = self._web.get("/consents").headers.get("x-csrf-token", "")
        return answer

    def get(self, path: str, **query: str | list[str]) -> httpx.Response:
        """Ask for a page or for JSON."""
        return self._web.get(path, params=query or None)

    def page(self, path: str) -> html.HtmlElement:
        """Return a page that must be there."""
        answer = self.get(path)
        if answer.status_code != httpx.codes.OK:
            raise DemoFailure(f"the page {path} is shown", wanted=200, got=answer.status_code)
        return html.fromstring(answer.content)

    def post(self, path: str, body: dict[str, object] | None = None) -> httpx.Response:
        """Change something, with the token that only the hub's own pages hold."""
        return self._web.post(path, json=body, headers={"X-CSRF-Token": self._csrf})


def _place(answer: httpx.Response) -> str:
    place = answer.headers.get("location")
    if not place:
        raise DemoFailure("the sign-in goes on", wanted="a redirect", got=answer.status_code)
    return str(place)
