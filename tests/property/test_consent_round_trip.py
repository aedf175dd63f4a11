"""A stored decision, and the FHIR Consent it is written as, give the same answer."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.systems import DATA_CLASS
from consent.asker import asker_of
from consent.lifecycle import State
from consent.model import CHILD, Child, Consent, Facts, Record, Service, ToService
from consent.moments import BRUSSELS, now_at
from consent.provision_model import Asker, Coding, Data, Question, Says
from consent.provisions import evaluate
from consent.standing import Standing, decisions_for, stand_on
from gateway.fhir.consent_resource import ANNULLED, PURPOSE, StoredDecision, consent_resource

SINCE = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
CLASSES = ("logistics", "diagnosis", "medical")
PURPOSES = ("care", "referral", "transfer")
PARTNERS = ("clb-leuven", "caw-gent")
SOURCES = ("vaph", "kdv")
GONE = (State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED, State.CONTESTED, State.PROPOSED, ANNULLED)
UNTIL = (date(2026, 3, 2), date(2026, 3, 29), date(2027, 3, 1))


def decisions(effect: str, *, any_: bool, state: Any = State.ACTIVE, **more: Any) -> Any:
    def maybe(values: Any) -> Any:
        return st.one_of(st.none(), values) if any_ else values

    given_fields: dict[str, Any] = {
        "id": st.uuids().map(str),
        "child": st.just("mila"),
        "person": st.just("mother"),
        "effect": st.just(effect),
        "classes": maybe(st.lists(st.sampled_from(CLASSES), min_size=1, unique=True).map(tuple)),
        "purpose": maybe(st.sampled_from(PURPOSES[:2])),
        "partner": maybe(st.sampled_from(PARTNERS)),
        "since": st.just(SINCE),
        "until": maybe(st.sampled_from(UNTIL)),
        "wording": st.just("share/v1"),
        "giver": st.sampled_from(("parent", "self")),
        "state": st.sampled_from(state) if isinstance(state, tuple) else st.just(state),
    }
    return st.builds(StoredDecision, **(given_fields | more))


grants = decisions("grant", any_=False)
refusals = decisions("refuse", any_=True)
exclusions = decisions("exclude", any_=False, classes=st.none(), purpose=st.none(), until=st.none())
instants = st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 1)).map(
    lambda moment: moment.replace(tzinfo=BRUSSELS)
)
questions = st.tuples(
    st.sampled_from(PURPOSES), st.sampled_from(PARTNERS), st.sampled_from(CLASSES), instants
)
Asked = tuple[str, str, str, datetime]


def exported(stored: list[StoredDecision], asked: Asked) -> bool:
    """Whether the Consents permit it, by their own provisions."""
    purpose, partner, data_class, at = asked
    question = Question(
        patient="Patient/mila",
        asker=Asker(organisations=frozenset({f"Organization/{partner}"}), complete=True),
        purposes=frozenset({Coding(PURPOSE, purpose)}),
        action="access",
        at=at,
        data=Data(
            classes=frozenset({Coding(DATA_CLASS, data_class)}),
            authors=frozenset({"Organization/vaph"}),
        ),
    )
    return evaluate([consent_resource(one) for one in stored], question).outcome is Says.PERMIT


def granted(stored: list[StoredDecision], asked: Asked) -> bool:
    """Whether their giver stands granted, as the engine weighs the decisions."""
    purpose, partner, data_class, at = asked
    services = {name: Service(kind="clb") for name in PARTNERS}
    facts = Facts(
        child=Child(born=date(2019, 1, 1)),
        services=services,
        record=Record(source="vaph", segments=()),
    )
    now = now_at(at)
    assert now is not None
    found = decisions_for(
        [as_engine(one) for one in stored if one.state not in GONE],
        purpose,
        frozenset({"vaph"}),
        asker_of(ToService(partner), facts),
        now,
    )
    return stand_on(found, CHILD, data_class).standing is Standing.GRANTED


def as_engine(one: StoredDecision) -> Consent:
    return Consent(
        id=one.id,
        by=CHILD,
        effect=one.effect,
        classes=None if one.classes is None else frozenset(one.classes),
        purpose=one.purpose,
        from_services=None if one.sources is None else frozenset(one.sources),
        to=None if one.partner is None else frozenset({one.partner}),
        since=one.since,
        until=one.until,
    )


@settings(max_examples=300, deadline=None)
@given(st.one_of(grants, refusals, exclusions), questions)
def test_one_decision_says_the_same_as_a_consent(decision: StoredDecision, asked: Asked) -> None:
    assert exported([decision], asked) is granted([decision], asked)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(grants, min_size=1, max_size=3),
    st.lists(st.one_of(refusals, exclusions), max_size=2),
    questions,
)
def test_a_grant_beside_refusals_and_exclusions_says_the_same(
    yes: list[StoredDecision], no: list[StoredDecision], asked: Asked
) -> None:
    # At equal time a refusal wins in both; a later grant may lift one in the hub only.
    assert exported([*yes, *no], asked) is granted([*yes, *no], asked)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(grants, min_size=1, max_size=2),
    decisions(
        "restrict_gdpr",
        any_=True,
        sources=st.lists(st.sampled_from(SOURCES), min_size=1, unique=True).map(tuple),
    ),
    st.integers(1, 3600),
    questions,
)
def test_whatever_else_is_decided_a_consent_never_permits_more(
    yes: list[StoredDecision], no: StoredDecision, later: int, asked: Asked
) -> None:
    newer = [replace(one, since=one.since + timedelta(seconds=later)) for one in yes]
    if exported([*newer, no], asked):
        assert granted([*newer, no], asked)


@settings(max_examples=100, deadline=None)
@given(decisions("grant", any_=False, state=GONE), questions)
def test_what_counts_no_more_or_not_yet_permits_nothing(
    decision: StoredDecision, asked: Asked
) -> None:
    assert not exported([decision], asked)


@settings(max_examples=50, deadline=None)
@given(decisions("grant", any_=False, text_changed=st.sampled_from((True,))), questions)
def test_a_grant_whose_text_changed_permits_nothing(decision: StoredDecision, asked: Asked) -> None:
    assert not exported([decision], asked)


@settings(max_examples=50, deadline=None)
@given(decisions("object", any_=True), grants, questions)
def test_an_objection_to_a_transfer_stops_transfers_only(
    objection: StoredDecision, grant: StoredDecision, asked: Asked
) -> None:
    # The hub weighs it in a transfer only, so that alone must be the same.
    assert exported([grant, objection], asked) is (
        exported([grant], asked) and asked[0] != "transfer"
    )
