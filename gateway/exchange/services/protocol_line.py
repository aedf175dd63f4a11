"""What the log says of a protocol: which flow, and who acted. It is about no child."""

from datetime import datetime

from gateway.store import access_log
from gateway.store.protocols import Protocol


def protocol_line(act: str, one: Protocol, *, actor: str, at: datetime) -> access_log.Entry:
    """Return the line of an act on a protocol."""
    return access_log.Entry(
        at=at,
        act=act,
        actor=actor,
        partner=one.from_service,
        role="system" if actor == "hub" else None,
        outcome="done",
        resources=(f"to/{one.to_service}",),
        correlation=str(one.id),
    )


def ended_line(one: Protocol, *, actor: str, at: datetime) -> access_log.Entry:
    """Return the line of an end: by an operator, or by the hub when its last day passed."""
    return protocol_line("protocol_ended", one, actor=actor, at=at)
