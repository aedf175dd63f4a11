"""The words of the rules are those of their section 1, and those the hub publishes in FHIR."""

import json

import pytest

from consent import vocabulary as words
from consent.rule import Tier
from schemas import read_data
from tests.support.situations import facts, granted_by_both, the_segment

LISTED = {
    "PURPOSES": "care diagnosis referral safety transfer entitlement subject_access audit"
    " inspection policy research justice other",
    "ROLES": "care medical decision teacher childcare_worker childcare_lead trajectory_supporter"
    " auditor inspector policy judge system",
    "RELATIONS": "parent guardian foster_parent kin sibling confidant supporter other",
    "AUTHORITIES": "exercised exclusive held deprived delegated none",
    "CAPACITIES": "presumed capable incapable",
    "FLAGS": "anonymous_help secret_address deceased",
    "CONSENT_EFFECTS": "grant refuse exclude object object_gdpr restrict_gdpr",
    "REQUEST_KINDS": "routed pull replay onward",
    "GROUNDS": "team statutory court_order clb_transfer necessity concern_report case_conference"
    " unanswered vital_emergency article_458bis",
    "SECRECIES": "professional youth_help official discretion none",
    "DATA_CLASSES": "logistics functional development diagnosis diagnostic_report medical"
    " sexual_health context concern parent_data third_party confidential judicial placement"
    " identity national_number therapy_notes agogic_exception unlabelled",
    "KINDS": "vaph_facility vaph_admin clb caw childcare school vk ocj health foster_service ckg"
    " opgroeien_admin groeipakket huis_van_het_kind overkop gbo judiciary police inspection"
    " employer insurer",
    "CARE_KINDS": "clb caw vaph_facility ckg foster_service health vk ocj",
    "OPEN_KINDS": "huis_van_het_kind overkop gbo",
    "ADMINISTRATIONS": "vaph_admin opgroeien_admin groeipakket",
    "JUDICIAL_KINDS": "judiciary police",
    "OUTSIDER_KINDS": "employer insurer",
    "MANDATED_KINDS": "vk ocj",
    "BOUND_RELATIONS": "foster_parent confidant",
    "NEAR_RELATIONS": "child parent guardian foster_parent confidant",
    "RAISING_RELATIONS": "parent guardian foster_parent",
}


@pytest.mark.parametrize("name", LISTED)
def test_the_words_are_those_of_the_rules(name: str) -> None:
    assert set(getattr(words, name)) == set(LISTED[name].split())


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("DATA_CLASSES", "data-class"),
        ("PURPOSES", "purpose"),
        ("CONSENT_EFFECTS", "decision-effect"),
    ],
)
def test_the_words_are_those_published(name: str, published: str) -> None:
    system = json.loads(read_data("fhir", f"CodeSystem-{published}.json"))
    assert {one["code"] for one in system["concept"]} == getattr(words, name)


def test_the_tiers_are_numbered_as_in_the_rules() -> None:
    assert [tier.value for tier in Tier] == ["T0", "T1", "T2", "T3", "T4", "T5", "T6"]


def test_what_is_not_held_waits_for_nothing() -> None:
    for known in (facts(), facts(*granted_by_both())):
        assert the_segment(known).waits_for == ""


def test_a_kind_of_service_implies_care_outside_youth_help_and_without_the_national_number() -> (
    None
):
    usual = words.Kind(secrecy="none")
    assert usual == words.Kind(secrecy="none", youth_help=False, national_number=False, role="care")
