"""The published meaning of the examples of IHE Privacy Consent on FHIR (PCF), in our own words.

Source: profiles.ihe.net/ITI/PCF, the examples of the basic, intermediate and advanced consents.
"""

from datetime import datetime

import pytest

from consent.moments import BRUSSELS
from consent.provision_model import Asker, Coding, Data
from tests.support.fhir_consents import (
    BTG_USERS,
    DOCTOR,
    JSON,
    OTHER_DOCTOR,
    coding,
    consent,
    data,
    deny,
    labels,
    permit,
    permitted,
    purposes,
    question,
    recipient,
    some_data,
    when,
)

TPO = purposes("TREAT", "HPAYMT", "HOPERAT")
RESEARCHER = "Organization/research-house"
FOOBAR = coding("http://example.org/policies/purposeOfUse", "FooBar")
EXPIRED_AT = datetime(2023, 1, 1, tzinfo=BRUSSELS)
MAY_BREAK_GLASS = Asker(references=frozenset({DOCTOR}), groups=frozenset({BTG_USERS}))


def tpo(*nested: JSON, **selectors: object) -> JSON:
    return consent(permit(*nested, purpose=TPO, **selectors))


@pytest.mark.parametrize("purpose", ["TREAT", "HPAYMT", "HOPERAT", "COC", "CLMATTCH"])
def test_basic_consent_permits_treatment_payment_and_operations(purpose: str) -> None:
    assert permitted(tpo(), question(purpose))


@pytest.mark.parametrize("purpose", ["HRESCH", "BTG", "HMARKT"])
def test_basic_consent_permits_no_other_purpose(purpose: str) -> None:
    assert not permitted(tpo(), question(purpose))


def test_expired_consent_permits_until_the_end_of_its_last_day() -> None:
    expired = tpo(period={"end": "2022-12-31"})
    assert not permitted(expired, question(at=EXPIRED_AT))
    assert permitted(expired, question(at=EXPIRED_AT.replace(year=2022)))


def test_basic_dissent_permits_nothing() -> None:
    dissent = consent(deny(purpose=TPO))
    for purpose in ("TREAT", "HPAYMT", "HOPERAT", "HRESCH", "BTG"):
        assert not permitted(dissent, question(purpose))


def test_timeframe_permits_or_forbids_data_of_that_year() -> None:
    year = {"start": "2022-01", "end": "2022-12"}
    only, but = tpo(dataPeriod=year), tpo(deny(dataPeriod=year))
    inside = question(about=some_data(period=when("2022-06-13")))
    outside = question(about=some_data(period=when("2020-12-04T23:50:50-05:00")))
    assert permitted(only, inside)
    assert not permitted(only, outside)
    assert not permitted(but, inside)
    assert permitted(but, outside)


@pytest.mark.parametrize(
    ("meaning", "named"),
    [
        ("authoredby", DOCTOR),
        ("related", "Encounter/home"),
        ("instance", "Observation/alcohol-use"),
    ],
)
def test_author_encounter_and_instance_permit_or_forbid(meaning: str, named: str) -> None:
    only = tpo(data=[data(meaning, named)])
    but = tpo(deny(data=[data(meaning, named)]))
    this = some_data(
        reference="Observation/alcohol-use",
        refers_to=frozenset({"Encounter/home"}),
        referred_to_by=frozenset(),
        authors=frozenset({DOCTOR}),
    )
    other = some_data(
        reference="Observation/weight",
        refers_to=frozenset({"Encounter/other"}),
        referred_to_by=frozenset(),
        authors=frozenset({OTHER_DOCTOR}),
    )
    assert permitted(only, question(about=this))
    assert not permitted(only, question(about=other))
    assert not permitted(but, question(about=this))
    assert permitted(but, question(about=other))


def test_one_research_project_is_permitted_to_its_organisation_only() -> None:
    project = consent(permit(purpose=[FOOBAR], actor=[recipient(RESEARCHER)]))
    own = Asker(organisations=frozenset({RESEARCHER}))
    asked = question(who=own)
    foobar = frozenset({Coding(FOOBAR["system"], FOOBAR["code"])})

    def for_project(who: Asker) -> bool:
        return permitted(
            project,
            type(asked)(
                patient=asked.patient,
                asker=who,
                purposes=foobar,
                action="access",
                at=asked.at,
                data=asked.data,
            ),
        )

    assert for_project(own)
    assert not for_project(Asker(organisations=frozenset({"Organization/another"})))
    assert not permitted(project, question("TREAT", who=own))
    assert not permitted(project, question("HRESCH", who=own))


NORMAL, RESTRICTED = some_data("N"), some_data("R", "ETHUD")


def test_normal_permits_normal_data_only() -> None:
    normal = tpo(securityLabel=labels("N"))
    assert permitted(normal, question(about=NORMAL))
    assert not permitted(normal, question(about=RESTRICTED))
    assert not permitted(normal, question(about=Data()))


def test_normal_and_restricted_permits_both() -> None:
    both = tpo(securityLabel=labels("N", "R"))
    assert permitted(both, question(about=NORMAL))
    assert permitted(both, question(about=RESTRICTED))
    assert not permitted(both, question(about=some_data("V")))


def test_normal_but_not_restricted_permits_normal_data_only() -> None:
    but = tpo(deny(securityLabel=labels("R")), securityLabel=labels("N"))
    assert permitted(but, question(about=NORMAL))
    assert not permitted(but, question(about=RESTRICTED))


@pytest.mark.parametrize(
    ("focus", "of_data"),
    [(("R",), ("R",)), (("PSY",), ("R", "PSY")), (("PSY", "SEX"), ("R", "SEX"))],
)
def test_focused_data_are_for_one_practitioner(
    focus: tuple[str, ...], of_data: tuple[str, ...]
) -> None:
    focused = tpo(
        permit(actor=[recipient(DOCTOR)], securityLabel=labels(*focus)), securityLabel=labels("N")
    )
    for who, sees in ((DOCTOR, True), (OTHER_DOCTOR, False)):
        assert permitted(focused, question(who=who, about=NORMAL))
        assert permitted(focused, question(who=who, about=some_data(*of_data))) is sees


def test_dissent_but_for_break_glass_opens_to_who_may_declare_it() -> None:
    dissent = consent(deny(permit(actor=[recipient(BTG_USERS)], purpose=purposes("BTG"))))
    assert permitted(dissent, question("BTG", who=MAY_BREAK_GLASS, about=RESTRICTED))
    assert not permitted(dissent, question("TREAT", who=MAY_BREAK_GLASS))
    assert not permitted(dissent, question("BTG"))


def test_break_glass_adds_restricted_to_normal_for_who_may_declare_it() -> None:
    glass = tpo(
        permit(actor=[recipient(BTG_USERS)], securityLabel=labels("R"), purpose=purposes("BTG")),
        securityLabel=labels("N"),
    )
    for about in (NORMAL, RESTRICTED):
        assert permitted(glass, question("BTG", who=MAY_BREAK_GLASS, about=about))
        assert not permitted(glass, question("BTG", about=about))
    assert permitted(glass, question("TREAT", who=MAY_BREAK_GLASS, about=NORMAL))
    assert not permitted(glass, question("TREAT", who=MAY_BREAK_GLASS, about=RESTRICTED))
