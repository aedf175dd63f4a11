"""The key with which this hub signs checkpoints of its access log."""

from functools import lru_cache

from gateway.exchange.hub import Hub
from gateway.transparency.note import SignerKey


def log_key(hub: Hub) -> SignerKey:
    """Return the key with which this hub signs its checkpoints."""
    return _parsed(hub.settings.log_key.get_secret_value())


@lru_cache(maxsize=4)
def _parsed(written: str) -> SignerKey:
    return SignerKey.parse(written)
