"""What every use case needs: settings, database and vault, opened once per process."""

from dataclasses import dataclass

from sqlalchemy import Engine

from gateway.settings import Settings
from gateway.store.engine import open_engine
from gateway.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Hub:
    """One opened hub; safe to share between threads."""

    settings: Settings
    engine: Engine
    vault: Vault


def open_hub(settings: Settings) -> Hub:
    """Return the hub behind these settings; connects on first use."""
    vault = Vault.from_base64(
        settings.key_encryption_key.get_secret_value(), settings.pseudonym_key.get_secret_value()
    )
    return Hub(settings, open_engine(settings.database_url.get_secret_value()), vault)
