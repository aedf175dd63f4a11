"""A decision of the hub, rendered as FHIR Consent, is valid and says what was decided."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.systems import DATA_CLASS
from consent.moments import BRUSSELS
from consent.provision_model import Asker, Coding, Data, Question, Says
from consent.provisions import evaluate
from gateway.fhir.consent_resource import PURPOSE, StoredDecision, consent_resource
from gateway.fhir.validate import validate

SINCE = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
CLASSES = ("logistics", "diagnosis", "medical")
PURPOSES = ("care", "referral")
PARTNERS = ("clb-leuven", "caw-gent")

decisions = st.builds(
    StoredDecision,
    id=st.just("d1"),
    child=st.just("mila"),
    person=st.sampled_from(("mila", "mother")),
    effect=st.sampled_from(("grant", "refuse", "object")),
    classes=st.lists(st.sampled_from(CLASSES), min_size=1, unique=True).map(tuple),
    purpose=st.sampled_from(PURPOSES),
    partner=st.sampled_from(PARTNERS),
    since=st.just(SINCE),
    until=st.sampled_from((date(2026, 3, 2), date(2026, 3, 29), date(2027, 3, 1))),
    wording=st.just("share/v1"),
    withdrawn=st.booleans(),
)
instants = st.datetimes(datetime(2026, 3, 1), datetime(2027, 4, 1)).map(
    lambda moment: moment.replace(tzinfo=BRUSSELS)
)


def asked(purpose: str, partner: str, data_class: str, at: datetime) -> Question:
    return Question(
        patient="Patient/mila",
        asker=Asker(organisations=frozenset({f"Organization/{partner}"}), complete=True),
        purposes=frozenset({Coding(PURPOSE, purpose)}),
        action="access",
        at=at,
        data=Data(classes=frozenset({Coding(DATA_CLASS, data_class)})),
    )


@settings(max_examples=300, deadline=None)
@given(
    decisions,
    st.sampled_from(PURPOSES),
    st.sampled_from(PARTNERS),
    st.sampled_from(CLASSES),
    instants,
)
def test_a_rendered_decision_permits_what_was_granted_and_nothing_else(
    decision: StoredDecision, purpose: str, partner: str, data_class: str, at: datetime
) -> None:
    assert decision.classes is not None
    assert decision.until is not None
    granted = (
        decision.effect == "grant"
        and not decision.withdrawn
        and (purpose, partner) == (decision.purpose, decision.partner)
        and data_class in decision.classes
        and decision.since <= at
        and at.astimezone(BRUSSELS).date() <= decision.until
    )
    resource = consent_resource(decision)
    answer = evaluate([resource], asked(purpose, partner, data_class, at))
    assert (answer.outcome is Says.PERMIT) is granted


@settings(max_examples=100, deadline=None)
@given(decisions)
def test_a_rendered_decision_is_valid_fhir(decision: StoredDecision) -> None:
    assert validate(consent_resource(decision)) == ()


@settings(max_examples=100, deadline=None)
@given(decisions)
def test_a_rendered_refusal_wins_from_a_rendered_grant(decision: StoredDecision) -> None:
    grant = replace(decision, effect="grant", withdrawn=False)
    refusal = replace(grant, effect="refuse")
    assert grant.classes is not None
    assert grant.purpose is not None
    assert grant.partner is not None
    question = asked(grant.purpose, grant.partner, grant.classes[0], SINCE + timedelta(minutes=1))
    both = [consent_resource(grant), consent_resource(refusal)]
    assert evaluate(both[:1], question).outcome is Says.PERMIT
    assert evaluate(both, question).outcome is Says.DENY
