"""A correction reaches everyone who received the earlier statement, and nobody else."""

from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.identity.callers import PersonCaller
from tests.integration.diagnosis.clinic import (
    CAW,
    CGG,
    CLB,
    STRANGER,
    VAPH,
    Clinic,
    condition,
)

AUTISM = condition("F84.0", "2024-10-21")
WRONG = condition("F84.0", "2024-10-21", status="entered-in-error", clinical=None)


def received(clinic: Clinic) -> str:
    """Let the CAW open everything about both diagnoses in its messages; return the id of one."""
    clinic.world.both_grant(to=CAW)
    clinic.state(VAPH, AUTISM)
    clinic.world.send()
    clinic.world.read(CAW)
    return clinic.hub.vault.pairwise(CAW, clinic.leading_id("F84.0"))


def test_who_opened_the_message_is_told_and_can_read_how_it_ended(clinic: Clinic) -> None:
    autism = received(clinic)
    clinic.state(VAPH, WRONG, on="2025-01-01")
    (notice,) = clinic.notices(CAW)
    assert notice["resources"] == [autism]
    assert len(notice["ended"]) == 1
    ended = clinic.read(CAW, autism)
    assert ended is not None
    assert ended["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in ended
    assert ended["meta"]["versionId"] == "2"
    assert [one[2] for one in clinic.authors(CAW, autism)] == ["NULLIFY"]
    assert [one[0] for one in clinic.codes()] == ["F80.2"]
    # Once: later deliveries tell it to nobody again.
    clinic.state(CLB, condition("F90", "2025", author=CGG))
    assert clinic.notices(CAW) == []


def test_who_received_nothing_is_told_nothing_and_finds_nothing(clinic: Clinic) -> None:
    received(clinic)
    clinic.world.both_grant(to=CLB)
    clinic.world.send()
    clinic.state(VAPH, WRONG, on="2025-01-01")
    # The CLB had a message that it did not open: its key is gone, and no notice goes.
    clinic.notices(CAW)
    assert "gone" in clinic.world.read(CLB).values()
    for other in (CLB, STRANGER):
        autism = clinic.hub.vault.pairwise(other, clinic.leading_id("F84.0"))
        assert clinic.read(other, autism) is None
        assert clinic.authors(other, autism) == []


def test_who_read_it_over_http_is_told_too(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    clinic.state(VAPH, AUTISM)
    assert len(clinic.conditions(CAW)) == 2
    clinic.state(VAPH, WRONG, on="2025-01-01")
    (notice,) = clinic.notices(CAW)
    assert notice["ended"] == []
    assert notice["resources"] == [clinic.hub.vault.pairwise(CAW, clinic.leading_id("F84.0"))]


def test_after_the_family_stopped_the_notice_still_goes_and_says_no_more(clinic: Clinic) -> None:
    autism = received(clinic)
    stopped = clinic.world.grant(to=CAW)
    mother = PersonCaller(person=str(clinic.world.mother), correlation="test")
    assert withdraw_consent(clinic.hub, mother, str(stopped), at=clinic.world.at)
    clinic.state(VAPH, WRONG, on="2025-01-01")
    (notice,) = clinic.notices(CAW)
    assert notice["resources"] == [autism]
    assert clinic.read(CAW, autism) is None


def test_what_is_refined_is_an_update_and_no_retraction(clinic: Clinic) -> None:
    autism = received(clinic)
    clinic.state(VAPH, condition("F84.1", "2025-01-01"), on="2025-01-01")
    assert clinic.notices(CAW) == []
    now = clinic.read(CAW, autism)
    assert now is not None
    assert now["code"]["coding"][0]["code"] == "F84.1"


def test_what_a_source_withdraws_is_taken_back_from_who_has_it(clinic: Clinic) -> None:
    autism = received(clinic)
    clinic.withdraw(VAPH, "F84.0")
    assert len(clinic.notices(CAW)) == 1
    ended = clinic.read(CAW, autism)
    assert ended is not None
    assert ended["clinicalStatus"]["coding"][0]["code"] == "inactive"
    assert ended["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert [one[2] for one in clinic.authors(CAW, autism)] == ["DELETE"]


def test_what_is_ruled_out_by_its_author_ends_as_refuted(clinic: Clinic) -> None:
    autism = received(clinic)
    ruled_out = condition("F84.0", "2025-01-01", status="refuted", clinical="inactive")
    clinic.state(VAPH, ruled_out, on="2025-01-01")
    ended = clinic.read(CAW, autism)
    assert ended is not None
    assert ended["verificationStatus"]["coding"][0]["code"] == "refuted"
    assert len(clinic.notices(CAW)) == 1


def test_a_diagnosis_that_comes_back_goes_on_under_its_own_id(clinic: Clinic) -> None:
    autism = received(clinic)
    clinic.state(VAPH, WRONG, on="2025-01-01")
    clinic.state(VAPH, AUTISM, on="2025-06-01")
    assert ("F84.0", "3", "leading+proposed") in clinic.codes()
    again = clinic.read(CAW, autism)
    assert again is not None
    assert again["meta"]["versionId"] == "3"
