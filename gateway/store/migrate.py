"""Bring a database to the schema of this version."""

from functools import cache
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def upgrade(database_url: str, revision: str = "head") -> None:
    """Run the migrations that are missing, each in its own transaction."""
    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Undo migrations; for tests and rescue."""
    command.downgrade(_config(database_url), revision)


@cache
def head() -> str:
    """Return the newest revision this version knows."""
    found = ScriptDirectory.from_config(_config("")).get_current_head()
    assert found is not None
    return found


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("gateway.store") / "migrations"))
    config.attributes["database_url"] = database_url
    return config
