"""Sign-in and access rules for the laptop's Apache Kafka, as a production cluster has them.

Everybody signs in; the operator may do everything, anybody else only what a rule allows.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

CONTROLLER: Final = "CONTROLLER"
MECHANISM: Final = "SCRAM-SHA-512"
_MODULE: Final = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Who runs the cluster, and how its listener proves itself.

    With a certificate (PEM: chain and unencrypted PKCS#8 key) the listener speaks TLS. Unsigned
    tokens are Kafka's own stand-in for a token service: good for a test of OAUTHBEARER only.
    """

    operator: str
    password: str = field(repr=False)
    certificate: Path | None = None
    private_key: Path | None = None
    unsigned_tokens: bool = False

    @property
    def protocol(self) -> str:
        """Return what clients speak."""
        return "SASL_SSL" if self.certificate else "SASL_PLAINTEXT"

    def format_words(self) -> tuple[str, ...]:
        """Return the words that give a new storage its first user."""
        return ("--add-scram", f"{MECHANISM}=[name={self.operator},password={self.password}]")

    def properties(self, listener: str) -> dict[str, object]:
        """Return what the server needs beside its ordinary properties."""
        return {
            **self._clients(f"listener.name.{listener.lower()}"),
            **self._controller(f"listener.name.{CONTROLLER.lower()}"),
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{self.operator}",
        }

    def _clients(self, prefix: str) -> dict[str, object]:
        scram = f"{_MODULE}.scram.ScramLoginModule required {self._credentials()};"
        found: dict[str, object] = {
            f"{prefix}.sasl.enabled.mechanisms": MECHANISM,
            f"{prefix}.scram-sha-512.sasl.jaas.config": scram,
        }
        if self.unsigned_tokens:
            tokens = f"{_MODULE}.oauthbearer.OAuthBearerLoginModule required"
            found[f"{prefix}.sasl.enabled.mechanisms"] = f"{MECHANISM},OAUTHBEARER"
            found[f"{prefix}.oauthbearer.sasl.jaas.config"] = (
                f'{tokens} unsecuredLoginStringClaim_sub="{self.operator}";'
            )
        return found | self._tls(prefix)

    def _controller(self, prefix: str) -> dict[str, object]:
        # The controller cannot look users up before it runs: PLAIN needs no look-up.
        known = f'{self._credentials()} user_{self.operator}="{self.password}"'
        plain = f"{_MODULE}.plain.PlainLoginModule required {known};"
        return {
            "sasl.mechanism.controller.protocol": "PLAIN",
            f"{prefix}.sasl.enabled.mechanisms": "PLAIN",
            f"{prefix}.plain.sasl.jaas.config": plain,
        }

    def _tls(self, prefix: str) -> dict[str, object]:
        if self.certificate is None or self.private_key is None:
            return {}
        return {
            f"{prefix}.ssl.keystore.type": "PEM",
            f"{prefix}.ssl.keystore.certificate.chain": _on_one_line(self.certificate),
            f"{prefix}.ssl.keystore.key": _on_one_line(self.private_key),
            f"{prefix}.ssl.truststore.type": "PEM",
            f"{prefix}.ssl.truststore.certificates": _on_one_line(self.certificate),
        }

    def _credentials(self) -> str:
        return f'username="{self.operator}" password="{self.password}"'


def _on_one_line(file: Path) -> str:
    return file.read_text(encoding="ascii").strip().replace("\n", "\\n")
