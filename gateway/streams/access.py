"""How a client proves itself to the Kafka cluster, in kafka-python's words."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kafka.net.sasl.oauth import AbstractTokenProvider

from gateway.settings import KafkaSettings

PLAINTEXT: Final = "PLAINTEXT"
OAUTH: Final = "OAUTHBEARER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One principal's way into one cluster; without any words it is an open cluster's.

    The secret is only ever a file: it is read when a connection is made, so a new password or
    token counts without a restart, and it can stand in no log or list of processes.
    """

    protocol: str = PLAINTEXT
    mechanism: str = "SCRAM-SHA-512"
    user: str = ""
    secret: Path | None = field(default=None, repr=False)
    authority: Path | None = None

    def options(self) -> dict[str, Any]:
        """Return the settings of a client; raise OSError when the secret cannot be read."""
        if self.protocol == PLAINTEXT:
            return {}
        chosen: dict[str, Any] = {"security_protocol": self.protocol}
        if self.authority is not None:
            chosen["ssl_cafile"] = str(self.authority)
        return chosen | (self._signed_in() if self.protocol.startswith("SASL") else {})

    def _signed_in(self) -> dict[str, Any]:
        assert self.secret is not None
        if self.mechanism == OAUTH:
            provider = _TokenFile(self.secret)
            return {"sasl_mechanism": OAUTH, "sasl_oauth_token_provider": provider}
        return {
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.user,
            "sasl_plain_password": _read(self.secret),
        }


OPEN: Final = Access()


def access_of(settings: KafkaSettings) -> Access:
    """Return how the holder of these settings comes in."""
    return Access(
        protocol=settings.kafka_security_protocol,
        mechanism=settings.kafka_sasl_mechanism,
        user=settings.kafka_user,
        secret=_path(settings.kafka_password_file),
        authority=_path(settings.kafka_ca_file),
    )


class _TokenFile(AbstractTokenProvider):  # type: ignore[misc]  # the library carries no types
    """A token that somebody else keeps fresh in a file, such as a projected one of Kubernetes."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def token(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]  # theirs is empty
        """Return the token as it stands there now."""
        return _read(self._file)


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()


def _path(text: str) -> Path | None:
    return Path(text) if text else None
