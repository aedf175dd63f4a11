"""Settings are complete and safe at the start, or one sentence says what to mend."""

import base64

import pytest

from gateway import clock
from gateway.exchange.hub import open_hub
from gateway.exchange.records.receive_record import read_options
from gateway.settings import Settings, SettingsError, load_settings

KEY = base64.b64encode(bytes(32)).decode()
GOOD = {
    "DATABASE_URL": "postgresql+psycopg://u:hunter2@db/deelregie",
    "ISSUER": "https://hub.example",
    "KEY_ENCRYPTION_KEY": KEY,
    "PSEUDONYM_KEY": KEY,
    "SESSION_SECRET": "s" * 40,
    "SIGNING_KEY": "{}",
    "INTAKE_KEY": "{}",
    "LOG_KEY": "PRIVATE+KEY+hub.test/log",
    "OIDC_ISSUER": "https://login.example",
    "OIDC_CLIENT_ID": "hub",
    "OIDC_CLIENT_SECRET": "secret",
}


def environment(patch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in (GOOD | changes).items():
        patch.setenv(f"DEELREGIE_{name}", value)


def test_production_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch)
    assert load_settings().environment == "production"
    assert load_settings().allow_test_numbers is False


def test_webhooks_to_the_machine_itself_are_refused_in_production(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment(monkeypatch, LOOPBACK_WEBHOOKS="true")
    with pytest.raises(SettingsError, match="production calls public addresses only"):
        load_settings()


def test_test_numbers_are_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, ALLOW_TEST_NUMBERS="true")
    with pytest.raises(SettingsError, match="test numbers are refused in production"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("SESSION_SECRET", "hunter2"), ("PSEUDONYM_KEY", "aHVudGVyMg=="), ("LOG_LEVEL", "hunter2")],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment(monkeypatch, **{name: value})
    with pytest.raises(SettingsError, match=name) as raised:
        load_settings()
    assert "hunter2" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_days_of_help_are_kept_only_where_somebody_turned_that_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment(monkeypatch)
    assert kept_days(load_settings()) is False
    environment(monkeypatch, DAY_REGISTRATIONS="true")
    assert kept_days(load_settings()) is True


def kept_days(settings: Settings) -> bool:
    """Whether a hub with these settings tells the adapters to keep them."""
    hub = open_hub(settings)
    try:
        return read_options(hub, at=clock.now()).day_registrations
    finally:
        hub.engine.dispose()


def test_an_unknown_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, ALOW_TEST_NUMBERS="true")
    with pytest.raises(SettingsError, match="DEELREGIE_ALOW_TEST_NUMBERS"):
        load_settings()
