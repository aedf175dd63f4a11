"""The secrets of one laptop installation: made at the first start, kept beside the data."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from joserfc.jwk import ECKey

from gateway.embedded.failure import EngineError
from gateway.transparency.note import SignerKey

FILE = "keys.json"
CLIENT_ID = "deelregie"
LOG_KEY = "DEELREGIE_LOG_KEY"
LOG_NAME = "deelregie.laptop/log"


def keep_keys(folder: Path, *, data_exists: bool) -> Mapping[str, str]:
    """Return the secret settings of this data folder, making them when the folder is new."""
    file = folder / FILE
    if file.exists():
        return _complete(file, _read(file))
    if data_exists:
        # New keys would leave every stored record unreadable without saying so.
        raise EngineError(
            f"{file} is gone and the data in {folder} cannot be read without it; "
            "put it back, or start again with --reset"
        )
    keys = _make()
    _write(file, keys)
    return keys


def _complete(file: Path, kept: Mapping[str, str]) -> Mapping[str, str]:
    """Add the key of the log to a folder of before it had one; no line was ever signed there."""
    if LOG_KEY in kept:
        return kept
    keys = {**kept, LOG_KEY: _log_key()}
    _write(file, keys)
    return keys


def _make() -> dict[str, str]:
    return {
        "DEELREGIE_KEY_ENCRYPTION_KEY": _random_key(),
        "DEELREGIE_PSEUDONYM_KEY": _random_key(),
        "DEELREGIE_SESSION_SECRET": secrets.token_urlsafe(48),
        "DEELREGIE_SIGNING_KEY": _private_jwk(use="sig", algorithm="ES256"),
        "DEELREGIE_INTAKE_KEY": _private_jwk(use="enc", algorithm="ECDH-ES+A256KW"),
        LOG_KEY: _log_key(),
        "DEELREGIE_OIDC_CLIENT_ID": CLIENT_ID,
        "DEELREGIE_OIDC_CLIENT_SECRET": secrets.token_urlsafe(32),
    }


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _log_key() -> str:
    return SignerKey.generate(LOG_NAME).secret()


def _private_jwk(*, use: str, algorithm: str) -> str:
    key = ECKey.generate_key("P-256", {"use": use, "alg": algorithm}, private=True, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _write(file: Path, keys: Mapping[str, str]) -> None:
    # Written aside and renamed, so a crash leaves either no keys or all of them.
    aside = file.with_suffix(".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(dict(keys), out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)


def _read(file: Path) -> Mapping[str, str]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise EngineError(f"{file} cannot be read; put back a good copy or use --reset") from fault
    return {str(name): str(value) for name, value in kept.items()}
