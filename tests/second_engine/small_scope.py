"""Every combination of a few facts: capacity, what each of three people said, reader and ground."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import product

from consent.model import (
    Actor,
    CareRelation,
    Child,
    Consent,
    Facts,
    Ground,
    Person,
    Recipient,
    Record,
    Request,
    Segment,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from tests.second_engine.dice import BRUSSELS
from tests.second_engine.random_situations import Situation

AT = datetime(2026, 3, 2, 10, tzinfo=BRUSSELS)
READERS: dict[str, tuple[Recipient, str]] = {
    "a nurse": (ToActor("nurse"), "care"),
    "a teacher": (ToActor("teacher"), "care"),
    "an administration": (ToService("admin"), "entitlement"),
    "a court": (ToService("court"), "justice"),
    "VK": (ToActor("vk-worker"), "safety"),
    "the child": (ToPerson("child"), "subject_access"),
    "the mother": (ToPerson("mother"), "subject_access"),
    "the confidant": (ToPerson("guide"), "subject_access"),
    "the foster parent": (ToPerson("foster"), "care"),
}
CHILDREN = (
    Child(born=date(2017, 2, 1)),
    Child(born=date(2014, 2, 25)),
    Child(born=date(2011, 6, 1)),
    Child(born=date(2011, 6, 1), capacity="incapable"),
    Child(born=date(2011, 6, 1), capacity_contested=True),
    Child(born=date(2006, 1, 1)),
)
STANDS = ("nothing", "granted", "refused", "withdrawn")
CLASSES = ("functional", "medical", "sexual_health", "context", "parent_data")
GROUNDS: tuple[Ground | None, ...] = (
    None,
    Ground(kind="necessity", invoked_by="counsellor", record="complete"),
    Ground(kind="statutory", validated=True, classes=frozenset({"functional", "medical"})),
    Ground(
        kind="unanswered",
        invoked_by="counsellor",
        record="complete",
        attempts=(date(2026, 2, 20),),
    ),
)
SEGMENTS = (
    Segment(id="advice", data_class="functional"),
    Segment(id="allergies", data_class="medical"),
    Segment(id="consult", data_class="sexual_health"),
    Segment(id="home", data_class="context", about=frozenset({"child", "mother"})),
    Segment(id="history", data_class="parent_data", about=frozenset({"mother"})),
)
SERVICES = {
    "caw": Service(kind="caw"),
    "vaph": Service(kind="vaph_facility"),
    "school": Service(kind="school"),
    "admin": Service(kind="vaph_admin"),
    "court": Service(kind="judiciary"),
    "vk": Service(kind="vk"),
}
ACTORS = {
    "counsellor": Actor(service="caw", role="care"),
    "nurse": Actor(service="vaph", role="medical"),
    "teacher": Actor(service="school", role="teacher"),
    "vk-worker": Actor(service="vk", role="care"),
}
PEOPLE = {
    "mother": Person(relation="parent", authority="exercised"),
    "father": Person(relation="parent", authority="exercised"),
    "foster": Person(relation="foster_parent"),
    "guide": Person(relation="confidant"),
}
RELATIONS = tuple(CareRelation(service=name) for name in ("vaph", "school"))


def small_scope(reader: str) -> Iterator[Situation]:
    """Every combination for one reader."""
    to, purpose = READERS[reader]
    grounds = GROUNDS[:2] if isinstance(to, ToPerson) else GROUNDS
    for child, mother, father, own, ground in product(
        CHILDREN, STANDS, STANDS, STANDS[:3], grounds
    ):
        said = {"mother": mother, "father": father, "child": own}
        yield Situation(Request(to=to, purpose=purpose, ground=ground), _facts(child, said), AT)


def _facts(child: Child, said: dict[str, str]) -> Facts:
    return Facts(
        child=child,
        people=PEOPLE,
        services=SERVICES,
        actors=ACTORS,
        relations=RELATIONS,
        consents=tuple(_decision(by, stand) for by, stand in said.items() if stand != "nothing"),
        record=Record(source="caw", segments=SEGMENTS),
    )


def _decision(by: str, stand: str) -> Consent:
    return Consent(
        id=f"{stand}-by-{by}",
        by=by,
        effect="refuse" if stand == "refused" else "grant",
        classes=frozenset(CLASSES),
        since=date(2026, 1, 1),
        withdrawn=datetime(2026, 2, 26, 12, tzinfo=BRUSSELS) if stand == "withdrawn" else None,
    )
