"""What is not known about a provision of a FHIR Consent: which element, and what is the matter."""

from typing import Any

import pytest

from consent.provision_codes import ACT_CODE, ACT_REASON, ACTION, CONFIDENTIALITY, PARTICIPATION
from consent.provision_model import Asker, Coding, Data, Identifier, Says
from tests.support.fhir_consents import (
    DOCTOR,
    EVERYTHING,
    KNOWN,
    OTHER_DOCTOR,
    ROLES,
    SCHOOL,
    SNOMED,
    UNKNOWN_CODE,
    actions,
    ask,
    classes,
    coding,
    concept,
    consent,
    data,
    labels,
    permit,
    permitted,
    question,
    recipient,
    refused_within,
    some_data,
    why,
)

ELSEWHERE = "https://example.org/words"
NURSE, TEACHER = Coding(ROLES, "nurse"), Coding(ROLES, "teacher")


def in_role(system: str, code: str, reference: str | None = None) -> list[dict[str, Any]]:
    """An actor in this role, and with this reference when one is given."""
    named = {} if reference is None else {"reference": {"reference": reference}}
    return [{"role": concept(system, code), **named}]


def by_number(**identifier: str) -> list[dict[str, Any]]:
    return [{"role": concept(PARTICIPATION, "IRCP"), "reference": {"identifier": identifier}}]


IN_A_PROVISION: list[tuple[dict[str, Any], str, str]] = [
    ({"purpose": [UNKNOWN_CODE]}, "purpose[0]", "not_comparable"),
    ({"purpose": [coding(ACT_REASON, "TREATS")]}, "purpose[0]", "not_comparable"),
    ({"purpose": [{"code": "TREAT"}]}, "purpose[0]", "no_code"),
    ({"purpose": [{"system": ACT_REASON}]}, "purpose[0]", "no_code"),
    ({"action": [{"text": "read"}]}, "action[0]", "no_code"),
    ({"action": [concept(ELSEWHERE, "peek")]}, "action[0]", "unknown_word"),
    ({"action": [concept(ELSEWHERE, "access")]}, "action[0]", "unknown_word"),
    ({"action": [concept(ACTION, "peek")]}, "action[0]", "unknown_word"),
    ({"securityLabel": [UNKNOWN_CODE]}, "securityLabel[0]", "not_comparable"),
    ({"securityLabel": [coding(CONFIDENTIALITY, "X")]}, "securityLabel[0]", "not_comparable"),
    ({"securityLabel": [coding(ACT_CODE, "NEW")]}, "securityLabel[0]", "not_comparable"),
    ({"securityLabel": [coding(ELSEWHERE, "PSY")]}, "securityLabel[0]", "not_comparable"),
    ({"class_": [UNKNOWN_CODE]}, "class[0]", "not_comparable"),
    ({"class_": classes("Observaton")}, "class[0]", "not_comparable"),
    ({"code": [{"text": "alcohol"}]}, "code[0]", "no_code"),
    ({"code": [concept(SNOMED, "74732009")]}, "code[0]", "not_comparable"),
    ({"dataPeriod": {"start": "2020"}}, "dataPeriod", "undated"),
    ({"actor": [recipient("Group/who-knows")]}, "actor[0].reference", "unresolved"),
    ({"actor": [recipient("Practitioner/")]}, "actor[0].reference", "unresolved"),
    ({"actor": by_number(system="urn:x", value="7")}, "actor[0].reference", "unresolved"),
    ({"actor": by_number(value="7")}, "actor[0].reference", "unresolved"),
    ({"actor": in_role(ROLES, "nurse")}, "actor[0].role", "unresolved"),
    ({"actor": in_role(ROLES, "nurse", DOCTOR)}, "actor[0].role", "unresolved"),
    ({"actor": in_role(ROLES, "IRCP", DOCTOR)}, "actor[0].role", "unresolved"),
    ({"actor": in_role(PARTICIPATION, "AUT", DOCTOR)}, "actor[0].role", "unresolved"),
    ({"actor": in_role(PARTICIPATION, "IRCP")}, "actor[0].role", "unresolved"),
    ({"actor": [{"role": {"text": "nurse"}}]}, "actor[0].role", "no_code"),
    ({"data": [data("authoredby", DOCTOR)]}, "data[0].reference", "unresolved"),
    ({"data": [data("related", "Encounter/1")]}, "data[0].reference", "unresolved"),
    ({"data": [data("instance", "Observation/1")]}, "data[0].reference", "unresolved"),
]


@pytest.mark.parametrize(("selectors", "path", "reason"), IN_A_PROVISION)
def test_a_doubt_names_its_element_and_refuses(selectors: Any, path: str, reason: str) -> None:
    doubtful = ask(consent(permit(**selectors)))
    assert (doubtful.outcome, doubtful.heard[0].says) == (Says.DENY, Says.NOTHING)
    assert why(doubtful) == {f"Consent.provision.{path}": reason}
    refused = ask(refused_within(**selectors))
    assert (refused.outcome, refused.heard[0].says) == (Says.DENY, Says.DENY)
    assert why(refused) == {f"Consent.provision.provision[0].{path}": reason}
    assert refused.heard[0].reason is None


def test_data_with_labels_of_other_systems_only_are_not_labelled() -> None:
    foreign = question(about=some_data(labels=frozenset({Coding(ELSEWHERE, "secret")})))
    for code in ("N", "PSY"):
        assert why(ask(refused_within(securityLabel=labels(code)), foreign)) == {
            "Consent.provision.provision[0].securityLabel[0]": "unlabelled"
        }


def test_a_sensitivity_of_the_data_that_nobody_knows_may_be_the_one_refused() -> None:
    asked = question(about=some_data("N", "NEW"))
    assert why(ask(refused_within(securityLabel=labels("PSY")), asked)) == {
        "Consent.provision.provision[0].securityLabel[0]": "not_comparable"
    }


def test_the_same_word_of_another_system_is_another_word() -> None:
    asked = question(about=some_data("R", "PSY"))
    assert not permitted(consent(permit(securityLabel=[coding(ELSEWHERE, "PSY")])), asked)
    assert permitted(consent(permit(securityLabel=labels("PSY"))), asked)


def test_data_with_every_confidentiality_count_as_the_highest() -> None:
    asked = question(about=some_data(*"ULMNRV"))
    assert permitted(consent(permit(securityLabel=labels("V"))), asked)
    assert not permitted(consent(permit(securityLabel=labels("R"))), asked)


@pytest.mark.parametrize("kind", ["Practitioner", "Patient", "RelatedPerson", "Person", "Device"])
def test_another_person_or_device_is_somebody_else(kind: str) -> None:
    tree = refused_within(actor=[recipient(f"{kind}/other")])
    assert permitted(tree, question(who=f"{kind}/me"))
    assert not permitted(tree, question(who=f"{kind}/other"))


@pytest.mark.parametrize(
    ("named", "who"),
    [
        ("Organization/other", SCHOOL),
        ("Group/other", "Group/one"),
        (OTHER_DOCTOR, SCHOOL),
        ("Sorcerer/1", KNOWN),
        ("https://a.example/fhir/Practitioner/bram", "https://b.example/fhir/Practitioner/ann"),
        ("https://a.example/fhir/Practitioner/bram", DOCTOR),
        ("#ann", Asker(references=frozenset({"#ann"}), complete=True)),
    ],
)
def test_who_may_be_the_asker_is_refused_and_not_permitted(named: str, who: Any) -> None:
    assert not permitted(consent(permit(actor=[recipient(named)])), question(who=who))
    answer = ask(refused_within(actor=[recipient(named)]), question(who=who))
    assert answer.heard[0].says is Says.DENY
    assert why(answer) == {"Consent.provision.provision[0].actor[0].reference": "unresolved"}


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (Asker(roles=frozenset({TEACHER})), True),
        (Asker(complete=True), True),
        (Asker(roles=frozenset({TEACHER}), complete=True), False),
        (Asker(roles=frozenset({TEACHER, NURSE}), complete=True), True),
    ],
)
def test_another_role_is_known_only_when_all_roles_are(who: Asker, refused: bool) -> None:
    tree = refused_within(actor=in_role(ROLES, "nurse"))
    assert permitted(tree, question(who=who)) is not refused


def test_a_number_without_its_value_says_nothing_about_who_is_meant() -> None:
    numbered = Asker(
        references=frozenset({DOCTOR}), identifiers=frozenset({Identifier("urn:x", "7")})
    )
    for identifier in ({}, {"identifier": {"system": "urn:x"}}, {"identifier": {"value": "8"}}):
        actor = {**recipient(DOCTOR), "reference": {"reference": DOCTOR, **identifier}}
        assert permitted(consent(permit(actor=[actor])), question(who=numbered))


def test_other_data_are_known_only_when_the_relations_are() -> None:
    unseen = Data(reference="Observation/1")
    referring = Data(reference="Observation/1", refers_to=frozenset({"Condition/1"}))
    whole = Data(
        reference="Observation/1",
        refers_to=frozenset({"Condition/1"}),
        referred_to_by=frozenset({"Encounter/2"}),
    )
    dependents = refused_within(data=[data("dependents", "Encounter/1")])
    assert not permitted(dependents, question(about=unseen))
    assert permitted(dependents, question(about=referring))
    related = refused_within(data=[data("related", "Encounter/1")])
    assert not permitted(related, question(about=referring))
    assert permitted(related, question(about=whole))


def test_another_organisation_may_be_an_author_nobody_named() -> None:
    asked = question(about=some_data(authors=frozenset({SCHOOL})))
    assert not permitted(refused_within(data=[data("authoredby", "Organization/b")]), asked)
    assert not permitted(refused_within(data=[data("authoredby", SCHOOL)]), asked)


def test_a_doubt_in_one_of_several_values_is_told_beside_the_one_that_is_met() -> None:
    tree = consent(permit(action=[*actions("access"), concept(ELSEWHERE, "peek")]))
    assert permitted(tree)
    assert why(ask([EVERYTHING, tree])) == {"Consent.provision.action[1]": "unknown_word"}


def test_what_nobody_says_of_the_asker_and_the_data_is_not_known() -> None:
    assert Asker() == Asker(
        references=frozenset(),
        organisations=frozenset(),
        groups=frozenset(),
        identifiers=frozenset(),
        roles=frozenset(),
        complete=False,
    )
    assert Data() == Data(
        reference=None,
        classes=frozenset(),
        codes=frozenset(),
        labels=frozenset(),
        period=None,
        refers_to=None,
        referred_to_by=None,
        authors=None,
    )
