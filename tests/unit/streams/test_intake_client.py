import hashlib
import json
from pathlib import Path

import pytest

from adapters.opening import Opened
from adapters.translate import open_record
from gateway import clock
from gateway.identity.jose import decrypt_with, new_signing_jwk, public_part
from gateway.identity.partner_token import verify_intake_assertion
from gateway.kit.samples import ALLOWED, SOURCES
from gateway.streams.client import LARGEST_MESSAGE
from gateway.streams.intake_client import Handed, Sender, handed, sealed_record

ISSUER = "https://hub.example"
RAW = "<dossier>Noor, 90710208412</dossier>".encode("utf-16")
HUB_KEY = new_signing_jwk(use="enc")
SENDER = Sender(partner="vaph", private_jwk=new_signing_jwk())


def record(raw: bytes = RAW) -> Handed:
    return handed("vaph", "dossier.xml", raw, content_type=None, idempotency_key=None)


def sealed(one: Handed) -> tuple[bytes, dict[str, str]]:
    value, headers = sealed_record(one, SENDER, public_part(HUB_KEY), issuer=ISSUER, at=clock.now())
    return value, {name: text.decode() for name, text in headers}


def test_the_hub_reads_exactly_what_was_handed_in() -> None:
    value, _ = sealed(record())
    assert decrypt_with(json.dumps(HUB_KEY), value) == RAW


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*/*.*")), ids=lambda one: one.name)
def test_a_file_is_announced_as_what_it_is(path: Path) -> None:
    announced = handed(
        path.parent.name, path.name, b"", content_type=None, idempotency_key=None
    ).content_type
    read = open_record(path.parent.name, path.read_bytes(), ALLOWED)
    assert isinstance(read, Opened)
    assert announced in read.layout.media_types


def test_nobody_else_reads_it() -> None:
    value, headers = sealed(record())
    assert decrypt_with(json.dumps(new_signing_jwk(use="enc")), value) is None
    seen = value + json.dumps(headers).encode()
    assert b"90710208412" not in seen
    assert "Noor".encode("utf-16-le") not in seen


def test_the_assertion_proves_who_wrote_these_bytes_for_this_hub() -> None:
    _, headers = sealed(record())
    keys = {"keys": [public_part(SENDER.private_jwk)]}
    proof, at = headers["intake-assertion"], clock.now()
    claims = verify_intake_assertion(proof, keys=keys, issuer=ISSUER, at=at)
    assert claims is not None
    assert claims["iss"] == "vaph"
    assert claims["sha256"] == hashlib.sha256(RAW).hexdigest()
    assert verify_intake_assertion(proof, keys=keys, issuer="https://other.example", at=at) is None
    stranger = {"keys": [public_part(new_signing_jwk())]}
    assert verify_intake_assertion(proof, keys=stranger, issuer=ISSUER, at=at) is None


def test_the_same_content_has_the_same_key_and_other_content_another() -> None:
    assert record().idempotency_key == record().idempotency_key
    assert record().idempotency_key != record(b"other").idempotency_key


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("a.xml", "application/xml"), ("A.CSV", "text/csv"), ("a.json", "application/json")],
)
def test_the_file_name_tells_the_media_type_unless_it_is_named(name: str, media_type: str) -> None:
    assert (
        handed("x", name, b"", content_type=None, idempotency_key=None).content_type == media_type
    )
    named = handed("x", name, b"", content_type="text/plain", idempotency_key="k")
    assert (named.content_type, named.idempotency_key) == ("text/plain", "k")


def test_a_record_too_large_for_the_stream_is_told_so_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="over HTTP"):
        sealed(record(b"x" * (LARGEST_MESSAGE * 3 // 4)))
