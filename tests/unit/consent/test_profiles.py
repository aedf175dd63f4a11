"""Who may ask for what and who needs what, as section 4 of the rules of sharing lists it."""

import pytest

from consent.model import Actor, CareRelation, Facts, Person, Service, ToActor, ToPerson, ToService
from consent.vocabulary import KINDS, PURPOSES, RELATIONS, ROLES
from tests.support.situations import (
    PARENTS,
    SERVICES,
    a_record,
    a_segment,
    ask,
    facts,
    rule_for,
)

CARE = ("clb", "caw", "vaph_facility", "ckg", "foster_service", "health", "vk", "ocj")
OPEN = ("huis_van_het_kind", "overkop", "gbo")
ADMINISTRATIONS = ("vaph_admin", "opgroeien_admin", "groeipakket")
COURTS = ("judiciary", "police")
OUTSIDERS = ("employer", "insurer")
FOR_CARE = {"care", "diagnosis", "referral", "safety"}

Place = tuple[str, str]


def listed() -> dict[Place, set[str]]:
    """Purposes by kind and role; nothing that is not listed may be asked for."""
    found: dict[Place, set[str]] = {}
    for kind in CARE:
        for role in ("care", "medical"):
            found[kind, role] = FOR_CARE | ({"transfer"} if kind == "clb" else set())
    found |= {(kind, "care"): FOR_CARE for kind in OPEN}
    found |= {
        (kind, role): {"entitlement"}
        for kind in ADMINISTRATIONS
        for role in ("decision", "medical")
    }
    found["school", "teacher"] = {"care", "safety"}
    found["childcare", "childcare_worker"] = found["childcare", "childcare_lead"] = {
        "care",
        "safety",
    }
    found |= {(kind, "judge"): {"justice", "safety"} for kind in COURTS}
    found["inspection", "inspector"] = {"inspection"}
    for kind in (*CARE, *OPEN, "opgroeien_admin"):
        found[kind, "trajectory_supporter"] = {"care", "referral"}
    for kind in set(KINDS) - set(OUTSIDERS):
        found[kind, "auditor"] = {"audit"}
        found[kind, "policy"] = {"policy", "research"}
    return found


def at_a(kind: str, role: str, data_class: str = "diagnosis") -> Facts:
    return facts(
        services=SERVICES | {"here": Service(kind=kind)},
        actors={"an": Actor(service="here", role=role)},
        relations=(CareRelation(service="here"),),
        record=a_record(a_segment(data_class, id="dx")),
    )


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_role_asks_for_the_purposes_listed_and_no_other(kind: str) -> None:
    for role in ROLES - {"system"}:
        known = at_a(kind, role)
        asked = {
            one for one in PURPOSES if rule_for(known, ask(ToActor("an"), purpose=one)) != "G3"
        }
        assert asked == listed().get((kind, role), set()), role


def test_a_delivery_to_a_service_asks_in_the_usual_role_of_its_kind() -> None:
    usual = dict.fromkeys(KINDS, "care")
    usual |= dict.fromkeys(ADMINISTRATIONS, "decision") | dict.fromkeys(COURTS, "judge")
    usual |= {"school": "teacher", "childcare": "childcare_worker", "inspection": "inspector"}
    for kind, role in usual.items():
        known = at_a(kind, "system")
        for to in (ToService("here"), ToActor("an")):
            asked = {one for one in PURPOSES if rule_for(known, ask(to, purpose=one)) != "G3"}
            assert asked == listed().get((kind, role), set()), kind


def test_persons_ask_for_themselves_for_care_and_for_safety_and_a_confidant_only_to_read() -> None:
    for relation in RELATIONS:
        known = facts(people=PARENTS | {"who": Person(relation=relation)})
        asked = {
            one for one in PURPOSES if rule_for(known, ask(ToPerson("who"), purpose=one)) != "G3"
        }
        assert asked == {"subject_access"} | (
            {"care", "safety"} if relation != "confidant" else set()
        )


CLASSES = [
    "logistics",
    "functional",
    "development",
    "diagnosis",
    "diagnostic_report",
    "medical",
    "sexual_health",
    "context",
    "concern",
]
NEEDS = {
    ("clb", "health"): "x x x x x m m x o",
    ("caw",): "x x x x . . . x o",
    ("vaph_facility", "ckg", "foster_service"): "x x x x x m . x o",
    ("vk", "ocj"): "x x x x x m . x x",
    ADMINISTRATIONS: "x x . c . m . . .",
}
BY_ROLE = {
    ("childcare", "childcare_worker"): "x x . . . . . . .",
    ("school", "teacher"): "x x . . . . . . .",
    ("childcare", "childcare_lead"): "x x x c . . . . .",
    ("caw", "trajectory_supporter"): "x x x c . . . x .",
    ("gbo", "trajectory_supporter"): "x x x c . . . x .",
    ("gbo", "care"): ". . . . . . . . .",
    ("overkop", "care"): ". . . . . . . . .",
    ("huis_van_het_kind", "care"): ". . . . . . . . .",
    ("caw", "auditor"): ". . . . . . . . .",
    ("inspection", "inspector"): ". . . . . . . . .",
}
FOSTERING = "x x x c . d . . ."


def rows() -> list[tuple[str, str, str]]:
    """Each kind and role with its row of the table."""
    found: dict[Place, str] = dict(BY_ROLE)
    for kinds, row in NEEDS.items():
        for kind in kinds:
            usual = "decision" if kind in ADMINISTRATIONS else "care"
            found |= {(kind, usual): row, (kind, "medical"): row}
    return [(*place, row) for place, row in found.items()]


@pytest.mark.parametrize(("kind", "role", "row"), rows())
def test_each_recipient_gets_the_classes_its_work_needs_and_no_other(
    kind: str, role: str, row: str
) -> None:
    request = ask(ToActor("an"), purpose=min(listed()[kind, role]))
    for data_class, mark in zip(CLASSES, row.split(), strict=True):
        needed = mark in {"x", "c"} or (mark == "m" and role == "medical")
        assert (rule_for(at_a(kind, role, data_class), request) != "G5") is needed, data_class


def test_a_foster_parent_needs_what_daily_care_asks_and_other_persons_nothing() -> None:
    people = PARENTS | {"foster": Person(relation="foster_parent"), "aunt": Person(relation="kin")}
    for data_class, mark in zip(CLASSES, FOSTERING.split(), strict=True):
        known = facts(people=people, record=a_record(a_segment(data_class, id="dx")))
        asked = rule_for(known, ask(ToPerson("foster")))
        assert (asked not in {"G5", "H7"}) is (mark != ".")
        assert rule_for(known, ask(ToPerson("mother"))) == "G5"
        assert rule_for(known, ask(ToPerson("aunt"))) == "G4"


@pytest.mark.parametrize(
    "data_class",
    ["parent_data", "third_party", "confidential", "placement", "identity", "national_number"],
)
def test_what_has_a_bar_of_its_own_has_no_column(data_class: str) -> None:
    for kind, role in (("caw", "care"), ("childcare", "childcare_worker"), ("gbo", "care")):
        assert rule_for(at_a(kind, role, data_class), ask(ToActor("an"))) != "G5"


def test_each_kind_of_service_has_its_secrecy_and_may_or_may_not_use_the_number() -> None:
    secrecies = dict.fromkeys(CARE, "professional") | dict.fromkeys(ADMINISTRATIONS, "official")
    secrecies |= dict.fromkeys(("school", "inspection"), "official")
    secrecies |= dict.fromkeys(("childcare", *OPEN), "discretion")
    secrecies |= dict.fromkeys((*COURTS, *OUTSIDERS), "none")
    assert {name: kind.secrecy for name, kind in KINDS.items()} == secrecies
    in_youth_help = {name for name, kind in KINDS.items() if kind.youth_help}
    assert in_youth_help == set(CARE) - {"health"}
    with_number = {name for name, kind in KINDS.items() if kind.national_number}
    assert with_number == {"clb", "vaph_facility", "vk", "ocj", "health", *ADMINISTRATIONS}
