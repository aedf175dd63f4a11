"""Which topics a cluster needs and who may do what on them: nobody more than the work asks.

Names are literal where they are a partner's own: a rule on a prefix `partner.clb` would also open
the topic and the group of `partner.clb-noord`. The rules are in docs/streams.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from gateway.streams.client import LARGEST_MESSAGE
from gateway.streams.intake import GROUP
from gateway.streams.topics import (
    INTAKE_PARTITIONS,
    INTAKE_PREFIX,
    PARTNER_PARTITIONS,
    PARTNER_PREFIX,
    intake_topic,
    partner_topic,
)

Operation = Literal["read", "write", "describe"]

ACTIVE: Final = "active"
WRITES: Final[tuple[Operation, ...]] = ("write", "describe")
READS: Final[tuple[Operation, ...]] = ("read", "describe")
IN_GROUP: Final[tuple[Operation, ...]] = ("read",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A partner's service as the hub registered it."""

    id: str
    status: str
    source: str | None
    by_feed: bool = False
    """Whether it pulls its messages from the feed, and so has no topic of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic with what it must be made with."""

    name: str
    partitions: int

    @property
    def settings(self) -> dict[str, str]:
        """Return the topic's own settings; replication and retention are the cluster's."""
        return {"max.message.bytes": str(LARGEST_MESSAGE)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Allows one principal some operations on one topic or group, or on all with a prefix."""

    principal: str
    kind: Literal["topic", "group"]
    name: str
    operations: tuple[Operation, ...]
    prefixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a cluster must have, and the rules of services that may not come in (any more)."""

    topics: tuple[Topic, ...]
    allowed: tuple[Rule, ...]
    withdrawn: tuple[Rule, ...]


def plan_for(
    services: Iterable[Service],
    *,
    hub: str,
    principal: str,
    sources: Iterable[str] = (),
    with_hub: bool = True,
) -> Plan:
    """Return what these services need, and the hub with the topics of `sources` beside them.

    `hub` is the hub's principal; `principal` a service's, with `{partner}` where its id goes.
    Raises ValueError for a service that would be the hub itself.
    """
    topics: dict[str, Topic] = {}
    allowed = list(_of_hub(hub)) if with_hub else []
    withdrawn: list[Rule] = []
    for source in sources if with_hub else ():
        _add(topics, intake_topic(source), INTAKE_PARTITIONS)
    for one in services:
        who, active = _principal(principal, one, hub), one.status == ACTIVE
        (allowed if active and not one.by_feed else withdrawn).extend(_receives(one, who))
        (allowed if active else withdrawn).extend(_hands_in(one, who))
        if active:
            _add_for(topics, one)
    return Plan(topics=tuple(topics.values()), allowed=tuple(allowed), withdrawn=tuple(withdrawn))


def _principal(pattern: str, one: Service, hub: str) -> str:
    found = pattern.replace("{partner}", one.id)
    if found == hub:
        raise ValueError(f"{one.id} would be the hub itself on this cluster; name the hub another")
    return found


def _of_hub(hub: str) -> Iterator[Rule]:
    yield Rule(principal=hub, kind="topic", name=PARTNER_PREFIX, operations=WRITES, prefixed=True)
    yield Rule(principal=hub, kind="topic", name=INTAKE_PREFIX, operations=READS, prefixed=True)
    yield Rule(principal=hub, kind="group", name=GROUP, operations=IN_GROUP)


def _receives(one: Service, principal: str) -> Iterator[Rule]:
    topic = partner_topic(one.id)
    yield Rule(principal=principal, kind="topic", name=topic, operations=READS)
    yield Rule(principal=principal, kind="group", name=topic, operations=IN_GROUP)


def _hands_in(one: Service, principal: str) -> Iterator[Rule]:
    if one.source:
        name = intake_topic(one.source)
        yield Rule(principal=principal, kind="topic", name=name, operations=WRITES)


def _add_for(topics: dict[str, Topic], one: Service) -> None:
    if not one.by_feed:
        _add(topics, partner_topic(one.id), PARTNER_PARTITIONS)
    if one.source:
        _add(topics, intake_topic(one.source), INTAKE_PARTITIONS)


def _add(topics: dict[str, Topic], name: str, partitions: int) -> None:
    topics[name] = Topic(name=name, partitions=partitions)
