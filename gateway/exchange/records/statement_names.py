"""Under which keyed hashes a source's statements, its files on people and its scopes are known.

A business key is a path: what ends `report/7` ends `report/7/weight` too. Above every path stand
the message that said it last, and the source's file on the child.
"""

import json
from uuid import UUID

from adapters.contract import Part, PersonKey
from gateway.exchange.hub import Hub


def key_name(hub: Hub, source: str, key: str) -> bytes:
    """Return the name of a statement, or of a path that statements lie under."""
    return hub.vault.lookup(f"record:{source}", key)


def names_above(hub: Hub, source: str, key: str, child: UUID) -> tuple[bytes, ...]:
    """Return the names of what takes a statement along when it ends."""
    steps = key.split("/")
    paths = ("/".join(steps[:count]) for count in range(1, len(steps)))
    return (file_name(hub, source, child), *(key_name(hub, source, path) for path in paths))


def names_of_message(hub: Hub, source: str, part: Part) -> tuple[bytes, ...]:
    """Return the names of the message that brought a part: whoever deletes it takes back the part.

    A source that deletes a message names it by the key of its Provenance.
    """
    return tuple(
        key_name(hub, source, segment.key)
        for segment in part.segments
        if segment.resource["resourceType"] == "Provenance"
    )


def file_name(hub: Hub, source: str, child: UUID) -> bytes:
    """Return the name of all that a source says about a child."""
    return hub.vault.lookup(f"file:{source}", f"child/{child}")


def names_of_file(hub: Hub, partner: str, source: str, subject: PersonKey) -> tuple[bytes, ...]:
    """Return the names of a file by which it is known as long as its child is not.

    A national number stands alone: of two numbers one may be a slip.
    """
    if subject.insz is not None:
        return (file_called(hub, source, hub.vault.lookup("insz", subject.insz)),)
    if subject.local is not None:
        local = local_name(hub, partner, source, subject.local)
        return (file_called(hub, source, local),)
    return ()


def file_called(hub: Hub, source: str, lookup: bytes) -> bytes:
    """Return the name of a source's file on whom an identifier's hash leads to."""
    return hub.vault.lookup(f"file:{source}", f"called/{lookup.hex()}")


def local_name(hub: Hub, partner: str, source: str, local: str) -> bytes:
    """Return the name under which a service's own number for a child leads to that child."""
    return hub.vault.lookup("local", json.dumps([partner, source, local]))


def scope_name(hub: Hub, source: str, scope: str) -> bytes:
    """Return the name of what a delivery is complete for."""
    return hub.vault.lookup(f"scope:{source}", scope)


def picture_name(source: str, child: UUID) -> bytes:
    """Return the name of a source's complete picture of a child; both lie in the clear anyway."""
    return child.bytes + source.encode()
