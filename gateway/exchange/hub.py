"""What every use case needs: settings, database and vault, opened once per process."""

from dataclasses import dataclass, field

from sqlalchemy import Engine, event

from gateway.exchange.sealing_fuse import SealingFuse
from gateway.settings import Settings
from gateway.store.decision_basis import KnownBases
from gateway.store.engine import open_engine
from gateway.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Hub:
    """One opened hub; safe to share between threads."""

    settings: Settings
    engine: Engine
    vault: Vault
    bases: KnownBases = field(default_factory=KnownBases)
    """What decisions rested on, as far as this process knows it to be stored."""
    fuse: SealingFuse = field(default_factory=SealingFuse)
    """Whether what fails is the messages' own trouble or that of this hub."""


def open_hub(settings: Settings) -> Hub:
    """Return the hub behind these settings; connects on first use."""
    vault = Vault.from_base64(
        settings.key_encryption_key.get_secret_value(), settings.pseudonym_key.get_secret_value()
    )
    hub = Hub(settings, open_engine(settings.database_url.get_secret_value()), vault)
    # Connections break when the database was away, and it may have come back as it was before.
    event.listen(hub.engine, "engine_disposed", lambda _: hub.bases.forget())
    return hub
