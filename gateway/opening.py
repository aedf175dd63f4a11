"""How every command opens the hub, and how it says in one line why it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from gateway.exchange.hub import Hub
    from gateway.settings import Settings


@contextmanager
def opened(code: int = 1) -> "Iterator[Hub]":
    """Give the hub of the environment's settings.

    Without settings or database, and for a request that the hub does not take, exit with `code`.
    """
    from gateway.errors import InvalidRequest, SourceUnavailable
    from gateway.exchange.hub import open_hub

    hub = open_hub(settings(code))
    try:
        yield hub
    except InvalidRequest as error:
        fail(f"{error.where}: {error}" if error.where else str(error), code)
    except SourceUnavailable as error:
        fail(str(error), code)
    finally:
        hub.engine.dispose()


def settings(code: int = 1) -> "Settings":
    """Return the environment's settings; exit with `code` when one is missing or wrong."""
    from gateway.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        fail(str(error), code)


def fail(message: str, code: int = 1) -> NoReturn:
    """Say in one line what is wrong, and exit."""
    typer.echo(message, err=True)
    raise typer.Exit(code)
