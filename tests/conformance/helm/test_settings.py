"""The chart and the hub's Settings know exactly the same variables."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from gateway.settings import OUTSIDE, PREFIX, Settings, load_settings
from tests.conformance.helm.chart import MATRIX, Manifest, of_kind, pods, rendered

KEY = base64.b64encode(bytes(32)).decode()
JWK = json.dumps(ECKey.generate_key("P-256").as_dict(private=True))
# What an operator puts in the Secret; the chart holds none of it.
SECRETS = {
    "DEELREGIE_DATABASE_URL": "postgresql+psycopg://hub@db/hub",
    "DEELREGIE_KEY_ENCRYPTION_KEY": KEY,
    "DEELREGIE_PSEUDONYM_KEY": KEY,
    "DEELREGIE_SESSION_SECRET": "s" * 32,
    "DEELREGIE_SIGNING_KEY": JWK,
    "DEELREGIE_INTAKE_KEY": JWK,
    "DEELREGIE_LOG_KEY": "PRIVATE+KEY+hub.test/log",
    "DEELREGIE_OIDC_CLIENT_SECRET": "secret",
}


def variable(field: str) -> str:
    return PREFIX + field.upper()


def secret_fields() -> set[str]:
    return {
        variable(name)
        for name, field in Settings.model_fields.items()
        if field.annotation is SecretStr
    }


def plain_variables(manifests: Iterable[Manifest]) -> dict[str, str]:
    [config] = of_kind(manifests, "ConfigMap")
    data: dict[str, str] = config["data"]
    return data


def variables(container: Manifest, plain: dict[str, str]) -> dict[str, Any]:
    """Return each variable of a container with its value, or with where its value comes from."""
    own = {one["name"]: one.get("value", one.get("valueFrom")) for one in container.get("env", [])}
    return (plain if "envFrom" in container else {}) | own


def hub_containers(case: str) -> Iterator[tuple[str, dict[str, Any]]]:
    manifests = rendered(case)
    for name, pod in pods(manifests):
        if not name.startswith("Pod/"):
            for container in pod["containers"]:
                yield name, variables(container, plain_variables(manifests))


@pytest.mark.parametrize("case", MATRIX)
def test_chart_gives_every_process_every_setting_and_nothing_else(case: str) -> None:
    known = {variable(name) for name in Settings.model_fields}
    for name, given in hub_containers(case):
        assert set(given) == known, f"{name}: differs by {sorted(set(given) ^ known)}"


@pytest.mark.parametrize("case", MATRIX)
def test_secrets_come_by_reference_and_are_never_in_a_config_map(case: str) -> None:
    secret = secret_fields()
    for manifest in of_kind(rendered(case), "ConfigMap"):
        assert not set(manifest["data"]) & secret
    assert of_kind(rendered(case), "Secret") == []
    for name, given in hub_containers(case):
        by_reference = {key for key, value in given.items() if isinstance(value, dict)}
        assert by_reference == secret, name
        assert all(set(given[key]) == {"secretKeyRef"} for key in by_reference), name


@pytest.mark.parametrize("case", MATRIX)
def test_hub_starts_on_what_the_chart_gives(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _, given in hub_containers(case):
        with monkeypatch.context() as environment:
            for name in OUTSIDE:
                environment.delenv(name, raising=False)
            for name, value in given.items():
                environment.setenv(name, value if isinstance(value, str) else SECRETS[name])
            assert load_settings().max_body_bytes in {20_000_000, 123_456_789}


def test_defaults_of_the_chart_are_those_of_the_hub() -> None:
    plain = plain_variables(rendered("minimal"))
    for name, field in Settings.model_fields.items():
        if not field.is_required():
            assert plain[variable(name)] == _as_variable(field.default), name


def _as_variable(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_value_of_the_full_case_reaches_the_hub() -> None:
    plain, full = plain_variables(rendered("minimal")), plain_variables(rendered("full"))
    same = {name for name in plain if plain[name] == full[name]}
    assert same == {"DEELREGIE_OIDC_CLIENT_ID"}


def test_migration_may_use_a_role_of_its_own() -> None:
    urls = {name: given["DEELREGIE_DATABASE_URL"] for name, given in hub_containers("full")}
    keys = {name: reference["secretKeyRef"]["key"] for name, reference in urls.items()}
    assert keys == {
        "Deployment/delen-api": "url",
        "Deployment/delen-relay": "url",
        "Job/delen-migrate": "owner-url",
    }
