"""Apache Kafka as production has it: TLS, everybody signs in, nothing is allowed without a rule."""

import ipaddress
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka.admin import (
    ScramMechanism,  # pyright: ignore[reportAttributeAccessIssue]  # it is there
    UserScramCredentialUpsertion,  # pyright: ignore[reportAttributeAccessIssue]  # idem
)

from gateway.embedded.guard import Guard
from gateway.embedded.kafka import Backend, Broker, make_broker
from gateway.embedded.ports import LOOPBACK
from gateway.streams.access import OAUTH, Access
from gateway.streams.client import open_admin
from tests.support.engines import engine_folder

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class GuardedKafka:
    """A running cluster and the folder with everybody's secret."""

    broker: Broker
    folder: Path

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    @property
    def authority(self) -> Path:
        return self.folder / "broker.pem"

    def access(self, user: str) -> Access:
        """Return how a user signs in; the first time, the cluster gets to know it."""
        secret = self.folder / f"{user}.password"
        if not secret.exists():
            secret.write_text(secrets.token_urlsafe(24))
            if user != OPERATOR:
                self._introduce(user, secret.read_text())
        return self.with_secret(user, secret)

    def with_secret(self, user: str, secret: Path) -> Access:
        return Access(protocol="SASL_SSL", user=user, secret=secret, authority=self.authority)

    def by_token(self, user: str) -> Access:
        """Return how a user signs in with a token, as Kafka's stand-in for a service makes it."""
        token = self.folder / f"{user}.token"
        now = datetime.now(UTC)
        claims = {
            "sub": user,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(hours=1)).timestamp()),
        }
        token.write_text(f"{_encoded({'alg': 'none'})}.{_encoded(claims)}.")
        return Access(protocol="SASL_SSL", mechanism=OAUTH, secret=token, authority=self.authority)

    def environment(self, user: str) -> dict[str, str]:
        """Return the settings with which a program signs in as a user."""
        access = self.access(user)
        return {
            "DEELREGIE_KAFKA_BOOTSTRAP": self.bootstrap,
            "DEELREGIE_KAFKA_SECURITY_PROTOCOL": access.protocol,
            "DEELREGIE_KAFKA_SASL_MECHANISM": access.mechanism,
            "DEELREGIE_KAFKA_USER": user,
            "DEELREGIE_KAFKA_PASSWORD_FILE": str(access.secret),
            "DEELREGIE_KAFKA_CA_FILE": str(access.authority),
        }

    def _introduce(self, user: str, password: str) -> None:
        admin = open_admin(self.bootstrap, self.access(OPERATOR))
        try:
            new = UserScramCredentialUpsertion(
                user=user, mechanism=ScramMechanism.SCRAM_SHA_512, password=password
            )
            assert admin.alter_user_scram_credentials([new]) == {user: None}
        finally:
            admin.close()


@contextmanager
def guarded_kafka() -> Iterator[GuardedKafka]:
    """Run a cluster that knows its operator only."""
    with engine_folder() as folder:
        password = secrets.token_urlsafe(24)
        (folder / f"{OPERATOR}.password").write_text(password)
        certificate, key = _certificate(folder)
        guard = Guard(
            operator=OPERATOR,
            password=password,
            certificate=certificate,
            private_key=key,
            unsigned_tokens=True,
        )
        with make_broker(Backend.APACHE, folder / "kafka", guard=guard) as broker:
            yield GuardedKafka(broker, folder)


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "broker.pem", folder / "broker.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


def _encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
