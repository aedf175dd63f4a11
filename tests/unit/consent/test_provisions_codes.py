"""The codes of FHIR Consents, as HL7 prints them: their spelling, and which lies below which."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from consent.provision_codes import PURPOSES, RESOURCES, SENSITIVITIES
from consent.provision_model import Coding, Data, Question
from consent.vocabulary import PURPOSES as OWN_PURPOSES
from tests.support.fhir_consents import (
    DOCTOR,
    JSON,
    consent,
    deny,
    opt,
    permit,
    permitted,
    question,
    recipient,
    refused_within,
)

HL7 = "http://terminology.hl7.org/CodeSystem"
# An indented code lies below the one above it; codes on one line lie side by side.
ACT_REASONS = """
PurposeOfUse
  HMARKT PATRQT PUBHLTH HOPERAT HPAYMT HRESCH TREAT
  HOPERAT
    CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP HQUALIMP
    HSYSADMIN MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN MLTRAINING
    HSYSADMIN
      LABELING METAMGT
    SYSDEV
      HTEST
  HPAYMT
    CLMATTCH COVAUTH COVERAGE REMITADV PMTDS
    COVERAGE
      ELIGDTRM ELIGVER ENROLLM MILDCRG
  HRESCH
    BIORCH CLINTRCH DSRCH POARCH TRANSRCH
    CLINTRCH
      CLINTRCHNPC CLINTRCHPC PRECLINTRCH
  PATRQT
    FAMRQT PWATRNY SUPNWK
  PUBHLTH
    DISASTER THREAT
  TREAT
    CLINTRL COC ETREAT POPHLTH TREATDS
    ETREAT
      BTG ERTREAT
"""
SENSITIVITY_CODES = """
_InformationSensitivityPolicy
  ADOL CEL VIP DIA DRGIS EMP PDS PHY PRS
  _ActInformationSensitivityPolicy
    ETH GDIS HIV MST PREGNANT SCA SDV SEX SPI STD TBOO VIO IDS SICKLE
    SPI
      BH MH PSY PSYTHPN SUD
      BH
        COGN DVD EMOTDIS
      SUD
        ETHUD OPIOIDUD
  _EntitySensitivityPolicyType
    DEMO DOB GENDER LIVARG MARST PATLOC RACE REL
  _RoleInformationSensitivityPolicy
    B EMPL LOCIS SSP
"""


def _codes(outline: str) -> Iterator[tuple[str, frozenset[str]]]:
    line: list[str] = []
    for text in outline.strip().splitlines():
        depth = (len(text) - len(text.lstrip())) // 2
        for code in text.split():
            line = [*line[:depth], code]
            yield code, frozenset(line)


@pytest.mark.parametrize(
    ("outline", "known"), [(ACT_REASONS, PURPOSES), (SENSITIVITY_CODES, SENSITIVITIES)]
)
def test_each_code_lies_below_the_codes_hl7_puts_above_it(
    outline: str, known: Mapping[str, frozenset[str]]
) -> None:
    assert dict(_codes(outline)) == dict(known)


def test_the_types_of_resource_are_names_as_fhir_writes_them() -> None:
    assert len(RESOURCES) == 128
    assert {one for one in RESOURCES if not re.fullmatch(r"([A-Z][a-z]+)+", one)} == set()
    known = {"Account", "VisionPrescription", "Observation", "Immunization", "FamilyMemberHistory"}
    assert known <= RESOURCES


def question_for(purpose: Coding, about: Data | None = None) -> Question:
    return replace(question(about=about), purposes=frozenset({purpose}))


def one_of(system: str, code: str) -> list[JSON]:
    return [{"system": system, "code": code}]


def meaning(system: str, code: str) -> list[JSON]:
    return [{"coding": one_of(system, code)}]


WRITTEN_OUT: list[dict[str, list[JSON]]] = [
    {"purpose": one_of(f"{HL7}/v3-ActReason", "TREAT")},
    {"securityLabel": one_of(f"{HL7}/v3-Confidentiality", "N")},
    {"securityLabel": one_of(f"{HL7}/v3-ActCode", "SPI")},
    {"action": meaning(f"{HL7}/consentaction", "access")},
    {"class_": one_of("http://hl7.org/fhir/resource-types", "Observation")},
]


@pytest.mark.parametrize("selectors", WRITTEN_OUT)
def test_a_code_counts_by_the_address_of_its_system(selectors: dict[str, list[JSON]]) -> None:
    """The data and the purpose lie below the words of the provision, or are the same."""
    labels = {Coding(f"{HL7}/v3-Confidentiality", "N"), Coding(f"{HL7}/v3-ActCode", "ETHUD")}
    observation = Coding("http://hl7.org/fhir/resource-types", "Observation")
    about = Data(labels=frozenset(labels), classes=frozenset({observation}))
    asked = question_for(Coding(f"{HL7}/v3-ActReason", "COC"), about=about)
    scope = meaning(f"{HL7}/consentscope", "patient-privacy")[0]
    assert permitted(consent(permit(**selectors), scope=scope), asked)
    assert not permitted(refused_within(**selectors), asked)


def test_a_permit_of_restricted_data_reaches_normal_data() -> None:
    named = one_of(f"{HL7}/v3-Confidentiality", "R")
    normal = Data(labels=frozenset({Coding(f"{HL7}/v3-Confidentiality", "N")}))
    assert permitted(consent(permit(securityLabel=named)), question(about=normal))
    assert permitted(refused_within(securityLabel=named), question(about=normal))


@pytest.mark.parametrize("code", ["IRCP", "PRCP"])
def test_both_words_for_who_receives_the_data_say_nothing_more(code: str) -> None:
    role = meaning(f"{HL7}/v3-ParticipationType", code)[0]
    actor = recipient(DOCTOR) | {"role": role}
    assert permitted(consent(permit(actor=[actor])))
    assert not permitted(refused_within(actor=[actor]))


@pytest.mark.parametrize("code", ["collect", "access", "use", "disclose", "correct"])
def test_every_action_of_fhir_can_be_permitted_and_refused(code: str) -> None:
    named = meaning(f"{HL7}/consentaction", code)
    assert permitted(consent(permit(action=named)), question(action=code))
    assert not permitted(refused_within(action=named), question(action=code))
    other = "use" if code == "access" else "access"
    assert permitted(refused_within(action=named), question(action=other))


@pytest.mark.parametrize("code", ["patient-privacy", "research"])
def test_a_consent_to_privacy_or_research_is_about_sharing(code: str) -> None:
    scope = meaning(f"{HL7}/consentscope", code)[0]
    assert permitted(consent(permit(), scope=scope))
    assert not permitted([consent(permit()), consent(deny(), scope=scope)])


@pytest.mark.parametrize("code", ["adr", "treatment"])
def test_an_advance_directive_and_a_consent_to_treatment_are_not(code: str) -> None:
    scope = meaning(f"{HL7}/consentscope", code)[0]
    assert not permitted(consent(permit(), scope=scope))
    assert permitted([consent(permit()), consent(deny(), scope=scope)])


def test_a_root_that_agrees_with_its_policy_rule_contradicts_nothing() -> None:
    assert permitted(consent(permit(), policyRule=opt("OPTIN")))
    assert permitted(consent(deny(permit()), policyRule=opt("OPTOUT")))


@pytest.mark.parametrize("named", sorted(OWN_PURPOSES))
def test_a_purpose_of_the_rules_of_sharing_covers_itself_and_no_other(named: str) -> None:
    system = "https://deelregie.example/fhir/CodeSystem/purpose"
    other = "research" if named == "care" else "care"
    tree, exception = (
        consent(permit(purpose=one_of(system, named))),
        refused_within(purpose=one_of(system, named)),
    )
    assert permitted(tree, question_for(Coding(system, named)))
    assert not permitted(exception, question_for(Coding(system, named)))
    assert not permitted(tree, question_for(Coding(system, other)))
    assert permitted(exception, question_for(Coding(system, other)))


def test_the_same_word_for_a_purpose_in_another_system_is_another_purpose() -> None:
    own = Coding("https://deelregie.example/fhir/CodeSystem/purpose", "care")
    elsewhere = one_of("https://example.org/words", "care")
    assert not permitted(consent(permit(purpose=elsewhere)), question_for(own))
    assert not permitted(refused_within(purpose=elsewhere), question_for(own))
