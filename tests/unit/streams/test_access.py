"""How a client signs in at the cluster: complete or refused, and the secret never in sight."""

from pathlib import Path

import pytest

from gateway.embedded.failure import EngineError
from gateway.embedded.guard import Guard
from gateway.embedded.kafka import make_broker
from gateway.settings import KafkaSettings, SettingsError, load_kafka_settings
from gateway.streams.access import Access, access_of

SECRET = "a-password-nobody-may-see"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    return file


def test_an_open_cluster_needs_nothing() -> None:
    assert access_of(KafkaSettings()).options() == {}


def test_scram_over_tls_is_what_kafka_python_expects(secret: Path) -> None:
    settings = KafkaSettings(
        kafka_security_protocol="SASL_SSL",
        kafka_user="hub",
        kafka_password_file=str(secret),
        kafka_ca_file="/ca.pem",
    )
    assert access_of(settings).options() == {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": "/ca.pem",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "hub",
        "sasl_plain_password": SECRET,
    }


def test_a_new_password_counts_for_the_next_connection(secret: Path) -> None:
    access = Access(protocol="SASL_SSL", user="hub", secret=secret)
    secret.write_text("another")
    assert access.options()["sasl_plain_password"] == "another"


def test_a_token_is_read_each_time_somebody_signs_in(secret: Path) -> None:
    access = Access(protocol="SASL_SSL", mechanism="OAUTHBEARER", secret=secret)
    provider = access.options()["sasl_oauth_token_provider"]
    assert provider.token() == SECRET
    secret.write_text("fresh")
    assert provider.token() == "fresh"


def test_tls_alone_signs_nobody_in() -> None:
    assert Access(protocol="SSL").options() == {"security_protocol": "SSL"}


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, "kafka_password_file"),
        (
            {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_PASSWORD_FILE": "/x"},
            "kafka_user",
        ),
        ({"KAFKA_SASL_MECHANISM": "PLAIN"}, "DEELREGIE_KAFKA_SASL_MECHANISM"),
    ],
)
def test_half_a_sign_in_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"DEELREGIE_{name}", value)
    with pytest.raises(SettingsError, match=missing):
        load_kafka_settings()


def test_no_secret_shows_when_something_is_printed(secret: Path) -> None:
    access = Access(protocol="SASL_SSL", user="hub", secret=secret)
    guard = Guard(operator="operator", password=SECRET)
    assert SECRET not in f"{access!r} {access!s} {guard!r}"


def test_a_broker_that_cannot_guard_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="only --kafka apache"):
        make_broker("tansu", tmp_path / "kafka", guard=Guard(operator="o", password="p"))
