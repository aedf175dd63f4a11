"""Makes the test vectors of sealed messages: `python -m tests.support.event_vectors` writes them.

Built from the parts of RFC 7516 on a plain AES-GCM, apart from the library that the hub seals with:
two ways that agree. Keys, ids and texts are invented and fixed, so that the files never change.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FOLDER = Path("schemas/events/vectors")
NAME = "sealed-message.v1.json"
IDS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 6)]
BUNDLE = (
    '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Observation"'
    ',"status":"final","code":{"text":"Gewicht: één"},"valueQuantity":{"value":84.0,"unit":"kg"}}}'
    "]}"
)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_of(kid: str) -> bytes:
    return hashlib.sha256(f"key of {kid}".encode()).digest()


def jwk_of(kid: str) -> dict[str, str]:
    """Return what `POST /keys` answers as `jwk`."""
    return {"kty": "oct", "k": base64url(key_of(kid)), "alg": "A256GCM", "use": "enc", "kid": kid}


def sealed(kid: str, plaintext: bytes) -> str:
    """Return the five parts of RFC 7516: header, no encrypted key, nonce, ciphertext, tag."""
    header = base64url(json.dumps({"alg": "dir", "enc": "A256GCM", "kid": kid}).encode())
    nonce = hashlib.sha256(f"nonce of {kid}".encode()).digest()[:12]
    both = AESGCM(key_of(kid)).encrypt(nonce, plaintext, header.encode())
    return f"{header}..{base64url(nonce)}.{base64url(both[:-16])}.{base64url(both[-16:])}"


def vectors() -> dict[str, Any]:
    one, padded, changed, other, swapped = IDS
    opens = [
        {"says": "a bundle; the decimal is 84.0 and not 84", "id": one, "plaintext": BUNDLE},
        {"says": "white space after the JSON, which has no meaning", "id": padded,
         "plaintext": BUNDLE + " " * 300},
    ]  # fmt: skip
    good = sealed(changed, BUNDLE.encode())
    turned = good[:-1] + ("A" if good[-1] != "A" else "Q")
    fails = [
        {"says": "the last character was changed", "id": changed, "jwk": jwk_of(changed),
         "jwe": turned},
        {"says": "the key of another message", "id": other, "jwk": jwk_of(one),
         "jwe": sealed(other, BUNDLE.encode())},
        {"says": "the header of another message", "id": swapped, "jwk": jwk_of(swapped),
         "jwe": ".".join([good.split(".")[0], *sealed(swapped, BUNDLE.encode()).split(".")[1:]])},
    ]  # fmt: skip
    return {
        "about": "Compact JWE (RFC 7516), alg dir, enc A256GCM: decrypt `jwe` with `jwk` and get"
        " the UTF-8 bytes of `plaintext`; what stands under `fails` must not open.",
        "opens": [
            case
            | {"jwk": jwk_of(case["id"]), "jwe": sealed(case["id"], case["plaintext"].encode())}
            for case in opens
        ],
        "fails": fails,
    }


def text() -> str:
    return json.dumps(vectors(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    (FOLDER / NAME).write_text(text(), encoding="utf-8")
