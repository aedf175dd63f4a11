"""Steps 11 and 13: who looked, what the log shows without naming anybody, and what to try next."""

import shlex
from typing import Final

from gateway.demo.auditor import counted
from gateway.demo.families import Look
from gateway.demo.partners import CAW, CHILDCARE, CLB
from gateway.demo.terminal import Terminal
from gateway.demo.topic import messages_in
from gateway.demo.world import SAMPLES, TELLTALES, TRAJECTORY, World

MOST_LOOKS: Final = 8
DENY: Final = "deny"
# What the story did, and whether it was denied.
DONE: Final = frozenset(
    {("intake", False), ("identity_confirmed", False), ("search", False), ("search", True),
     ("consent_given", False), ("consent_withdrawn", False), ("key_release", False),
     ("key_release", True)}
)  # fmt: skip


def look_back(world: World) -> None:
    """The mother and the auditor see what happened; neither sees more than that."""
    _mother_looks(world)
    _auditor_looks(world)
    _nobody_is_named(world)


def try_next(world: World) -> None:
    """Leave the reader with files and commands that work."""
    operator, partner = world.folder / "operator.env", world.folder / f"{CLB.id}.env"
    world.operator.save_settings(operator)
    world.clb.terminal.save_settings(partner)
    _prove_settings(world)
    where = world.where
    world.teller.tell("Be one of them yourself, while everything runs. Addresses:")
    world.teller.shows(
        [
            f"families and auditors   {where.hub} (yasmina-el-amrani, wouter-peeters, an-auditor)",
            f"the API                 {where.hub}/openapi.json and {where.hub}/fhir/metadata",
            f"Kafka                   {where.kafka_bootstrap}",
            f"everything else         {where.data}",
        ]
    )
    world.teller.tell(
        "Commands, as the operator of the hub and as the CLB. While the last one waits, sign in "
        "as Yasmina and say yes to the CLB again: its messages come."
    )
    for command in (
        f"cd {shlex.quote(str(world.folder))}",
        f". ./{operator.name}",
        "deelregie partner list",
        "deelregie identity queue",
        f"deelregie translate clb samples/{TRAJECTORY} --allow-test-numbers",
        f". ./{partner.name}",
        f"deelregie receive {CLB.id}",
    ):
        world.teller.typed(command)


def _mother_looks(world: World) -> None:
    teller = world.teller
    teller.tell("Yasmina opens the page that says who looked, or wanted to.")
    looks = world.mother.looks()
    shown = list(dict.fromkeys(_line(one) for one in looks))
    teller.shows(shown[:MOST_LOOKS])
    clb, caw = ([one for one in looks if one.service == name] for name in _names(world))
    teller.check(
        "she sees that the CLB read the diagnosis before, and was refused since",
        got=(
            any("diagnosis" in one.what for one in clb),
            clb[0].state,
            any(_read(one) for one in clb),
        ),
        wanted=(True, "may_not_see", True),
    )
    teller.check("she sees that the CAW read it", got=any(_read(one) for one in caw))
    teller.check("the auditors' log is not hers", got=world.mother.log_status(), wanted=403)


def _auditor_looks(world: World) -> None:
    teller, auditor = world.teller, world.auditor
    teller.tell("An auditor signs in and searches the access log.")
    teller.check("she is signed in", got=auditor.sign_in().status_code, wanted=303)
    lines = auditor.lines()
    found = counted(lines)
    teller.shows(f"{count:4} {act:20} {outcome}" for (act, outcome), count in sorted(found.items()))
    teller.check(
        "reads, denials, key releases, consents, withdrawal, intake and links are all there",
        got=DONE - {(act, outcome == DENY) for act, outcome in found},
        wanted=set(),
    )
    released = [one for one in lines if one["act"] == "key_release" and one["outcome"] != DENY]
    teller.check(
        "each key that was given names its rule: K1 by both parents, K2 as an extract",
        got={(one["partner"], rule) for one in released for rule in one["rules"]},
        wanted={(CLB.id, "K1"), (CHILDCARE.id, "K2")},
    )
    caw = [rule for one in lines if one["partner"] == CAW.id for rule in one["rules"]]
    teller.check("what the CAW read rests on one parent's yes: K4", got="K4" in caw)
    refused = auditor.lines(partner=CLB.id, act="key_release", outcome=DENY)
    teller.check(
        "each key that the CLB was refused is one line",
        got=len(refused),
        wanted=len(world.unread) + 1,
    )
    searched = counted(auditor.lines())
    teller.check("the auditor's own searches are in it", got=searched["log_searched", "done"] > 0)


def _nobody_is_named(world: World) -> None:
    teller = world.teller
    pages = world.auditor.search().text + world.auditor.page_text()
    teller.check(
        "the log names no child, no parent and no diagnosis",
        got=[word for word in TELLTALES if word in pages],
        wanted=[],
    )
    topics = [f"partner.{one.service.id}" for one in world.partners]
    topics += [f"intake.{source}" for source in sorted(set(SAMPLES.values()))]
    bootstrap = world.where.kafka_bootstrap
    raw = [one for topic in topics for one in messages_in(bootstrap, topic)]
    teller.check(
        f"nor does any of the {len(raw)} messages in any topic, keys and headers included",
        got=[word for word in TELLTALES if any(word in one.everything for one in raw)],
        wanted=[],
    )
    log = "".join(file.read_text("utf-8", "replace") for file in world.where.logs.glob("*.log"))
    teller.check(
        "nor do the programs' own log files",
        got=[word for word in TELLTALES if word in log],
        wanted=[],
    )


def _prove_settings(world: World) -> None:
    # Only what stands in the saved file: the reader's shell will know nothing else.
    lines = (world.folder / "operator.env").read_text(encoding="utf-8").splitlines()
    saved = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    settings = {name: shlex.split(text)[0] for name, text in saved.items() if name != "PATH"}
    printed = Terminal(folder=world.folder, settings=settings).run("partner", "list")
    world.teller.check(
        "the commands below work with the settings saved for you",
        got=[one.service.id in printed for one in world.partners],
        wanted=[True] * len(world.partners),
    )


def _names(world: World) -> tuple[str, str]:
    return world.clb.name, world.caw.name


def _read(look: Look) -> bool:
    return look.state == "looked" and "diagnosis" in look.what


def _line(look: Look) -> str:
    return f"{look.service:32} {look.says}: {look.what}"
