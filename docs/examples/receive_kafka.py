"""A whole recipient with Kafka, to copy: read your topic, ask for the keys, open the messages.

pip install kafka-python httpx joserfc
python receive_kafka.py https://hub.example kafka.example:9092 clb-voorbeeldstreek private.jwk
"""

import json
import sys
import time
import uuid
from pathlib import Path

import httpx
from joserfc import jwe, jwk, jwt
from kafka import KafkaConsumer

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


def opened(hub, sealed):
    """Ask for the keys (this is the moment of sharing: it is decided and logged) and decrypt."""
    answers = hub.post("/keys", json={"ids": list(sealed)}).raise_for_status().json()["keys"]
    released = {one["id"]: one["jwk"] for one in answers if one["state"] == "released"}
    for name, found in released.items():
        key = jwk.OctKey.import_key(found)
        message = jwe.decrypt_compact(sealed[name], key, algorithms=["dir", "A256GCM"])
        yield name, json.loads(message.plaintext)


def main(address, brokers, partner, key_file, count="0"):
    key, told = jwk.ECKey.import_key(json.loads(Path(key_file).read_text())), 0
    hub, topic = httpx.Client(base_url=address, timeout=60), f"partner.{partner}"
    settings = {"enable_auto_commit": False, "auto_offset_reset": "earliest", "group_id": topic}
    consumer = KafkaConsumer(topic, bootstrap_servers=brokers.split(","), **settings)
    while not int(count) or told < int(count):
        records = [one for some in consumer.poll(timeout_ms=5_000).values() for one in some]
        messages = [({n: v.decode() for n, v in one.headers}, one.value) for one in records]
        sealed = {h["ce_id"]: v for h, v in messages if h["content-type"] == "application/jose"}
        if sealed:
            sign_in(hub, partner, key)
        bundles = dict(opened(hub, sealed)) if sealed else {}
        for head, value in messages:  # a message may come again, under the same id
            notice = None if head["ce_id"] in sealed else json.loads(value)
            content = notice or bundles.get(head["ce_id"])  # None: it can no longer be read
            print(json.dumps({"id": head["ce_id"], "type": head["ce_type"], "content": content}))
        told += len(records)
        consumer.commit()  # only when all of it is dealt with
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
