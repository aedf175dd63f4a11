"""Whom a provision of a FHIR Consent is about."""

import pytest

from consent.provision_codes import PARTICIPATION
from consent.provision_model import Asker, Coding, Identifier
from tests.support.fhir_consents import (
    DOCTOR,
    JSON,
    KNOWN,
    OTHER_DOCTOR,
    ROLES,
    SCHOOL,
    concept,
    consent,
    permit,
    permitted,
    question,
    recipient,
    refused_within,
)


@pytest.mark.parametrize(
    "who",
    [
        Asker(references=frozenset({DOCTOR, SCHOOL})),
        Asker(organisations=frozenset({SCHOOL})),
        Asker(groups=frozenset({SCHOOL})),
    ],
)
def test_an_actor_is_met_by_reference_organisation_or_group(who: Asker) -> None:
    assert permitted(consent(permit(actor=[recipient(SCHOOL)])), question(who=who))
    assert not permitted(refused_within(actor=[recipient(SCHOOL)]), question(who=who))


def test_another_practitioner_is_somebody_else() -> None:
    assert not permitted(consent(permit(actor=[recipient(OTHER_DOCTOR)])))
    assert permitted(refused_within(actor=[recipient(OTHER_DOCTOR)]))


def test_a_group_is_somebody_else_only_when_all_memberships_are_known() -> None:
    tree = refused_within(actor=[recipient("Group/others")])
    assert not permitted(tree)
    assert permitted(tree, question(who=KNOWN))


def test_the_version_of_a_reference_does_not_matter() -> None:
    assert permitted(consent(permit(actor=[recipient(f"{DOCTOR}/_history/3")])))


def test_a_role_and_a_reference_must_both_match() -> None:
    rule = {"role": concept(ROLES, "nurse"), "reference": {"reference": SCHOOL}}
    nurse = frozenset({Coding(ROLES, "nurse")})
    at_school = Asker(organisations=frozenset({SCHOOL}), roles=nurse, complete=True)
    elsewhere = Asker(organisations=frozenset({"Organization/b"}), roles=nurse, complete=True)
    teacher = Asker(
        organisations=frozenset({SCHOOL}), roles=frozenset({Coding(ROLES, "x")}), complete=True
    )
    for who, meets in ((at_school, True), (elsewhere, False), (teacher, False)):
        assert permitted(consent(permit(actor=[rule])), question(who=who)) is meets
        assert permitted(refused_within(actor=[rule]), question(who=who)) is not meets


def test_a_role_alone_selects_everybody_in_that_role() -> None:
    rule = {"role": concept(ROLES, "nurse")}
    nurse = Asker(references=frozenset({DOCTOR}), roles=frozenset({Coding(ROLES, "nurse")}))
    assert permitted(consent(permit(actor=[rule])), question(who=nurse))
    assert not permitted(refused_within(actor=[rule]), question(who=nurse))


def test_an_identifier_is_met_by_system_and_value_together() -> None:
    def by(system: str) -> JSON:
        number = {"identifier": {"system": system, "value": "7"}}
        return {"role": concept(PARTICIPATION, "IRCP"), "reference": number}

    who = Asker(identifiers=frozenset({Identifier("urn:oid:1.2", "7")}))
    assert permitted(consent(permit(actor=[by("urn:oid:1.2")])), question(who=who))
    assert not permitted(consent(permit(actor=[by("urn:oid:1.3")])), question(who=who))


def test_an_address_and_an_identifier_that_disagree_leave_open_who_is_meant() -> None:
    def known_by(number: str) -> Asker:
        identifiers = frozenset({Identifier("urn:oid:1.2", number)})
        return Asker(references=frozenset({DOCTOR}), identifiers=identifiers)

    identifier = {"system": "urn:oid:1.2", "value": "7"}
    rule = {
        "role": concept(PARTICIPATION, "IRCP"),
        "reference": {"reference": DOCTOR, "identifier": identifier},
    }
    for who, opens in ((known_by("7"), True), (known_by("8"), False), (DOCTOR, True)):
        assert permitted(consent(permit(actor=[rule])), question(who=who)) is opens
        assert not permitted(refused_within(actor=[rule]), question(who=who))
