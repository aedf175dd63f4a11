"""Steps 9 and 10: a revised diagnosis lies in a topic, and becomes unreadable where it lies."""

import json
from typing import Any, Final

from sqlalchemy import create_engine, text

from gateway.demo.partners import Partner
from gateway.demo.sharing import SHUT, UNKNOWN_CHILD, show_services
from gateway.demo.telling import WIDEST, wait_for
from gateway.demo.terminal import command
from gateway.demo.topic import RawMessage, messages_in
from gateway.demo.world import REVISED, TELLTALES, World
from gateway.store.engine import transaction
from gateway.streams.envelope import RECORD_UPDATED

SHOWN_CHARACTERS: Final = 64
# Both leading diagnoses change, and the CLB may see both.
DIAGNOSES: Final = 2
KEY_IS_GONE: Final = text("select wrapped_key is null from delivery where id = :message")


def revise(world: World) -> None:
    """VAPH delivers a newer dossier while the CLB's program is not running."""
    teller = world.teller
    teller.tell(
        "The multidisciplinary team examined Noor again, and VAPH delivers the revised dossier. "
        "The CLB's program is not running at this moment."
    )
    receipt = world.vaph.processed(world.vaph.deliver(world.sample(REVISED))["receipt"])
    teller.check("the dossier is processed", got=receipt["status"], wanted="processed")
    _one_diagnosis_each(world)
    world.unread = wait_for("the messages lie in the CLB's topic", lambda: _enough_unread(world))
    teller.check(
        f"the CLB may see it too: {len(world.unread)} messages lie unread in {_topic(world)}",
        got=len(world.unread) >= DIAGNOSES,
    )


def stop(world: World) -> None:
    """The mother stops; the messages stay where they are and can never be read."""
    teller = world.teller
    teller.tell(
        "Yasmina stops sharing with the CLB: one button. Wouter's yes still stands, but one "
        "parent's no is enough."
    )
    teller.check("she stopped", got=world.mother.stop(world.clb.service.id), wanted=1)
    running = [(one["mine"], one["partner"]) for one in world.mother.consents() if _runs(one)]
    teller.check("Wouter's yes still stands", got=(False, world.clb.service.id) in running)
    row = world.mother.services()[world.clb.name]
    teller.check(
        "the page says at once that the CLB sees nothing",
        got=(row.state, row.sees),
        wanted=(SHUT, ()),
    )
    known = world.unread[0]
    _clb_reads_no_more(world)
    _raw_message(world, known)
    teller.check(
        "over FHIR the CLB gets the answer about a child who does not exist",
        got=world.clb.search("Condition", world.clb.patient()),
        wanted=world.clb.search("Condition", UNKNOWN_CHILD),
    )
    teller.check(
        "the CAW still reads what it was given: stopping with one leaves the others as they were",
        got=len(world.caw.search("Condition", world.caw.patient()).resources),
        wanted=DIAGNOSES,
    )
    _feed_is_unreadable(world)
    show_services(world, world.mother)


def _one_diagnosis_each(world: World) -> None:
    teller = world.teller
    teller.tell(
        "Yasmina lets the CAW see the diagnosis, so that she need not tell it again. She is the "
        "only one who was asked, and that is enough here (rule K4)."
    )
    world.mother.give(world.caw.service.id, ["diagnosis"])
    conditions = world.caw.search("Condition", world.caw.patient()).resources
    told = {_code(one): one for one in conditions}
    teller.shows(
        f"{code:6} {one['code']['text']}, {_status(one)}, by {one['recorder']['display']}"
        for code, one in told.items()
    )
    teller.check(
        "the CAW reads one diagnosis for each disorder: F84.0, and F80 for the language disorder",
        got=sorted(_code(one) for one in conditions),
        wanted=["F80", "F84.0"],
    )
    teller.check(
        "the CLB's suspicion is no second diagnosis: both were confirmed by the team",
        got={(_status(one), one["recorder"]["display"]) for one in conditions},
        wanted={("confirmed", told["F84.0"]["recorder"]["display"])},
    )
    teller.check(
        "F80.2 was not wrong but is superseded: F80 is the next version of the same entry",
        got=(told["F80"]["meta"]["versionId"], told["F84.0"]["meta"]["versionId"]),
        wanted=("2", "1"),
    )


def _clb_reads_no_more(world: World) -> None:
    teller = world.teller
    teller.tell("Only now the CLB starts its program again.")
    teller.typed(command(*world.clb.receiving()))
    heard = world.clb.heard
    printed = world.clb.receive(until=["stopped this sharing"])
    world.unread = _unread(world, heard)
    lines = [line[:WIDEST] for line in printed.splitlines()]
    gone = [line for line in lines if "can no longer be read" in line]
    teller.shows([*lines[:2], f"... the same for {len(gone) - 1} messages more", *lines[-2:]])
    teller.check(
        f"it says of all {len(gone)} messages that they can no longer be read",
        got=len(gone),
        wanted=len(world.unread),
    )
    teller.check(
        "it opened nothing", got="Condition" in printed or "Observation" in printed, wanted=False
    )
    teller.check(
        "it is told what to remove of what it read before",
        got="remove what you received" in printed,
    )


def _feed_is_unreadable(world: World) -> None:
    teller, partner, heard = world.teller, world.childcare, world.childcare.heard
    wait_for("messages lie in the childcare's feed", lambda: _unfed(partner, heard) or None)
    teller.tell(
        "The childcare did not run its program either. Yasmina stops with the childcare too; then "
        "it pulls from the hub what was waiting for it."
    )
    teller.check("she stopped", got=world.mother.stop(partner.service.id), wanted=1)
    teller.typed(command(*partner.receiving()))
    printed = partner.receive(until=["stopped this sharing"])
    teller.shows([line[:WIDEST] for line in printed.splitlines()[:2]])
    gone, waited = printed.count("can no longer be read"), len(_unfed(partner, heard))
    teller.check(
        f"it gets all {waited} messages that waited, and opens none",
        got=(gone, "Observation" in printed),
        wanted=(waited, False),
    )
    sent = json.dumps(partner.feed())
    teller.check(
        "what GET /feed sends names nobody: ciphertext, and a notice with ids",
        got=[word for word in TELLTALES if word in sent],
        wanted=[],
    )


def _unfed(partner: Partner, heard: str) -> list[dict[str, Any]]:
    """Return what lies in a feed beyond what the service's program had told."""
    updates = [one for one in partner.feed() if one["type"] == RECORD_UPDATED]
    return [one for one in updates if one["id"] not in heard]


def _raw_message(world: World, known: RawMessage) -> None:
    teller, found = world.teller, world.unread[0]
    teller.tell(
        "This is the first of these messages as whoever runs the broker finds it in the topic."
    )
    teller.check("it still lies there, unchanged", got=found, wanted=known)
    parts = found.sealed_parts
    teller.shows(
        [
            f"topic {_topic(world)}, offset {found.offset}, key {found.key.decode()}",
            *(f"{name}: {value}" for name, value in found.headers.items()),
            f"header: {found.sealed_header}",
            f"ciphertext: {parts[3][:SHOWN_CHARACTERS]}... ({len(parts[3])} characters)",
        ]
    )
    teller.check(
        "it is a JWE, encrypted with AES-256-GCM, and names the one key that would open it",
        got=found.sealed_header,
        wanted={"alg": "dir", "enc": "A256GCM", "kid": found.id},
    )
    teller.check(
        "no name, national number or diagnosis stands in it, in its key or in its headers",
        got=[word for word in TELLTALES if word in found.everything],
        wanted=[],
    )
    released = world.clb.key_released(found.id)
    teller.check("the CLB asks for the key once more: it is gone", got=released, wanted=False)
    teller.check(
        "the hub itself has no key any more: its database holds none for this message",
        got=_key_is_destroyed(world, found.id),
    )


def _key_is_destroyed(world: World, message: str) -> bool:
    engine = create_engine(world.where.database_url)
    try:
        with transaction(engine) as tx:
            return bool(tx.execute(KEY_IS_GONE, {"message": message}).scalar_one())
    finally:
        engine.dispose()


def _runs(consent: dict[str, Any]) -> bool:
    return consent["withdrawn"] is None


def _enough_unread(world: World) -> list[RawMessage] | None:
    found = _unread(world, world.clb.heard)
    return found if len(found) >= DIAGNOSES else None


def _unread(world: World, heard: str) -> list[RawMessage]:
    """Return what lies in the CLB's topic beyond what its program had told."""
    there = messages_in(world.where.kafka_bootstrap, _topic(world))
    return [one for one in there if one.id not in heard and one.type == RECORD_UPDATED]


def _topic(world: World) -> str:
    return f"partner.{world.clb.service.id}"


def _code(condition: dict[str, Any]) -> str:
    return str(condition["code"]["coding"][0]["code"])


def _status(condition: dict[str, Any]) -> str:
    return str(condition["verificationStatus"]["coding"][0]["code"])
