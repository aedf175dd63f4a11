"""Theorems about FHIR Consents, over every consent and question the strategies can think of."""

import copy
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consent.provision_model import Asker, Coding, Data, Question, Says
from consent.provision_times import bounds
from consent.provisions import evaluate
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
    permitted,
    provision,
    purposes,
    question,
    recipient,
    when,
    why,
)
from tests.support.theorems import tried_on

theorem = tried_on(200)
PURPOSES = ("TREAT", "COC", "BTG", "ETREAT", "HRESCH", "CLINTRCH", "PurposeOfUse")
LABELS = ("U", "N", "R", "V", "PSY", "SUD", "ETHUD")
PEOPLE = (DOCTOR, OTHER_DOCTOR, SCHOOL, BTG_USERS)
DATES = ("2020", "2025-12", "2026-03-02", "2026-03-02T10:00:00+01:00", "2027-01")
STRANGE = coding("https://example.org/words", "never-heard-of")


def lists(one: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, min_size=1, max_size=3)


periods = st.one_of(
    st.builds(lambda date: {"start": date}, st.sampled_from(DATES)),
    st.builds(lambda date: {"end": date}, st.sampled_from(DATES)),
)
selectors = st.fixed_dictionaries(
    {},
    optional={
        "purpose": lists(st.sampled_from([*purposes(*PURPOSES), STRANGE])),
        "actor": lists(st.sampled_from(PEOPLE).map(recipient)),
        "action": lists(st.sampled_from(actions("access", "disclose", "peek"))),
        "securityLabel": lists(st.sampled_from([*labels(*LABELS), STRANGE])),
        "class": lists(st.sampled_from(classes("Observation", "Condition"))),
        "code": lists(st.sampled_from([concept(LOINC, "1-1"), concept(LOINC, "2-2")])),
        "period": periods,
        "dataPeriod": periods,
        "data": lists(
            st.builds(
                data,
                st.sampled_from(("instance", "related", "dependents", "authoredby")),
                st.sampled_from(("Observation/1", "Encounter/1", DOCTOR)),
            )
        ),
    },
)
kinds = st.sampled_from(("permit", "deny"))
leaves = st.builds(lambda kind, found: provision(kind, **found), kinds, selectors)
trees: st.SearchStrategy[JSON] = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda kind, found, nested: provision(kind, *nested, **found),
        kinds,
        selectors,
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
statuses = st.sampled_from(("active", "active", "active", "inactive", "strange"))
patients = st.sampled_from((PATIENT, PATIENT, "Patient/noor"))
consents = st.builds(
    lambda root, status, patient: consent(root, status=status, patient={"reference": patient}),
    trees,
    statuses,
    patients,
)


def subsets(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


askers = st.builds(
    Asker,
    references=st.just(frozenset({DOCTOR})),
    organisations=subsets((SCHOOL,)),
    groups=subsets((BTG_USERS,)),
    roles=st.just(frozenset({Coding(ROLES, "nurse")})),
    complete=st.booleans(),
)
some = st.builds(
    Data,
    reference=st.sampled_from((None, "Observation/1", "Observation/2")),
    classes=st.just(frozenset(Coding(**one) for one in classes("Observation"))),
    codes=subsets(("1-1", "3-3")).map(lambda codes: frozenset(Coding(LOINC, one) for one in codes)),
    labels=subsets(LABELS).map(lambda codes: frozenset(Coding(**one) for one in labels(*codes))),
    period=st.sampled_from((None, when("2025-12-03"), when("2026-03"))),
    refers_to=st.sampled_from((None, frozenset({"Encounter/1"}))),
    authors=st.sampled_from((None, frozenset({DOCTOR}))),
)
questions = st.builds(
    lambda asked, who, about, action: question(*asked, who=who, about=about, action=action),
    st.lists(st.sampled_from(PURPOSES), min_size=1, max_size=2),
    askers,
    some,
    st.sampled_from(("access", "disclose")),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    "resourceType",
                    "status",
                    "provision",
                    "type",
                    "purpose",
                    "actor",
                    "coding",
                    "data",
                )
            )
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@theorem
@given(st.lists(consents, max_size=3), questions)
def test_default_deny(found: list[JSON], asked: Question) -> None:
    answer = ask(found, asked)
    if answer.outcome is Says.PERMIT:
        assert answer.decided_by
        assert {one.says for one in answer.heard} <= {Says.PERMIT, Says.NOTHING, Says.ABSENT}
    assert not permitted([], asked)


@theorem
@given(st.lists(consents, max_size=3), questions, st.data())
def test_the_order_of_consents_does_not_matter(
    found: list[JSON], asked: Question, dice: st.DataObject
) -> None:
    other = dice.draw(st.permutations(found))
    assert permitted(found, asked) == permitted([*other, *other], asked)


def shuffled(value: Any, dice: st.DataObject) -> Any:
    """The same consent with the values of every selector in another order."""
    if isinstance(value, dict):
        return {
            name: dice.draw(st.permutations(inner))
            if isinstance(inner, list) and name != "provision"
            else shuffled(inner, dice)
            for name, inner in value.items()
        }
    return [shuffled(one, dice) for one in value] if isinstance(value, list) else value


@theorem
@given(consents, questions, st.data())
def test_the_order_of_values_does_not_matter(
    found: JSON, asked: Question, dice: st.DataObject
) -> None:
    assert permitted(found, asked) == permitted(shuffled(found, dice), asked)


@theorem
@given(st.lists(consents, min_size=1, max_size=3), questions, selectors, st.data())
def test_adding_a_refusal_never_widens(
    found: list[JSON], asked: Question, added: JSON, dice: st.DataObject
) -> None:
    before = permitted(found, asked)
    wider = copy.deepcopy(found)
    nested = wider[0]["provision"].setdefault("provision", [])
    nested.insert(dice.draw(st.integers(0, len(nested))), provision("deny", **added))
    assert not permitted(wider, asked) or before
    assert not permitted([*found, consent(deny(**added))], asked) or before


@theorem
@given(st.lists(consents, max_size=3), questions)
def test_one_refusal_of_everything_denies(found: list[JSON], asked: Question) -> None:
    assert not permitted([*found, consent(deny())], asked)


@theorem
@given(consents, questions, st.sampled_from(("purpose", "action", "securityLabel", "class")))
def test_a_word_nobody_knows_in_a_refusal_denies_and_is_reported(
    found: JSON, asked: Question, name: str
) -> None:
    value = {"coding": [STRANGE]} if name == "action" else STRANGE
    unknown = consent(deny(**{name: [value]}), policyRule=opt("OPTOUT"))
    answer = ask([found, unknown], asked)
    assert answer.outcome is Says.DENY
    assert any(name in path for path in why(answer))


@theorem
@given(consents, questions, st.sampled_from(("purpose", "action", "securityLabel", "class")))
def test_replacing_a_word_by_one_nobody_knows_never_widens(
    found: JSON, asked: Question, name: str
) -> None:
    value = {"coding": [STRANGE]} if name == "action" else STRANGE
    changed = copy.deepcopy(found)
    changed["provision"][name] = [value]
    assert not permitted(changed, asked) or permitted(found, asked)
    assert any(name in path for path in why(ask(changed, asked))) or not _counts(changed)


def _counts(found: JSON) -> bool:
    return found["status"] == "active" and ask(found).heard[0].says is not Says.ABSENT


@theorem
@given(st.lists(anything, max_size=3), questions)
def test_any_json_at_all_gets_an_answer_and_never_permits(
    found: list[object], asked: Question
) -> None:
    answer = evaluate(found, asked)
    assert answer.outcome is Says.DENY
    assert len(answer.heard) == len(found)


@theorem
@given(consents, questions, anything, st.data())
def test_any_json_anywhere_in_a_consent_gets_an_answer(
    found: JSON, asked: Question, value: object, dice: st.DataObject
) -> None:
    broken = copy.deepcopy(found)
    node: Any = broken
    while True:
        places = sorted(node) if isinstance(node, dict) else range(len(node))
        place = dice.draw(st.sampled_from(places))
        if not isinstance(node[place], dict | list) or not node[place] or dice.draw(st.booleans()):
            node[place] = value
            break
        node = node[place]
    answer = evaluate([broken], asked)
    assert [note.reason.value for note in answer.not_understood] == []


@theorem
@given(consents, questions, st.integers(1, 400))
def test_a_consent_that_ended_is_as_good_as_none(found: JSON, asked: Question, days: int) -> None:
    last = (AT - timedelta(days=days)).date().isoformat()
    ended = copy.deepcopy(found)
    ended["provision"]["period"] = {"end": last}
    if ended["status"] != "strange":
        assert permitted([consent({"type": "permit"}), ended], asked)
    assert not permitted(ended, asked)


@theorem
@given(st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-]..:..))?"))
def test_any_date_is_read_or_refused(text: str) -> None:
    covered = bounds(text)
    assert covered is None or covered.first <= covered.last


@theorem
@given(consents, questions)
def test_an_answer_depends_on_nothing_but_what_it_is_given(found: JSON, asked: Question) -> None:
    before = copy.deepcopy(found)
    assert ask(found, asked) == ask(copy.deepcopy(found), asked)
    assert found == before
