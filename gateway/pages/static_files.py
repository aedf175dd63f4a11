"""The style sheet and the mark: the only files a page loads, from our own origin."""

import hashlib
from collections.abc import MutableMapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

STATIC_PATH: Final = "/static"
_FOLDER: Final = Path(str(files("gateway.pages"))) / "static"


class _PageFiles(StaticFiles):
    """Static files that a browser keeps, but never guesses the type of."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


def mount_static(app: Starlette) -> None:
    """Serve the style sheet and the mark under /static."""
    app.mount(STATIC_PATH, _PageFiles(directory=_FOLDER), name="static")


@cache
def static_url(name: str) -> str:
    """Return the address of a file; it changes with the content, so browsers may keep it."""
    digest = hashlib.sha256((_FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_PATH}/{name}?v={digest}"
