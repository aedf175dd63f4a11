"""What a line of the log says was decided, and what its basis says when it is decided again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final, Self

from sqlalchemy import RowMapping

from consent.model import Segment, SegmentDecision, ToActor, ToService
from gateway.exchange.basis import RestsOn
from gateway.exchange.deliveries import release_key
from gateway.exchange.deliveries.release_key import KEY_DESTROYED, still_goes
from gateway.exchange.disclose import GOES, decide_only
from gateway.exchange.families import show_consents
from gateway.exchange.legal_routes import answer_access, emergency
from gateway.exchange.legal_routes.answer_access import Question, answer_on, log_line
from gateway.identity.callers import PartnerCaller
from gateway.store.access_log import Entry
from gateway.store.outbox import Message

Part = tuple[Segment, SegmentDecision]
_WHOLE: Final = "permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a line tells about a decision: codes and internal ids, lists in a fixed order."""

    act: str
    partner: str | None
    purpose: str | None
    outcome: str
    resources: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()

    @classmethod
    def of(cls, line: RowMapping | Entry) -> Self:
        """Return what a line says."""
        return cls(**{one.name: _in_order(_field(line, one.name)) for one in fields(cls)})

    def differs_from(self, other: Self) -> tuple[str, ...]:
        """Return the names of what is not the same."""
        names = (one.name for one in fields(self))
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))


def said_again(rests: RestsOn, *, at: datetime, message: Message | None) -> Said:
    """Decide again on what a line rests on, as of its instant; nothing is handed over.

    `message` is what a request for a key was about.
    """
    if rests.act == answer_access.ACT:
        return _answered(rests, at=at)
    parts = _decided(rests, at=at)
    if rests.act == release_key.ACT:
        return _released(rests, parts, message)
    going = [part for part in parts if part[1].effect in GOES]
    if rests.act == emergency.ACT:
        return _pulled(rests, parts, going)
    if rests.act == show_consents.ACT:
        return _shown(rests, parts, going)
    return _told(rests, parts, going, telling=parts)


def _field(line: RowMapping | Entry, name: str) -> Any:
    return getattr(line, name) if isinstance(line, Entry) else line[name]


def _in_order(value: Any) -> Any:
    return tuple(sorted(map(str, value))) if isinstance(value, list | tuple) else value


def _decided(rests: RestsOn, *, at: datetime) -> list[Part]:
    found: list[Part] = []
    for known in rests.facts:
        decision = decide_only(rests.request, known, at=at)
        found += [(one, decision.segments[one.id]) for one in known.record.segments]
    return found


def _outcome(parts: Sequence[Part], going: Sequence[Part]) -> str:
    if not going:
        return "deny"
    whole = all(decision.effect == _WHOLE for _, decision in parts)
    return "permit" if whole else "redact"


def _told(
    rests: RestsOn, parts: Sequence[Part], going: Sequence[Part], *, telling: Sequence[Part]
) -> Said:
    """Say what goes; the rules are those of the parts that are told of."""
    return replace(
        _nothing(rests),
        outcome=_outcome(parts, going),
        resources=_sorted(f"{one.id}/{rests.versions.get(one.id)}" for one, _ in going),
        classes=_sorted(one.data_class for one, _ in going),
        rules=_sorted(decision.rule for _, decision in telling),
        consents=_sorted(name for _, decision in telling for name in decision.consents),
    )


def _pulled(rests: RestsOn, parts: Sequence[Part], going: Sequence[Part]) -> Said:
    """Say what a doctor pulled: only what that rule itself lets go."""
    by_law = [part for part in going if part[1].rule == emergency.RULE]
    telling = [part for part in parts if part[1].rule == emergency.RULE or part not in going]
    return _told(rests, parts, by_law, telling=telling)


def _shown(rests: RestsOn, parts: Iterable[Part], going: Iterable[Part]) -> Said:
    """Say on which decisions something goes: all of them, or the one that was asked for."""
    found = {name for _, decision in going for name in decision.consents}
    shown = found if rests.only is None else found & {rests.only}
    return replace(
        _nothing(rests),
        outcome="permit" if shown else "deny",
        rules=_sorted(decision.rule for _, decision in parts),
        consents=_sorted(shown),
    )


def _released(rests: RestsOn, parts: Iterable[Part], message: Message | None) -> Said:
    """Say what is released of one message; the parts may be about several."""
    about = str(message.resource) if message else ""
    segment, decision = next((part for part in parts if part[0].id == about), (None, None))
    if message is None or segment is None or decision is None:
        return replace(_nothing(rests), rules=(KEY_DESTROYED,))
    goes = still_goes(decision, message.effect)
    return replace(
        _nothing(rests),
        outcome=_outcome([(segment, decision)], [(segment, decision)] if goes else []),
        resources=(f"{segment.id}/{message.version}",) if goes else (),
        classes=(segment.data_class,) if goes else (),
        rules=(decision.rule,),
        consents=_sorted(decision.consents),
    )


def _answered(rests: RestsOn, *, at: datetime) -> Said:
    [known], request = rests.facts, rests.request
    question = Question(
        recipient=_service(rests) or "",
        patient="",
        purpose=request.purpose,
        kind=request.kind,
        segments=known.record.segments,
    )
    source = PartnerCaller(partner=known.record.source, scopes=frozenset())
    return Said.of(log_line(source, answer_on(question, request, known, at=at), at=at))


def _nothing(rests: RestsOn) -> Said:
    """Say of a request that nothing goes, for no reason yet."""
    purpose = rests.request.purpose
    return Said(act=rests.act, partner=_service(rests), purpose=purpose, outcome="deny")


def _service(rests: RestsOn) -> str | None:
    match rests.request.to:
        case ToService(service):
            return service
        case ToActor(name):
            actors = (one.actors.get(name) for one in rests.facts)
            return next((actor.service for actor in actors if actor), None)
        case _:
            return None


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
