"""Partners and auditors that call the hub's application over HTTP, in one process."""

import asyncio
import json
from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from itsdangerous import TimestampSigner

from gateway import clock
from gateway.app import create_app
from gateway.identity.partner_token import RegisteredClient, issue_token
from tests.integration.log.world import Log

CSRF = "token"


class Api:
    """The hub's application on the database of a log."""

    def __init__(self, log: Log) -> None:
        self.settings = log.hub.settings
        self.app: FastAPI = create_app(self.settings)

    def close(self) -> None:
        self.app.state.hub.engine.dispose()

    def token(self, partner: str) -> str:
        scopes = frozenset({"system/*.rs"})
        client = RegisteredClient(id=partner, active=True, scopes=scopes, jwks=None, jwks_uri=None)
        key = self.settings.signing_key.get_secret_value()
        given: Any = {"signing_key": key, "issuer": self.settings.issuer, "seconds": 60}
        return issue_token(client, scopes, at=clock.now(), **given)[0]

    def partner(self, partner: str, method: str, path: str, **more: Any) -> httpx.Response:
        return self.ask(method, path, {"Authorization": f"Bearer {self.token(partner)}"}, **more)

    def auditor(self, method: str, path: str, *, csrf: str = "", **more: Any) -> httpx.Response:
        cookie = self.session(auditor="an-auditor", roles=["auditor"])
        return self.ask(method, path, {"Cookie": cookie, "X-CSRF-Token": csrf}, **more)

    def parent(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.ask(method, path, {"Cookie": self.session(person="somebody")}, **more)

    def session(self, **held: Any) -> str:
        moment = int((clock.now() - timedelta(seconds=1)).timestamp())
        known = {"since": moment, "seen": moment, "csrf": CSRF, "roles": [], **held}
        secret = self.settings.session_secret.get_secret_value()
        signed = TimestampSigner(secret).sign(b64encode(json.dumps(known).encode()))
        return f"deelregie={signed.decode()}"

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            base = self.settings.issuer
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(send())
