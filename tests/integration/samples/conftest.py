"""One hub with one broker for every sample: the story is told over HTTP, and again over Kafka."""

from collections.abc import Iterator

import pytest

from gateway import clock
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.identity.jose import new_signing_jwk, public_part
from tests.integration.changes.desk import Desk
from tests.integration.samples.archive import Told, tell
from tests.integration.samples.story import GROEIPAKKET, WAYS, records
from tests.support.engines import chosen_backend
from tests.support.running_hub import RunningHub, running_hub


@pytest.fixture(scope="package")
def running() -> Iterator[RunningHub]:
    with running_hub(kafka=chosen_backend()) as found:
        key = new_signing_jwk()
        found.keys[GROEIPAKKET] = key
        registration = Registration(
            id=GROEIPAKKET,
            name="Groeipakket",
            kind="groeipakket",
            source="groeipakket",
            jwks={"keys": [public_part(key)]},
        )
        register_partner(found.hub, registration, at=clock.now())
        yield found


@pytest.fixture(scope="package")
def ways(running: RunningHub) -> dict[str, Told]:
    """What became of the story by each way, in a hub that knew nobody before."""
    found, story = dict[str, Told](), records()
    for way in WAYS:
        Desk(hub=running.hub).forget()
        found[way] = tell(running, way, story)
    return found
