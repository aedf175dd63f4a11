"""Several FHIR Consents together: a refusal wins."""

from tests.support.fhir_consents import (
    EVERYTHING,
    ask,
    consent,
    deny,
    permit,
    permitted,
    purposes,
)


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
