"""The people, programs and engines of the story, and what they remember from step to step."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

from gateway.demo.auditor import Auditor
from gateway.demo.families import Parent
from gateway.demo.partners import CAW, CHILDCARE, CLB, SERVICES, VAPH, Partner
from gateway.demo.telling import Teller
from gateway.demo.terminal import Terminal
from gateway.demo.topic import RawMessage
from gateway.embedded.stack import Addresses, Stack

DOSSIER: Final = "vaph_01_dossier_noor_2023.xml"
REVISED: Final = "vaph_02_dossier_noor_2024_herziening.xml"
TRAJECTORY: Final = "clb_01_noor_hgd_traject.xml"
CLIENTS: Final = "caw_01_onthaal_export.csv"
SHEET: Final = "ko_inlichtingenfiche_noor.json"
SAMPLES: Final = {
    DOSSIER: "vaph", REVISED: "vaph", TRAJECTORY: "clb", CLIENTS: "caw", SHEET: "childcare",
}  # fmt: skip
# Names, national numbers and diagnoses of the invented family: none may stand where they may not.
# Each is long enough, or has a dot, that ciphertext does not spell it by chance.
TELLTALES: Final = (
    "Peeters", "Yasmina", "El Amrani", "Wouter", "19631421243", "90710208412",
    "88672331155", "F80.2", "F84.0", "taalstoornis", "Autisme", "Autism",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class World:
    """Everybody in the story; `unread` is what the CLB left lying in its topic."""

    teller: Teller
    stack: Stack
    folder: Path
    operator: Terminal
    vaph: Partner
    clb: Partner
    caw: Partner
    childcare: Partner
    mother: Parent
    father: Parent
    stranger: Parent
    auditor: Auditor
    unread: list[RawMessage] = field(default_factory=list)

    @property
    def where(self) -> Addresses:
        """Where the engines are."""
        return self.stack.addresses

    @property
    def partners(self) -> tuple[Partner, ...]:
        """Return the four services."""
        return (self.vaph, self.clb, self.caw, self.childcare)

    def sample(self, name: str) -> Path:
        """Return a sample's place in the demo's folder."""
        return self.folder / "samples" / name


@contextmanager
def peopled(teller: Teller, stack: Stack, folder: Path) -> Iterator[World]:
    """Give everybody a terminal or a browser of their own."""
    _unpack_samples(folder / "samples")
    where = stack.addresses
    owned = {one.id: _partner(one.id, folder, where) for one in SERVICES}
    parents = [Parent(where.hub) for _ in range(3)]
    auditor = Auditor(where.hub)
    with ExitStack() as closing:
        for parent in parents:
            closing.callback(parent.close)
        closing.callback(auditor.close)
        yield World(
            teller=teller,
            stack=stack,
            folder=folder,
            operator=Terminal(folder=folder, settings=stack.environment),
            vaph=owned[VAPH.id],
            clb=owned[CLB.id],
            caw=owned[CAW.id],
            childcare=owned[CHILDCARE.id],
            mother=parents[0],
            father=parents[1],
            stranger=parents[2],
            auditor=auditor,
        )


def _partner(partner: str, folder: Path, where: Addresses) -> Partner:
    # A partner knows two addresses at most and its own key: nothing of the hub's.
    service = next(one for one in SERVICES if one.id == partner)
    settings = {
        "DEELREGIE_HUB": where.hub,
        "DEELREGIE_PARTNER_KEY": str(folder / partner / "private.jwk"),
    }
    if not service.by_feed:
        settings["DEELREGIE_KAFKA_BOOTSTRAP"] = where.kafka_bootstrap
    terminal = Terminal(folder=folder, settings=settings)
    return Partner(service, terminal, hub=where.hub, kafka=where.kafka_bootstrap)


def _unpack_samples(folder: Path) -> None:
    folder.mkdir()
    for file, source in SAMPLES.items():
        content = (files("schemas") / "sources" / source / file).read_bytes()
        (folder / file).write_bytes(content)
