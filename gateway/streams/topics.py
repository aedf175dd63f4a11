"""Names of the topics: `partner.<id>` outwards, `intake.<source>` inwards; slugs, never a child."""

import re
from collections.abc import Iterable
from typing import Final

from gateway.streams.client import Broker

PARTNER_PREFIX: Final = "partner."
INTAKE_PREFIX: Final = "intake."
# A slug: lower-case words with hyphens, no dot, so that a name can never leave its own prefix.
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")

# One partition: the sequence of a recipient is then the order of its topic, and a gap shows.
PARTNER_PARTITIONS: Final = 1
INTAKE_PARTITIONS: Final = 1


def partner_topic(partner: str) -> str:
    """Return the topic that carries messages to one partner."""
    return PARTNER_PREFIX + _slug(partner)


def intake_topic(source: str) -> str:
    """Return the topic on which partners of one family hand in records."""
    return INTAKE_PREFIX + _slug(source)


def partner_of(topic: str) -> str | None:
    """Return the partner a topic belongs to, or None for another kind of topic."""
    return _rest(topic, PARTNER_PREFIX)


def source_of(topic: str) -> str | None:
    """Return the source an intake topic belongs to, or None for another kind of topic."""
    return _rest(topic, INTAKE_PREFIX)


def ensure_topics(
    broker: Broker, *, partners: Iterable[str] = (), sources: Iterable[str] = ()
) -> None:
    """Create the topics that do not exist yet."""
    for partner in partners:
        broker.create(partner_topic(partner), partitions=PARTNER_PARTITIONS)
    for source in sources:
        broker.create(intake_topic(source), partitions=INTAKE_PARTITIONS)


def is_slug(text: str) -> bool:
    """Tell whether a text may be part of a topic's name."""
    return _SLUG.match(text) is not None


def _slug(text: str) -> str:
    if not is_slug(text):
        raise ValueError("an id in a topic's name is a slug: a-z, 0-9 and hyphens, at most 63")
    return text


def _rest(topic: str, prefix: str) -> str | None:
    rest = topic.removeprefix(prefix)
    return rest if rest != topic and is_slug(rest) else None
