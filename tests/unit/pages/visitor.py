"""A browser without JavaScript, and the pages on their own for it to visit."""

import asyncio
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI
from itsdangerous import TimestampSigner
from sqlalchemy import create_engine

from gateway.api.problems import install_error_handlers
from gateway.auditor import routes as auditor
from gateway.exchange.hub import Hub
from gateway.identity.session import install_sessions
from gateway.pages.static_files import mount_static
from gateway.portal import routes as portal
from gateway.settings import Settings
from gateway.store.vault import Vault

ISSUER = "http://127.0.0.1:8000"
SECRET = "a secret of thirty-two characters"
KEY = b64encode(bytes(32)).decode()


def settings(**changes: Any) -> Settings:
    """Settings for pages alone; nothing in them is reached."""
    values: dict[str, Any] = {
        "environment": "laptop",
        "database_url": "postgresql+psycopg://nobody@/nowhere",
        "issuer": ISSUER,
        "key_encryption_key": KEY,
        "pseudonym_key": KEY,
        "session_secret": SECRET,
        "signing_key": "{}",
        "intake_key": "{}",
        "log_key": "PRIVATE+KEY+hub.test/log",
        "oidc_issuer": "http://127.0.0.1:9000",
        "oidc_client_id": "deelregie",
        "oidc_client_secret": "secret",
    }
    return Settings(**(values | changes))


def pages_app(chosen: Settings) -> FastAPI:
    """The pages as the hub serves them, on a database that is never reached."""
    app = FastAPI()
    engine = create_engine(chosen.database_url.get_secret_value())
    app.state.hub = Hub(chosen, engine, Vault.from_base64(KEY, KEY))
    install_error_handlers(app)
    install_sessions(app, chosen)
    app.include_router(portal.router)
    app.include_router(auditor.router)
    mount_static(app)
    return app


class Visitor:
    """A browser without JavaScript: keeps cookies, follows nothing by itself."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.cookies = httpx.Cookies()

    def signed_in(self, **session: Any) -> "Visitor":
        moment = int(datetime.now(UTC).timestamp())
        held = {"since": moment, "seen": moment, "csrf": "token", "roles": [], **session}
        data = b64encode(json.dumps(held).encode())
        signed = TimestampSigner(SECRET).sign(data).decode()
        self.cookies.set("deelregie", signed, domain="127.0.0.1")
        return self

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        return self._ask("POST", path, data=data or {}, headers=headers)

    def post_json(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self._ask("POST", path, json=body, headers=headers)

    def _ask(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        kwargs["headers"] = {
            name.replace("_", "-"): value for name, value in kwargs["headers"].items()
        }
        return asyncio.run(self._send(method, path, kwargs))

    async def _send(self, method: str, path: str, kwargs: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url=ISSUER, cookies=self.cookies
        ) as client:
            response = await client.request(method, path, **kwargs)
            self.cookies = client.cookies
            return response
