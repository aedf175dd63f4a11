"""How commands for operators and auditors open the hub, and how they say why they cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from gateway.exchange.hub import Hub


@contextmanager
def opened(code: int = 1) -> "Iterator[Hub]":
    """Give the hub of the environment's settings; without settings or database exit with `code`."""
    from gateway.errors import SourceUnavailable
    from gateway.exchange.hub import open_hub
    from gateway.settings import SettingsError, load_settings

    try:
        hub = open_hub(load_settings())
        try:
            yield hub
        finally:
            hub.engine.dispose()
    except (SettingsError, SourceUnavailable) as error:
        fail(str(error), code)


def fail(message: str, code: int = 1) -> NoReturn:
    """Say in one line what is wrong, and exit."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
