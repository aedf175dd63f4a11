"""Steps 6 to 8: nothing goes out by itself; the family decides; the services read what they may."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from gateway.demo.families import FATHER, MOTHER, STRANGER, Parent
from gateway.demo.partners import Partner
from gateway.demo.terminal import command
from gateway.demo.topic import end_of
from gateway.demo.world import World

UNKNOWN_CHILD: Final = "0123456789abcdef" * 2
AUTHOR: Final = "performer"
SHUT, OPEN = "may_not_see", "may_see"


def default_deny(world: World) -> None:
    """Without a decision of the family nobody reads anything of another's record."""
    teller = world.teller
    teller.tell(
        "The CLB asks the hub over FHIR for Noor's diagnoses. Her family has decided nothing yet."
    )
    patient = world.clb.patient()
    answer = world.clb.search("Condition", patient)
    teller.shows([f"GET /fhir/Condition?patient={patient}", answer.body.decode()])
    teller.check("the CLB gets nothing", got=answer.resources, wanted=[])
    teller.check(
        "the answer is byte for byte that about a child who does not exist",
        got=answer,
        wanted=world.clb.search("Condition", UNKNOWN_CHILD),
    )
    found = [one.search("Observation", one.patient()).resources for one in world.partners]
    teller.check("nor do the others get anything", got=found, wanted=[[]] * len(world.partners))


def decide(world: World) -> None:
    """The parents sign in and choose, service by service."""
    teller, mother, father = world.teller, world.mother, world.father
    teller.tell("Yasmina El Amrani, Noor's mother, signs in and sees the services around Noor.")
    teller.check("she is signed in", got=mother.sign_in(MOTHER).status_code, wanted=303)
    show_services(world, mother)
    _check_states(world, mother, {})
    words = mother.give(world.clb.service.id, ["diagnosis", "functional"])
    teller.tell("She says yes to these words, and to no others:")
    teller.shows(words.splitlines())
    _check_states(world, mother, {world.clb: 2})
    teller.tell(
        "One parent may speak for both, in good faith, for everyday classes (rule K4), until the "
        "other one objects. Wouter Peeters, the father, does not: he signs in and says yes too. "
        "To the childcare both give what Noor can do and needs help with, and no diagnosis."
    )
    teller.check("he is signed in", got=father.sign_in(FATHER).status_code, wanted=303)
    father.give(world.clb.service.id, ["diagnosis", "functional"])
    for parent in (mother, father):
        parent.give(world.childcare.service.id, ["functional"])
    show_services(world, father)
    _check_states(world, father, {world.clb: 2, world.childcare: 1})
    teller.check(
        "a stranger who signs in is nobody's parent and sees nothing",
        got=world.stranger.sign_in(STRANGER).status_code,
        wanted=403,
    )


def receive(world: World) -> None:
    """Each service runs its own program on what came for it, all at the same time."""
    world.teller.tell(
        "Each program reads its own topic, that of the childcare its feed at the hub, and asks the "
        "hub for the key of a message."
    )
    with ThreadPoolExecutor() as pool:
        clb = pool.submit(world.clb.receive, until=("F80.2", "care-need"))
        childcare = pool.submit(
            world.childcare.receive, "--json", until=('"d330"', '"function-group"')
        )
        caw = pool.submit(world.caw.receive)
    _clb_reads(world, clb.result())
    _childcare_reads(world, childcare.result())
    _caw_reads(world, caw.result())


def show_services(world: World, parent: Parent) -> None:
    """Show what a parent's page says of each service."""
    for row in parent.services().values():
        seen = "; ".join(row.sees)
        world.teller.shows([f"{row.service:32} {row.says}{': ' if seen else ''}{seen}"])


def _clb_reads(world: World, printed: str) -> None:
    teller = world.teller
    teller.typed(command(*world.clb.receiving()))
    # Each parent's yes sends what it opens, so the same thing may come twice.
    read = list(dict.fromkeys(line.strip() for line in printed.splitlines() if line[:1] == " "))
    teller.shows(read)
    teller.check(
        "the CLB reads one diagnosis, the one that VAPH confirmed",
        got=[line for line in read if line.startswith("Condition")],
        wanted=["Condition: Receptieve taalstoornis (F80.2), active"],
    )
    back = "F84" in printed
    teller.check("its own suspicion did not come back to it as a diagnosis", got=back, wanted=False)


def _childcare_reads(world: World, printed: str) -> None:
    teller = world.teller
    teller.typed(command(*world.childcare.receiving("--json")))
    read = {one["id"]: one for one in map(_resource, printed.splitlines()) if one}
    teller.shows(sorted({_label(one) for one in read.values()}))
    teller.check(
        "the childcare reads no diagnosis, only what Noor can do and needs help with",
        got={(one["resourceType"], _data_class(one)) for one in read.values()},
        wanted={("Observation", "functional")},
    )
    teller.check(
        "its people have no duty of secrecy, so of each they get an extract (rule K2): not who "
        "wrote it, which the CLB does see",
        got=(AUTHOR in _fields(read.values()), AUTHOR in _fields(_seen_by_clb(world))),
        wanted=(False, True),
    )


def _caw_reads(world: World, printed: str) -> None:
    teller, topic = world.teller, f"partner.{world.caw.service.id}"
    teller.typed(command(*world.caw.receiving()))
    teller.check("the CAW, to which the family gave nothing, reads nothing", got=printed, wanted="")
    end = end_of(world.where.kafka_bootstrap, topic)
    teller.check(f"there was never a message in the topic {topic}", got=end, wanted=0)


def _check_states(world: World, parent: Parent, opened: dict[Partner, int]) -> None:
    rows = parent.services()
    names = " and ".join(one.name for one in opened) or "no service"
    world.teller.check(
        f"of what another service wrote, {names} may see something",
        got={name: (row.state, len(row.sees)) for name, row in rows.items()},
        wanted={
            one.name: (OPEN, opened[one]) if one in opened else (SHUT, 0) for one in world.partners
        },
    )


def _resource(line: str) -> dict[str, Any]:
    told = json.loads(line)
    return dict(told["bundle"]["entry"][0]["resource"]) if told["state"] == "read" else {}


def _fields(resources: Iterable[dict[str, Any]]) -> set[str]:
    return set[str]().union(*resources)


def _seen_by_clb(world: World) -> list[dict[str, Any]]:
    return world.clb.search("Observation", world.clb.patient()).resources


def _label(resource: dict[str, Any]) -> str:
    what = resource["code"].get("text") or resource["code"]["coding"][0]["display"]
    return f"{what}: {_value(resource)}"


def _value(resource: dict[str, Any]) -> str:
    concept = resource.get("valueCodeableConcept", {}).get("coding", [{}])[0]
    return str(resource.get("valueString") or concept.get("display") or "see its parts")


def _data_class(resource: dict[str, Any]) -> str:
    labels = resource["meta"]["security"]
    return next(str(one["code"]) for one in labels if one["system"].endswith("/data-class"))
