"""Steps 2 to 5: services register and deliver their own records; a person links what must be."""

import json
import stat
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from gateway.demo.partners import Partner
from gateway.demo.telling import wait_for
from gateway.demo.world import CLIENTS, DOSSIER, SHEET, TRAJECTORY, World
from gateway.streams.hub_client import HubRefusedError

FATES: Final = frozenset({"mapped", "minimised"})
FIRST_RECORDS: Final = {"vaph": DOSSIER, "clb": TRAJECTORY, "caw": CLIENTS, "childcare": SHEET}
# The ground truth of these samples: who says what, and how surely.
STATED: Final[Mapping[str, list[tuple[str, str]]]] = {
    "vaph": [("F80.2", "confirmed")],
    "clb": [("F84.0", "provisional"), ("F94.0", "refuted")],
    "caw": [],
    "childcare": [],
}


def register(world: World) -> None:
    """Each service makes its own key; the operator registers only the public half."""
    world.teller.tell(
        "Each service makes its own key pair and keeps the private half. The operator of the hub "
        "registers the public half; there is no password to share or to lose. The childcare has no "
        "Kafka, so that it will pull its messages from the hub."
    )
    with ThreadPoolExecutor() as pool:
        list(pool.map(Partner.make_key, world.partners))
    for partner in world.partners:
        service = partner.service
        words = ("--kind", service.kind, "--source", service.source)
        keys = ("--jwks", f"{service.id}/public.jwks")
        way = ("--receive", "feed") if service.by_feed else ()
        world.operator.show(
            world.teller, "partner", "add", service.id, "--name", service.name, *words, *keys, *way
        )
    listed = [json.loads(line) for line in _lines(world.operator.run("partner", "list", "--json"))]
    world.teller.check(
        "four services are registered, each for its own kind of record",
        got={one["id"]: (one["kind"], one["source"]) for one in listed},
        wanted={one.service.id: (one.service.kind, one.service.source) for one in world.partners},
    )
    world.teller.check(
        "no private key is readable for another account of this machine",
        got=[stat.S_IMODE(file.stat().st_mode) for file in world.folder.glob("*/private.jwk")],
        wanted=[0o600] * len(world.partners),
    )
    _agree(world)


def _agree(world: World) -> None:
    """Which service may send to which is agreed beforehand, and nothing else may go."""
    teller, receiving = world.teller, (world.clb, world.caw, world.childcare)
    teller.tell(
        "Between two services nothing may go without a protocol, which both publish. The operator "
        "registers each one, and then lets the register count: from now on a flow without a "
        "protocol is denied, whatever a family says."
    )
    flows = [
        (one.service.id, to.service.id)
        for to in receiving
        for one in world.partners
        if one is not to
    ]
    asked = [("partner", "protocol", "add", *one, "--reference", "demo-2026-1") for one in flows]
    world.operator.show(teller, *asked[0])
    teller.tell(f"And so on, for {len(flows)} flows.")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda words: world.operator.run(*words), asked[1:]))
    world.operator.show(teller, "partner", "protocol", "enforce")
    told = json.loads(world.operator.run("partner", "protocol", "list", "--json"))
    registered = {(one["from_service"], one["to_service"]) for one in told["protocols"]}
    teller.check(
        "these flows have a protocol and every other one is denied",
        got=(registered, told["in_force_since"] is not None),
        wanted=(set(flows), True),
    )


def deliver(world: World) -> None:
    """Four records about one child, in four formats, over three roads."""
    world.teller.tell(
        "The four services deliver what they wrote themselves, in their own format: XML from VAPH "
        "and the CLB over HTTP, a windows-1252 CSV from the CAW through Kafka, and a JSON sheet "
        "from the childcare with the command line. The child is Noor Peeters; she is invented."
    )
    _over_http(world, world.vaph, DOSSIER)
    _over_http(world, world.clb, TRAJECTORY)
    _through_kafka(world)
    _by_command(world)
    _repeat_and_truncate(world)


def link(world: World) -> None:
    """Without a national number nobody is linked by a machine."""
    teller = world.teller
    teller.tell(
        "The CAW and the childcare hold no national number for Noor. The same name and birth date "
        "are a proposal, never a match: a person at the hub decides."
    )
    printed = world.operator.show(teller, "identity", "queue")
    waiting = _queue(world)
    teller.check("both records wait in the queue", got=len(waiting), wanted=2)
    candidates = {child for one in waiting for child in one["candidates"]}
    teller.check("the hub proposes the same child for both", got=len(candidates), wanted=1)
    teller.check(
        "the queue shows no name", got="Noor" in printed or "Peeters" in printed, wanted=False
    )
    for one in waiting:
        world.operator.show(teller, "identity", "confirm", one["id"], one["candidates"][0])
    teller.check("nothing waits any more", got=_queue(world), wanted=[])
    pseudonyms = {partner.patient() for partner in world.partners}
    teller.check(
        "each service knows Noor under a pseudonym of its own",
        got=len(pseudonyms),
        wanted=len(world.partners),
    )


def state_diagnoses(world: World) -> None:
    """What each source stated, before anything is derived from it."""
    teller = world.teller
    teller.tell(
        "Who says what is the matter with Noor? `deelregie translate` shows how the hub reads a "
        "file, without a database."
    )
    with ThreadPoolExecutor() as pool:
        stated_each = pool.map(lambda one: _stated(world, *one), FIRST_RECORDS.items())
        found = dict(zip(FIRST_RECORDS, stated_each, strict=True))
    for source, stated in found.items():
        said = ", ".join(f"{code} {status}" for code, status in stated) or "no diagnosis"
        teller.shows([f"{source:10} {said}"])
    teller.check(
        "one diagnosis is confirmed: F80.2, by VAPH; the CLB has a suspicion, which is none",
        got=found,
        wanted=STATED,
    )
    teller.tell(
        "Of such statements the hub derives one leading diagnosis for each disorder. Nobody may "
        "read it yet; steps 8 and 9 show it to whom the family chooses."
    )


def _over_http(world: World, partner: Partner, sample: str) -> None:
    partner.receipt = partner.deliver(world.sample(sample))["receipt"]
    source = partner.service.source
    world.teller.shows([f"POST /intake/{source} {sample}: receipt {partner.receipt}"])
    _tell_receipt(world, partner)


def _through_kafka(world: World) -> None:
    topic, offset = world.caw.deliver_by_stream(world.sample(CLIENTS))
    wait_for("the hub takes the record from Kafka", lambda: _waiting_from(world, "caw"))
    # The stream gives no answer: delivering the same again is how a partner learns its receipt.
    again = world.caw.deliver(world.sample(CLIENTS))
    world.caw.receipt = again["receipt"]
    receipt = _tell_receipt(world, world.caw)
    world.teller.check(
        f"it went through the topic {topic} (offset {offset}), encrypted to the hub and signed",
        got=again["repeated"],
    )
    outcomes = Counter(part["code"] or part["outcome"] for part in receipt["parts"])
    world.teller.check(
        "the rows of three adults and the anonymous JAC chat stay in the kept original, unlinked",
        got=dict(outcomes),
        wanted={"adult": 3, "anonymous": 1, "identity-match": 1},
    )
    remarks = [one for one in receipt["account"] if one["path"].endswith("column hulpvraag")]
    world.teller.check(
        'the words "misschien autisme" in a free text field became no data at all',
        got={one["fate"] for one in remarks},
        wanted={"minimised"},
    )


def _by_command(world: World) -> None:
    partner = world.childcare
    words = ("intake", "childcare", f"samples/{SHEET}", "--partner", partner.service.id)
    partner.receipt = json.loads(partner.terminal.show(world.teller, *words))["receipt"]
    _tell_receipt(world, partner)


def _repeat_and_truncate(world: World) -> None:
    again = world.vaph.deliver(world.sample(DOSSIER))
    world.teller.check(
        "VAPH delivers the same file again and gets the same receipt; nothing happens twice",
        got=(again["receipt"], again["repeated"]),
        wanted=(world.vaph.receipt, True),
    )
    raw = world.sample(DOSSIER).read_bytes()
    problem: dict[str, Any] = {}
    try:
        world.vaph.deliver(world.sample(DOSSIER), raw=raw[: len(raw) // 2])
    except HubRefusedError as refusal:
        problem = dict(refusal.problem)
    told = f"{problem.get('status')} at {problem.get('where')}: {problem.get('detail')}"
    world.teller.check(
        f"half a file is refused, with the place and the remedy: {told}",
        got=(problem.get("status") in range(400, 500), bool(problem.get("where"))),
        wanted=(True, True),
    )


def _tell_receipt(world: World, partner: Partner) -> dict[str, Any]:
    receipt = partner.processed(partner.receipt)
    parts, fates = receipt["parts"], Counter(line["fate"] for line in receipt["account"])
    outcomes = Counter(part["outcome"].replace("_", " ") for part in parts)
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    world.teller.check(
        f"{partner.name}: {said}; {fates['mapped']} fields taken over, "
        f"{fates['minimised']} left out on purpose, none lost",
        got=(receipt["status"], bool(parts), set(fates) <= FATES, bool(fates)),
        wanted=("processed", True, True, True),
    )
    return receipt


def _queue(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _lines(world.operator.run("identity", "queue", "--json"))]


def _waiting_from(world: World, source: str) -> bool | None:
    return any(one["source"] == source for one in _queue(world)) or None


def _stated(world: World, source: str, sample: str) -> list[tuple[str, str]]:
    words = ("translate", source, f"samples/{sample}", "--json", "--allow-test-numbers")
    bundle = json.loads(world.operator.run(*words))["bundle"]
    conditions = [
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Condition"
    ]
    return sorted(
        (_icd10(one), one["verificationStatus"]["coding"][0]["code"]) for one in conditions
    )


def _icd10(condition: dict[str, Any]) -> str:
    return next(
        str(one["code"]) for one in condition["code"]["coding"] if "icd-10" in one["system"]
    )


def _lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.strip()]
