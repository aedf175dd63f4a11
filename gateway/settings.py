"""Every setting of the hub, read once at start from the environment; secrets have no default."""

import base64
import os
from typing import Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DEELREGIE_"
# Read by tests and by the laptop's engines, not by the hub.
OUTSIDE = frozenset({"DEELREGIE_TEST_KAFKA", "DEELREGIE_PARTNER_KEY", "DEELREGIE_HUB"})
AES_KEY_BYTES = 32
SECRET_CHARACTERS = 32
_Read = TypeVar("_Read", bound="KafkaSettings")


class SettingsError(ValueError):
    """The settings are not complete or not right; the message names each, never its value."""


class KafkaSettings(BaseSettings):
    """How a client proves itself to the Kafka cluster: the hub, and a partner's own programs.

    The secret stays in a file, so that it can be replaced while the program runs.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How to speak to the brokers; SASL_SSL on a real cluster."
    )
    kafka_sasl_mechanism: Literal["SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        default="SCRAM-SHA-512", description="How to prove who we are, where SASL is spoken."
    )
    kafka_user: str = Field(default="", description="User name for SCRAM.")
    kafka_password_file: str = Field(
        default="", description="File with the password for SCRAM, or the token for OAUTHBEARER."
    )
    kafka_ca_file: str = Field(
        default="", description="PEM file that vouches for the brokers; empty: the system's own."
    )

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> Self:
        if self.kafka_security_protocol.startswith("SASL"):
            if not self.kafka_password_file:
                raise ValueError("kafka_password_file: SASL needs it")
            if self.kafka_sasl_mechanism != "OAUTHBEARER" and not self.kafka_user:
                raise ValueError("kafka_user: SCRAM needs it")
        return self


class Settings(KafkaSettings):
    """The hub's settings; environment variables are the field names with DEELREGIE_ before them."""

    environment: Literal["production", "laptop"] = Field(
        default="production", description="`production`, or `laptop` for demo and tests."
    )
    database_url: SecretStr = Field(description="SQLAlchemy URL of PostgreSQL 15 or newer.")
    kafka_bootstrap: str = Field(
        default="", description="host:port list of the Kafka cluster; empty runs without streams."
    )
    issuer: str = Field(description="Public base URL of the hub; issuer and audience of tokens.")
    key_encryption_key: SecretStr = Field(
        description="32 bytes, base64; wraps the data key of every child and original."
    )
    pseudonym_key: SecretStr = Field(
        description="32 bytes, base64; derives pairwise pseudonyms and look-up hashes."
    )
    session_secret: SecretStr = Field(description="Signs session cookies; 32 characters or more.")
    signing_key: SecretStr = Field(description="Private EC P-256 JWK (JSON); signs access tokens.")
    intake_key: SecretStr = Field(
        description="Private EC P-256 JWK (JSON); partners encrypt stream intake to it."
    )
    log_key: SecretStr = Field(
        description="Private key (C2SP, `deelregie log key NAME`); signs checkpoints of the log."
    )
    log_guard_file: str = Field(
        default="", description="File outside the database for the newest checkpoint; empty: none."
    )
    oidc_issuer: str = Field(description="Issuer URL of the sign-in provider for persons.")
    oidc_client_id: str = Field(description="The hub's client id at the sign-in provider.")
    oidc_client_secret: SecretStr = Field(description="The hub's secret at the sign-in provider.")
    oidc_insz_claim: str = Field(
        default="insz", description="ID-token claim that carries the national number (INSZ)."
    )
    oidc_roles_claim: str = Field(
        default="roles", description="ID-token claim that lists roles; `auditor` opens the log."
    )
    allow_test_numbers: bool = Field(
        default=False, description="Accept test INSZ numbers (birth month + 60); never for real."
    )
    day_registrations: bool = Field(
        default=False, description="Keep each day of help (GIR), not only that there is help."
    )
    max_body_bytes: int = Field(
        default=20_000_000, gt=0, description="Largest accepted record, in bytes."
    )
    access_token_seconds: int = Field(
        default=300, gt=0, le=900, description="Life of an access token, in seconds."
    )
    feed_days: int = Field(
        default=30, gt=0, description="Days that ciphertext stays in a feed after its key is out."
    )
    loopback_webhooks: bool = Field(
        default=False, description="Let webhooks lead to this machine itself; never for real."
    )
    retention: Literal["dry_run", "apply"] = Field(
        default="dry_run",
        description="Whether the calendar erases what retention asks, or only counts it.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe log line that is written."
    )

    @field_validator("key_encryption_key", "pseudonym_key")
    @classmethod
    def _is_a_256_bit_key(cls, value: SecretStr) -> SecretStr:
        if len(base64.b64decode(value.get_secret_value(), validate=True)) != AES_KEY_BYTES:
            raise ValueError("give 32 random bytes in base64")
        return value

    @field_validator("log_key")
    @classmethod
    def _is_a_log_key(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("PRIVATE+KEY+"):
            raise ValueError("give a key that `deelregie log key NAME` made")
        return value

    @field_validator("session_secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < SECRET_CHARACTERS:
            raise ValueError(f"give at least {SECRET_CHARACTERS} random characters")
        return value

    @model_validator(mode="after")
    def _test_numbers_stay_out_of_production(self) -> Self:
        if self.environment == "production" and self.allow_test_numbers:
            raise ValueError("test numbers are refused in production; unset allow_test_numbers")
        return self

    @model_validator(mode="after")
    def _webhooks_leave_the_machine_in_production(self) -> Self:
        if self.environment == "production" and self.loopback_webhooks:
            raise ValueError("production calls public addresses only; unset loopback_webhooks")
        return self


def load_settings() -> Settings:
    """Read the settings from the environment, or raise `SettingsError` naming what to mend.

    An unknown DEELREGIE_ variable is an error too: it is a setting that somebody meant to make.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OUTSIDE
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"unknown settings: {', '.join(unknown)}; see docs/settings.md")
    return _read(Settings)


def load_kafka_settings() -> KafkaSettings:
    """Read only how to sign in at the Kafka cluster: all that a partner's program needs."""
    return _read(KafkaSettings)


def _read(kind: type[_Read]) -> _Read:
    try:
        return kind()
    except ValidationError as error:
        wrong = [_described(one["loc"], one["msg"]) for one in error.errors(include_input=False)]
        # Without the cause: pydantic's own text shows the values, and some are secrets.
        raise SettingsError(f"settings: {'; '.join(wrong)}; see docs/settings.md") from None


def _described(place: tuple[int | str, ...], message: str) -> str:
    name = PREFIX + str(place[0]).upper() if place else "all"
    return f"{name}: {message.lower()}"
