"""The request of a scenario file, and what it expects."""

from collections.abc import Collection

from consent.model import Effect, Ground, Outcome, Recipient, Request, ToActor, ToPerson, ToService
from consent.vocabulary import GROUNDS, PURPOSES, REQUEST_KINDS
from gateway.scenarios.entry import Entry, Keys
from gateway.scenarios.facts import Names, data_class
from gateway.scenarios.story import Expectation

_GROUND_KEYS = {
    "team": "team",
    "statutory": "validated classes",
    "court_order": "validated classes",
    "clb_transfer": "notified_on waived due_from",
    "necessity": "invoked_by record",
    "concern_report": "invoked_by record",
    "case_conference": "valid participants",
    "unanswered": "invoked_by record attempts answer",
    "vital_emergency": "record",
    "article_458bis": "",
}


def request_of(entry: Entry, names: Names) -> Request:
    """Read who asks what for."""
    keys = entry.keys("to purpose", "kind classes ground")
    return Request(
        to=_recipient(keys["to"], names),
        purpose=keys["purpose"].word(PURPOSES),
        kind=keys.word("kind", REQUEST_KINDS, "routed"),
        classes=frozenset(keys.listed("classes", data_class)) if "classes" in keys else None,
        ground=_ground(keys["ground"], names) if "ground" in keys else None,
    )


def _recipient(entry: Entry, names: Names) -> Recipient:
    keys = entry.keys("", "actor service person")
    if len(keys.values) != 1:
        entry.fail(
            f"`{entry.place}` must name one recipient", "Write {service: …}, or actor, person"
        )
    if "actor" in keys:
        return ToActor(names.actor(keys["actor"]))
    if "service" in keys:
        return ToService(names.service(keys["service"]))
    return ToPerson(names.person(keys["person"]))


def _ground(entry: Entry, names: Names) -> Ground:
    every = " ".join(sorted({key for keys in _GROUND_KEYS.values() for key in keys.split()}))
    kind = entry.keys("kind", every)["kind"].word(GROUNDS)
    keys = entry.keys("kind", _GROUND_KEYS[kind])
    return Ground(
        kind=kind,
        team=keys["team"].text if "team" in keys else None,
        validated=keys.truth("validated"),
        classes=frozenset(keys.listed("classes", data_class)),
        notified_on=keys.moment("notified_on"),
        waived=keys.truth("waived"),
        due_from=keys.moment("due_from"),
        invoked_by=keys.read("invoked_by", names.anybody, None),
        record=keys.word("record", {"complete", "incomplete"}, "incomplete"),
        valid=keys.truth("valid"),
        participants=frozenset(keys.listed("participants", names.anybody)),
        attempts=keys.listed("attempts", lambda one: one.day),
        answer=keys.word("answer", {"none", "refused"}, "none"),
    )


def expectation_of(root: Keys, segments: Collection[str]) -> Expectation:
    """Read what the hub must answer; left out, nothing is expected."""
    if "expect" not in root:
        return Expectation()
    keys = root["expect"].keys("outcome", "segments rules obligations silent")
    return Expectation(
        outcome=keys["outcome"].word([str(word) for word in Outcome]),
        segments=_by_segment(keys, "segments", segments, [str(word) for word in Effect]),
        rules=_by_segment(keys, "rules", segments, None),
        obligations=frozenset(keys.listed("obligations", lambda one: one.text)),
        silent=keys["silent"].truth if "silent" in keys else None,
    )


def _by_segment(
    keys: Keys, key: str, segments: Collection[str], words: Collection[str] | None
) -> dict[str, str]:
    found = {}
    for name, entry in (keys[key].named if key in keys else {}).items():
        if name not in segments:
            entry.fail(
                f"`{name}` is no segment of the record",
                f"Correct the id. The record has: {', '.join(segments) or 'no segments'}",
            )
        found[name] = entry.text if words is None else entry.word(words)
    return found
