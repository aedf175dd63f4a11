"""A whole recipient without Kafka, to copy: pull the feed, ask for the keys, open the messages.

pip install httpx joserfc
python receive_feed.py https://hub.example clb-voorbeeldstreek private.jwk state.json [--once]
"""

import json
import sys
import time
import uuid
from pathlib import Path

import httpx
from joserfc import jwe, jwk, jwt

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def sign_in(hub, partner, key):
    about = hub.get("/.well-known/oauth-authorization-server").raise_for_status().json()
    now = int(time.time())
    claims = {"iss": partner, "sub": partner, "aud": about["issuer"], "iat": now, "exp": now + 60}
    header = {"alg": "ES256", "typ": "client-authentication+jwt", "kid": key.kid}
    assertion = jwt.encode(header, claims | {"jti": str(uuid.uuid4())}, key)
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE}
    answer = hub.post(about["token_endpoint"], data=form | {"client_assertion": assertion})
    hub.headers["authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"


def opened(hub, events):
    """Ask for the keys (this is the moment of sharing: it is decided and logged) and decrypt."""
    sealed = {one["id"]: one["data"] for one in events if isinstance(one.get("data"), str)}
    if not sealed:
        return {}
    answers = hub.post("/keys", json={"ids": list(sealed)}).raise_for_status().json()["keys"]
    return {
        one["id"]: json.loads(
            jwe.decrypt_compact(
                sealed[one["id"]], jwk.OctKey.import_key(one["jwk"]), algorithms=["dir", "A256GCM"]
            ).plaintext
        )
        for one in answers
        if one["state"] == "released"  # `gone` is final
    }


def main(address, partner, key_file, state_file, once=""):
    key, state = jwk.ECKey.import_key(json.loads(Path(key_file).read_text())), Path(state_file)
    hub = httpx.Client(base_url=address, timeout=60)
    after = json.loads(state.read_text())["after"] if state.exists() else 0
    while True:
        sign_in(hub, partner, key)
        asked = {"after": after, "wait": 0 if once else 20}
        page = hub.get("/feed", params=asked).raise_for_status().json()
        bundles = opened(hub, page["events"])
        for event in page["events"]:  # after a crash a message comes again, under the same id
            notice = event["data"] if isinstance(event.get("data"), dict) else None
            content = notice or bundles.get(event["id"])  # None: it can no longer be read
            print(json.dumps({"id": event["id"], "type": event["type"], "content": content}))
        after = page["next"]
        state.write_text(json.dumps({"after": after}))  # only when all of it is dealt with
        if once and not page["more"]:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
