"""FHIR Consents say what their own provisions say; what cannot be understood denies."""

from typing import Any

import pytest

from consent.provision_codes import ACT_REASON, CONFIDENTIALITY, PARTICIPATION, SCOPE
from consent.provision_model import Asker, Coding, Data, Identifier, Says
from consent.provision_reading import MAX_DEPTH
from tests.support.fhir_consents import (
    AT,
    BTG_USERS,
    DOCTOR,
    JSON,
    LOINC,
    OTHER_DOCTOR,
    PATIENT,
    ROLES,
    SCHOOL,
    SNOMED,
    actions,
    ask,
    classes,
    coding,
    concept,
    consent,
    data,
    deny,
    labels,
    opt,
    permit,
    permitted,
    purposes,
    question,
    recipient,
    some_data,
    when,
    why,
)

EVERYTHING = consent(permit())
KNOWN = Asker(references=frozenset({DOCTOR}), complete=True)
UNKNOWN_CODE = coding("https://example.org/words", "never-heard-of")


def refused_within(**selectors: Any) -> JSON:
    """Everything is permitted but for one exception."""
    return consent(permit(deny(**selectors)))


# --- which consents count --------------------------------------------------------------------


@pytest.mark.parametrize(
    "status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"]
)
def test_a_consent_that_is_not_active_counts_as_absent(status: str) -> None:
    assert not permitted(consent(permit(), status=status))
    assert permitted([EVERYTHING, consent(deny(), status=status)])


@pytest.mark.parametrize("status", ["Active", "", 1, None, "revoked"])
def test_a_status_nobody_knows_denies(status: object) -> None:
    broken = {**consent(deny()), "status": status}
    answer = ask([EVERYTHING, broken])
    assert answer.outcome is Says.DENY
    assert "Consent.status" in why(answer)


@pytest.mark.parametrize(
    ("period", "counts"),
    [
        ({"end": "2026-03-02"}, True),
        ({"end": "2026-03"}, True),
        ({"end": "2026"}, True),
        ({"end": "2026-03-01"}, False),
        ({"end": "2026-02"}, False),
        ({"end": "2025"}, False),
        ({"start": "2026-03-02"}, True),
        ({"start": "2026-03-03"}, False),
        ({"start": "2026-04"}, False),
        ({"start": "2027"}, False),
        ({"start": "2026-03-02T09:00:00Z"}, True),
        ({"start": "2026-03-02T09:00:01Z"}, False),
        ({"end": "2026-03-02T10:00:00+01:00"}, True),
        ({"end": "2026-03-02T09:59:59.999+01:00"}, False),
        ({"start": "2025", "end": "9999-12-31"}, True),
    ],
)
def test_a_consent_counts_only_in_its_period(period: JSON, counts: bool) -> None:
    assert permitted(consent(permit(period=period))) is counts
    assert permitted([EVERYTHING, consent(deny(period=period))]) is not counts


def test_a_second_is_whole_unless_it_has_a_fraction() -> None:
    half_past = question(at=AT.replace(microsecond=500_000))
    whole, exact = "2026-03-02T10:00:00+01:00", "2026-03-02T10:00:00.4999+01:00"
    assert permitted(consent(permit(period={"end": whole})), half_past)
    assert not permitted(consent(permit(period={"end": exact})), half_past)


def test_a_day_without_zone_is_a_day_in_brussels() -> None:
    ends = consent(permit(period={"end": "2026-03-01"}))
    assert permitted(ends, question(at=AT.replace(day=1, hour=23, minute=59)))
    assert not permitted(ends, question(at=AT.replace(day=2, hour=0, minute=0)))


@pytest.mark.parametrize(
    "period",
    [
        {},
        "2026",
        [],
        {"start": "2026-3-1"},
        {"start": "2026-02-30"},
        {"end": "2026-03-02T10:00:00"},
        {"end": "2026-03-02T10:00Z"},
        {"end": "0000"},
        {"end": "٢٠٢٦"},
        {"end": 2026},
        {"start": "2027", "end": "2026"},
        {"until": "2026"},
    ],
)
def test_a_period_nobody_can_read_denies(period: object) -> None:
    for broken in (consent(permit(period=period)), consent(permit(dataPeriod=period))):
        answer = ask([EVERYTHING, broken])
        assert answer.outcome is Says.DENY
        assert any("eriod" in path for path in why(answer))


def test_a_nested_provision_out_of_its_period_counts_as_absent() -> None:
    assert permitted(refused_within(period={"end": "2025"}))
    assert not permitted(refused_within(period={"end": "2026"}))
    assert not permitted(consent(deny(permit(period={"end": "2025"}))))


def test_a_permit_inside_one_that_ended_has_ended_too() -> None:
    tree = consent(deny(permit(permit(), period={"end": "2025"})))
    assert not permitted(tree)


def test_consent_about_another_child_counts_as_absent() -> None:
    other = {"reference": "Patient/noor"}
    assert not permitted(consent(permit(), patient=other))
    assert permitted([EVERYTHING, consent(deny(), patient=other)])


@pytest.mark.parametrize(
    "patient",
    [
        None,
        {},
        {"display": "Mila"},
        {"reference": "#p"},
        {"reference": "https://example.org/fhir/Patient/mila"},
        {"identifier": {"value": "1"}},
    ],
)
def test_consent_about_nobody_knows_whom_denies(patient: object) -> None:
    answer = ask([EVERYTHING, consent(permit(), patient=patient)])
    assert answer.outcome is Says.DENY
    assert any(path.startswith("Consent.patient") for path in why(answer))


def test_consent_to_be_treated_says_nothing_about_sharing() -> None:
    treatment = concept(SCOPE, "treatment")
    assert not permitted(consent(permit(), scope=treatment))
    assert permitted([EVERYTHING, consent(deny(), scope=treatment)])


@pytest.mark.parametrize("name", ["scope", "category", "policy"])
def test_a_mandatory_element_that_is_missing_denies_and_is_not_repaired(name: str) -> None:
    answer = ask([EVERYTHING, consent(permit(), **{name: None})])
    assert answer.outcome is Says.DENY
    assert why(answer) == {f"Consent.{name}": "missing"}


# --- the base and the tree -------------------------------------------------------------------


def test_the_base_comes_from_the_policy_rule_or_from_the_root() -> None:
    assert permitted(consent({"purpose": purposes("TREAT")}, policyRule=opt("OPTIN")))
    assert permitted(consent(None, policyRule=opt("OPTIN")))
    assert not permitted([EVERYTHING, consent(None, policyRule=opt("OPTOUT"))])
    assert permitted(consent(permit(), policyRule=opt("OPTIN")))
    assert permitted(consent({"provision": [permit()]}, policyRule=opt("OPTOUT")))


def test_a_root_that_contradicts_the_policy_rule_is_refused() -> None:
    answer = ask([EVERYTHING, consent(permit(), policyRule=opt("OPTOUT"))])
    assert answer.outcome is Says.DENY
    assert why(answer) == {"Consent.provision.type": "contradiction"}


def test_without_a_base_everything_but_the_exceptions_is_denied() -> None:
    bare = {"provision": [permit(purpose=purposes("TREAT"))]}
    answer = ask(consent(bare), question("HRESCH"))
    assert answer.outcome is Says.DENY
    assert why(answer)["Consent.policyRule"] == "no_base"
    assert permitted(consent(bare))


def test_the_last_provision_that_matches_decides() -> None:
    assert not permitted(consent(permit(permit(), deny())))
    assert permitted(consent(deny(deny(), permit())))
    assert [one.path for one in ask(consent(permit(permit(), deny()))).decided_by] == [
        "Consent.provision.provision[1]"
    ]


def test_exceptions_to_exceptions_nest_to_any_depth() -> None:
    tree: JSON = deny()
    for depth in range(MAX_DEPTH - 1):
        tree = (deny if depth % 2 else permit)(tree)
    assert not permitted(consent(tree))
    innermost_permits: JSON = permit()
    for _ in range(MAX_DEPTH - 1):
        innermost_permits = deny(innermost_permits)
    assert permitted(consent(innermost_permits))


def test_a_tree_deeper_than_anybody_means_denies_and_is_reported() -> None:
    tree: JSON = permit()
    for _ in range(100_000):
        tree = permit(tree)
    answer = ask([EVERYTHING, consent(tree)])
    assert answer.outcome is Says.DENY
    assert set(why(answer).values()) == {"too_deep"}


def test_nested_provisions_are_tried_when_the_purpose_of_their_parent_does_not_match() -> None:
    tree = consent(permit(permit(purpose=purposes("HRESCH")), purpose=purposes("TREAT")))
    assert permitted(tree, question("HRESCH"))
    assert permitted(tree, question("TREAT"))


def test_a_nested_permit_never_reaches_further_than_the_actor_it_stands_in() -> None:
    tree = consent(deny(permit(permit(), actor=[recipient(DOCTOR)])))
    assert permitted(tree)
    assert not permitted(tree, question(who=OTHER_DOCTOR))


def test_a_nested_refusal_stands_on_its_own() -> None:
    tree = consent(permit(permit(deny(), actor=[recipient(OTHER_DOCTOR)])))
    assert not permitted(tree)


def test_all_selectors_of_a_provision_must_match() -> None:
    both = {"purpose": purposes("TREAT"), "class_": classes("Observation")}
    about = some_data(
        classes=frozenset({Coding("http://hl7.org/fhir/resource-types", "Condition")})
    )
    assert not permitted(consent(permit(**both)), question(about=about))
    assert permitted(refused_within(**both), question(about=about))


def test_of_several_values_one_is_enough() -> None:
    assert permitted(consent(permit(purpose=purposes("HRESCH", "TREAT"))))
    assert not permitted(refused_within(purpose=purposes("HRESCH", "TREAT")))


def test_nothing_matched_denies_and_nobody_decided() -> None:
    answer = ask(consent(permit(purpose=purposes("HRESCH"))))
    assert (answer.outcome, answer.decided_by) == (Says.DENY, ())
    assert not permitted([])


# --- purposes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "asked", "reached"),
    [
        ("HRESCH", "CLINTRCH", True),
        ("HRESCH", "CLINTRCHNPC", True),
        ("CLINTRCH", "HRESCH", False),
        ("TREAT", "COC", True),
        ("TREAT", "HPAYMT", False),
        ("PurposeOfUse", "FAMRQT", True),
        ("TREAT", "BTG", False),
        ("TREAT", "ETREAT", False),
        ("TREAT", "ERTREAT", False),
        ("ETREAT", "ERTREAT", True),
        ("ETREAT", "BTG", False),
        ("PurposeOfUse", "BTG", False),
        ("BTG", "TREAT", False),
        ("BTG", "BTG", True),
    ],
)
def test_a_purpose_permits_itself_and_what_lies_below_it_but_no_override(
    named: str, asked: str, reached: bool
) -> None:
    assert permitted(consent(permit(purpose=purposes(named))), question(asked)) is reached


@pytest.mark.parametrize(
    ("named", "asked", "reached"),
    [
        ("HRESCH", "CLINTRCH", True),
        ("CLINTRCH", "HRESCH", False),
        ("ETREAT", "BTG", True),
        ("PurposeOfUse", "BTG", True),
        ("TREAT", "ERTREAT", True),
        ("HPAYMT", "TREAT", False),
    ],
)
def test_a_refused_purpose_refuses_what_lies_below_it(
    named: str, asked: str, reached: bool
) -> None:
    tree = consent(permit(deny(purpose=purposes(named)), purpose=purposes(asked)))
    assert permitted(tree, question(asked)) is not reached


def test_a_named_override_adds_to_what_treatment_may_see() -> None:
    tree = consent(
        permit(
            permit(
                actor=[recipient(BTG_USERS)],
                purpose=purposes("BTG"),
                securityLabel=labels("R"),
                class_=classes("Observation"),
            ),
            purpose=purposes("TREAT"),
            securityLabel=labels("N"),
        )
    )
    user = Asker(references=frozenset({DOCTOR}), groups=frozenset({BTG_USERS}))
    assert permitted(tree, question("BTG", who=user))
    assert not permitted(tree, question("BTG"))
    assert not permitted(tree, question("BTG", who=user, about=some_data("R")))


def test_an_override_that_is_permitted_still_meets_a_refusal_of_treatment() -> None:
    break_glass = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(break_glass, question("BTG"))
    assert not permitted([break_glass, consent(deny(purpose=purposes("TREAT")))], question("BTG"))


def test_a_refusal_of_treatment_alone_says_nothing_about_an_override() -> None:
    answer = ask(consent(deny(purpose=purposes("TREAT"))), question("BTG"))
    assert (answer.outcome, answer.heard[0].says) == (Says.DENY, Says.NOTHING)


def test_one_consent_that_names_the_override_opens_no_other_consent() -> None:
    normal = consent(permit(purpose=purposes("TREAT"), securityLabel=labels("N")))
    restricted_only = consent(permit(purpose=purposes("BTG"), class_=classes("Observation")))
    assert not permitted([normal, restricted_only], question("BTG"))


def test_treatment_declared_with_an_override_is_one_question() -> None:
    break_glass = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(break_glass, question("BTG", "TREAT"))


def test_every_purpose_asked_for_must_be_permitted() -> None:
    treatment = consent(permit(purpose=purposes("TREAT")))
    assert not permitted(treatment, question("TREAT", "HRESCH"))


def test_a_purpose_of_another_system_permits_only_itself() -> None:
    tree = consent(permit(purpose=[UNKNOWN_CODE]))
    asked = question()
    same = Coding(UNKNOWN_CODE["system"], UNKNOWN_CODE["code"])
    assert permitted(tree, question_for(same))
    assert not permitted(tree, asked)
    assert why(ask(tree, asked)) == {"Consent.provision.purpose[0]": "not_comparable"}


def question_for(purpose: Coding) -> Any:
    asked = question()
    return type(asked)(
        patient=PATIENT,
        asker=asked.asker,
        purposes=frozenset({purpose}),
        action="access",
        at=AT,
        data=asked.data,
    )


# --- what is not known: never permits, always denies -----------------------------------------

NOT_KNOWN: dict[str, dict[str, Any]] = {
    "purpose": {"purpose": [UNKNOWN_CODE]},
    "purpose outside the hierarchy": {"purpose": [coding(ACT_REASON, "TREATS")]},
    "purpose without system": {"purpose": [{"code": "TREAT"}]},
    "action": {"action": [concept("https://example.org/words", "peek")]},
    "action in text only": {"action": [{"text": "read"}]},
    "label": {"securityLabel": [UNKNOWN_CODE]},
    "confidentiality": {"securityLabel": [coding(CONFIDENTIALITY, "X")]},
    "class": {"class_": [UNKNOWN_CODE]},
    "class misspelt": {"class_": classes("Observaton")},
    "code in text only": {"code": [{"text": "alcohol"}]},
    "code of an unseen system": {"code": [concept(SNOMED, "74732009")]},
    "dataPeriod of undated data": {"dataPeriod": {"start": "2020"}},
    "group": {"actor": [recipient("Group/who-knows")]},
    "care team": {"actor": [recipient("CareTeam/who-knows")]},
    "organisation": {"actor": [recipient("Organization/who-knows")]},
    "practitioner role": {"actor": [recipient("PractitionerRole/who-knows")]},
    "another server": {"actor": [recipient("https://elsewhere.example/fhir/Practitioner/ann")]},
    "contained actor": {"actor": [recipient("#ann")]},
    "not an address": {"actor": [recipient("Practitioner/")]},
    "actor by identifier": {
        "actor": [
            {
                "role": concept(PARTICIPATION, "IRCP"),
                "reference": {"identifier": {"system": "urn:oid:1.2", "value": "7"}},
            }
        ]
    },
    "role": {"actor": [{"role": concept(ROLES, "nurse"), "reference": {"reference": DOCTOR}}]},
    "recipient nobody names": {"actor": [{"role": concept(PARTICIPATION, "IRCP")}]},
    "authors of unseen data": {"data": [data("authoredby", DOCTOR)]},
    "relations of unseen data": {"data": [data("related", "Encounter/1")]},
    "instance of nameless data": {"data": [data("instance", "Observation/1")]},
}


@pytest.mark.parametrize("selectors", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_what_is_not_known_does_not_permit_but_denies_and_is_reported(selectors: Any) -> None:
    for tree in (consent(permit(**selectors)), refused_within(**selectors)):
        answer = ask(tree)
        assert answer.outcome is Says.DENY
        assert why(answer)


BROKEN: dict[str, dict[str, Any]] = {
    "no type": {"type": None},
    "type nobody knows": {"type": "allow"},
    "no list": {"purpose": coding(ACT_REASON, "TREAT")},
    "empty list": {"purpose": []},
    "null in a list": {"purpose": [None]},
    "empty object": {"purpose": [{}]},
    "number for a code": {"purpose": [{"system": ACT_REASON, "code": 1}]},
    "element of a later FHIR": {"documentType": classes("Observation")},
    "modifier extension": {"modifierExtension": [{"url": "https://example.org/not"}]},
    "actor without role": {"actor": [{"reference": {"reference": DOCTOR}}]},
    "data without meaning": {"data": [{"reference": {"reference": "Observation/1"}}]},
    "data without reference": {"data": [{"meaning": "instance"}]},
    "meaning nobody knows": {"data": [data("about", "Observation/1")]},
    "provisions in an object": {"provision": {"type": "permit"}},
    "provision in a text": {"provision": ["deny"]},
}


@pytest.mark.parametrize("elements", BROKEN.values(), ids=BROKEN)
def test_a_provision_that_is_not_fhir_makes_its_whole_consent_deny(elements: Any) -> None:
    nested = {name: value for name, value in {**permit(), **elements}.items() if value is not None}
    answer = ask([EVERYTHING, consent(permit(nested))])
    assert answer.outcome is Says.DENY
    assert all(path.startswith("Consent.provision.provision[0]") for path in why(answer))


@pytest.mark.parametrize("resource", [None, [], "Consent", 1, {}, {"resourceType": "Patient"}])
def test_what_is_no_consent_denies(resource: object) -> None:
    assert why(ask([EVERYTHING, resource])) == {"Consent": "not_a_consent"}
    assert not permitted([EVERYTHING, resource])


@pytest.mark.parametrize("name", ["implicitRules", "modifierExtension", "decision"])
def test_an_element_that_could_change_the_meaning_denies(name: str) -> None:
    answer = ask(consent(permit(), **{name: "https://example.org/rules"}))
    assert answer.outcome is Says.DENY
    assert f"Consent.{name}" in why(answer)


def test_a_question_that_cannot_be_understood_denies() -> None:
    assert why(ask(EVERYTHING, question(at=AT.replace(tzinfo=None)))) == {"request.at": "no_zone"}
    assert why(ask(EVERYTHING, question(action="peek"))) == {"request.action": "unknown_word"}
    assert why(ask(EVERYTHING, question(patient=""))) == {"request.patient": "missing"}


# --- actors ----------------------------------------------------------------------------------


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


# --- what may be done, and with which data -----------------------------------------------------


def test_an_action_that_is_not_named_is_any_action() -> None:
    assert permitted(EVERYTHING, question(action="disclose"))
    access = consent(permit(action=actions("access", "use")))
    assert permitted(access, question(action="use"))
    assert not permitted(access, question(action="disclose"))
    assert permitted(refused_within(action=actions("disclose")))


@pytest.mark.parametrize("rank", range(6))
@pytest.mark.parametrize("limit", range(6))
def test_a_permit_reaches_down_and_a_refusal_reaches_up(rank: int, limit: int) -> None:
    code, of_data = "ULMNRV"[limit], some_data("ULMNRV"[rank])
    asked = question(about=of_data)
    assert permitted(consent(permit(securityLabel=labels(code))), asked) is (rank <= limit)
    assert permitted(refused_within(securityLabel=labels(code)), asked) is (rank < limit)


def test_of_two_confidentialities_the_higher_counts() -> None:
    asked = question(about=some_data("N", "R"))
    assert not permitted(consent(permit(securityLabel=labels("N"))), asked)
    assert not permitted(refused_within(securityLabel=labels("R")), asked)


@pytest.mark.parametrize(
    ("named", "of_data", "reached"),
    [
        ("SUD", "ETHUD", True),
        ("SPI", "ETHUD", True),
        ("ETHUD", "SUD", False),
        ("PSY", "HIV", False),
        ("PSY", "PSY", True),
    ],
)
def test_a_sensitivity_reaches_what_lies_below_it(named: str, of_data: str, reached: bool) -> None:
    asked = question(about=some_data("R", of_data))
    assert permitted(consent(permit(securityLabel=labels(named))), asked) is reached
    assert permitted(refused_within(securityLabel=labels(named)), asked) is not reached


@pytest.mark.parametrize("code", ["N", "V", "PSY"])
def test_data_without_labels_are_not_known_to_be_safe(code: str) -> None:
    asked = question(about=Data())
    assert not permitted(consent(permit(securityLabel=labels(code))), asked)
    answer = ask(refused_within(securityLabel=labels(code)), asked)
    assert answer.outcome is Says.DENY
    assert set(why(answer).values()) == {"unlabelled"}


def test_class_and_code_are_met_word_for_word() -> None:
    weight, height = Coding(LOINC, "29463-7"), Coding(LOINC, "8302-2")
    asked = question(
        about=some_data(
            classes=frozenset({Coding("http://hl7.org/fhir/resource-types", "Observation")}),
            codes=frozenset({weight}),
        )
    )
    assert permitted(consent(permit(class_=classes("Observation"))), asked)
    assert not permitted(consent(permit(class_=classes("Condition"))), asked)
    assert permitted(refused_within(class_=classes("Condition")), asked)
    assert permitted(consent(permit(code=[concept(*height), concept(*weight)])), asked)
    assert not permitted(refused_within(code=[concept(*weight)]), asked)
    assert permitted(refused_within(code=[concept(*height)]), asked)


def test_a_misspelt_type_of_resource_in_a_refusal_denies() -> None:
    observation = Coding("http://hl7.org/fhir/resource-types", "Observation")
    asked = question(about=some_data(classes=frozenset({observation})))
    answer = ask(refused_within(class_=classes("Observaton")), asked)
    assert answer.outcome is Says.DENY
    assert why(answer) == {"Consent.provision.provision[0].class[0]": "not_comparable"}


@pytest.mark.parametrize(
    ("start", "end", "by_permit", "by_deny"),
    [
        ("2022-01-01", "2022-12-31", True, True),
        ("2021-12-31", "2022-01-01", False, True),
        ("2022-12-31", "2023-01-01", False, True),
        ("2021", "2021-12-31", False, False),
        ("2023-01-01", "2023", False, False),
    ],
)
def test_a_data_period_permits_what_lies_inside_and_denies_what_touches_it(
    start: str, end: str, by_permit: bool, by_deny: bool
) -> None:
    asked = question(about=some_data(period=when(start, end)))
    year = {"start": "2022-01", "end": "2022-12"}
    assert permitted(consent(permit(dataPeriod=year)), asked) is by_permit
    assert permitted(refused_within(dataPeriod=year), asked) is not by_deny


def test_a_period_of_the_data_is_not_the_period_of_the_rule() -> None:
    old = question(about=some_data(period=when("2020")))
    assert permitted(consent(permit(period={"start": "2026"})), old)
    assert not permitted(consent(permit(dataPeriod={"start": "2026"})), old)


SEEN = some_data(
    reference="Observation/1",
    refers_to=frozenset({"Encounter/1", "Condition/9"}),
    referred_to_by=frozenset({"DiagnosticReport/1"}),
    authors=frozenset({DOCTOR}),
)


@pytest.mark.parametrize(
    ("meaning", "reference", "met"),
    [
        ("instance", "Observation/1", True),
        ("instance", "Observation/2", False),
        ("instance", "Encounter/1", False),
        ("related", "Observation/1", True),
        ("related", "Encounter/1", True),
        ("related", "DiagnosticReport/1", True),
        ("related", "Encounter/2", False),
        ("dependents", "Encounter/1", True),
        ("dependents", "DiagnosticReport/1", False),
        ("authoredby", DOCTOR, True),
        ("authoredby", OTHER_DOCTOR, False),
    ],
)
def test_data_are_named_by_instance_relation_or_author(
    meaning: str, reference: str, met: bool
) -> None:
    named = [data(meaning, reference)]
    asked = question(about=SEEN)
    assert permitted(consent(permit(data=named)), asked) is met
    assert permitted(refused_within(data=named), asked) is not met


# --- several consents --------------------------------------------------------------------------


def test_across_consents_a_refusal_wins() -> None:
    assert not permitted([EVERYTHING, consent(deny(), id="c2")])
    assert not permitted([consent(deny()), EVERYTHING])
    assert permitted([EVERYTHING, consent(deny(purpose=purposes("HRESCH")))])


def test_the_answer_lists_what_every_consent_said_and_who_decided() -> None:
    ended = consent(permit(), id="old", status="inactive")
    silent = consent(permit(purpose=purposes("HRESCH")), id="research")
    refusal = consent(deny(), id="father")
    answer = ask([consent(permit(), id="mother"), refusal, ended, silent])
    assert [(one.id, one.says.value) for one in answer.heard] == [
        ("mother", "permit"),
        ("father", "deny"),
        ("old", "absent"),
        ("research", "nothing"),
    ]
    assert [one.id for one in answer.decided_by] == ["father"]


@pytest.mark.parametrize(
    "broken",
    [
        {**EVERYTHING, "_implicitRules": {"extension": [{"url": "https://example.org/x"}]}},
        consent(permit(period={"start": "2020", "_end": {"extension": []}})),
        consent({**permit(), "_provision": [{"type": "deny"}]}),
        consent({**permit(), "_actor": []}),
    ],
)
def test_what_extends_an_element_may_mean_another_thing_and_denies(broken: JSON) -> None:
    answer = ask(broken)
    assert answer.outcome is Says.DENY
    assert any("_" in place for place in why(answer))


def test_a_wider_purpose_beside_an_override_is_still_asked_for_itself() -> None:
    override = consent(deny(permit(purpose=purposes("BTG"))))
    assert permitted(override, question("BTG"))
    assert not permitted(override, question("PurposeOfUse"))
    assert not permitted(override, question("BTG", "PurposeOfUse"))
