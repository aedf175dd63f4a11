"""The code systems a FHIR Consent is written in, as far as its provisions need an order of codes.

Source: HL7 Terminology (terminology.hl7.org), v3-ActReason 4.0.0 under `PurposeOfUse`, v3-ActCode
11.0.0 under `_InformationSensitivityPolicy`, v3-Confidentiality 5.0.0; `subsumedBy` is the parent.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
ACTION: Final = "http://terminology.hl7.org/CodeSystem/consentaction"
SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
OWN_PURPOSE: Final = "https://deelregie.example/fhir/CodeSystem/purpose"
"""The purposes of the rules of sharing: a short flat list, in which no word includes another."""
RESOURCE_TYPES: Final = "http://hl7.org/fhir/resource-types"

_PURPOSES: Final = {
    "PurposeOfUse": "HMARKT HOPERAT HPAYMT HRESCH PATRQT PUBHLTH TREAT",
    "HOPERAT": "CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP"
    " HQUALIMP HSYSADMIN MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV TRAIN"
    " MLTRAINING",
    "HSYSADMIN": "LABELING METAMGT",
    "SYSDEV": "HTEST",
    "HPAYMT": "CLMATTCH COVAUTH COVERAGE REMITADV PMTDS",
    "COVERAGE": "ELIGDTRM ELIGVER ENROLLM MILDCRG",
    "HRESCH": "BIORCH CLINTRCH DSRCH POARCH TRANSRCH",
    "CLINTRCH": "CLINTRCHNPC CLINTRCHPC PRECLINTRCH",
    "PATRQT": "FAMRQT PWATRNY SUPNWK",
    "PUBHLTH": "DISASTER THREAT",
    "TREAT": "CLINTRL COC ETREAT POPHLTH TREATDS",
    "ETREAT": "BTG ERTREAT",
}
_SENSITIVITIES: Final = {
    "_InformationSensitivityPolicy": "_ActInformationSensitivityPolicy"
    " _EntitySensitivityPolicyType _RoleInformationSensitivityPolicy"
    " ADOL CEL VIP DIA DRGIS EMP PDS PHY PRS",
    "_ActInformationSensitivityPolicy": "ETH GDIS HIV MST PREGNANT SCA SDV SEX SPI STD TBOO VIO"
    " IDS SICKLE",
    "SPI": "BH MH PSY PSYTHPN SUD",
    "BH": "COGN DVD EMOTDIS",
    "SUD": "ETHUD OPIOIDUD",
    "_EntitySensitivityPolicyType": "DEMO DOB GENDER LIVARG MARST PATLOC RACE REL",
    "_RoleInformationSensitivityPolicy": "B EMPL LOCIS SSP",
}


def _with_ancestors(children: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """Give each code itself and every code above it."""
    parents = {child: parent for parent, codes in children.items() for child in codes.split()}
    above: dict[str, frozenset[str]] = {}
    for code in {*children, *parents}:
        line = [code]
        while line[-1] in parents:
            line.append(parents[line[-1]])
        above[code] = frozenset(line)
    return MappingProxyType(above)


PURPOSES: Final = _with_ancestors(_PURPOSES)
"""Each purpose with itself and those above it."""
SENSITIVITIES: Final = _with_ancestors(_SENSITIVITIES)
"""Each sensitivity with itself and those above it."""
CONFIDENTIALITIES: Final = MappingProxyType({code: rank for rank, code in enumerate("ULMNRV")})
"""Unrestricted < low < moderate < normal < restricted < very restricted."""

TREATMENT: Final = "TREAT"
OVERRIDES: Final = frozenset({"BTG", "ETREAT"})
"""Purposes somebody declares to pass a refusal; treatment never implies them."""
RECIPIENTS: Final = frozenset({"IRCP", "PRCP"})
"""Roles that only say that the actor receives the data."""
ACTIONS: Final = frozenset({"collect", "access", "use", "disclose", "correct"})
SHARING_SCOPES: Final = frozenset({"patient-privacy", "research"})
OTHER_SCOPES: Final = frozenset({"adr", "treatment"})
"""Advance directives and consent to be treated: not about sharing."""
BASES: Final = MappingProxyType({"OPTIN": "permit", "OPTOUT": "deny"})

_RESOURCES: Final = (
    "Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment "
    "AppointmentResponse AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure "
    "Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem "
    "ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication "
    "CommunicationRequest CompartmentDefinition Composition ConceptMap Condition Consent "
    "Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue "
    "Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport "
    "DocumentManifest DocumentReference Encounter Endpoint EnrollmentRequest "
    "EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable "
    "ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition "
    "Group GuidanceResponse HealthcareService ImagingStudy Immunization "
    "ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan "
    "Invoice Library Linkage List Location Measure MeasureReport Media Medication "
    "MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest "
    "MedicationStatement MessageDefinition MessageHeader MolecularSequence NamingSystem "
    "NutritionOrder Observation ObservationDefinition OperationDefinition OperationOutcome "
    "Organization OrganizationAffiliation Parameters Patient PaymentNotice "
    "PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure "
    "Provenance Questionnaire QuestionnaireResponse RelatedPerson RequestGroup "
    "ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject "
    "RiskAssessment Schedule SearchParameter ServiceRequest Slot Specimen "
    "SpecimenDefinition StructureDefinition StructureMap Subscription Substance "
    "SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript "
    "ValueSet VerificationResult VisionPrescription"
)
RESOURCES: Final = frozenset(_RESOURCES.split())
"""The resource types that R4 and R4B share; every other word is unknown."""


def reached_by_permit(purpose: str) -> frozenset[str]:
    """Give the purposes whose permission covers this one; an override must be named itself."""
    return frozenset({purpose}) if purpose in OVERRIDES else _up_to_override(purpose)


def reached_by_deny(purpose: str) -> frozenset[str]:
    """Give the purposes whose refusal covers this one; treatment alone never meets an override."""
    above = PURPOSES[purpose]
    return above - {TREATMENT} if purpose in OVERRIDES else above


def _up_to_override(purpose: str) -> frozenset[str]:
    """Emergency-room treatment lies under ETREAT: permission for plain treatment is below it."""
    above = PURPOSES[purpose]
    passed = above & OVERRIDES
    return above - frozenset().union(*(PURPOSES[one] - {one} for one in passed))
