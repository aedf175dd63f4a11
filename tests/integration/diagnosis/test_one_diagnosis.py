"""What the sources of the samples say ends in what their ground truth says."""

from pathlib import Path

from gateway.exchange.records.receive_record import Accepted, Incoming, accept_record
from gateway.exchange.records.store_record import process_accepted
from tests.integration.diagnosis.clinic import CAW, CGG, CLB, VAPH, Clinic, condition

REVISED = Path("schemas/sources/vaph/vaph_02_dossier_noor_2024_herziening.xml")
TRAJECTORY = Path("schemas/sources/clb/clb_01_noor_hgd_traject.xml")


def deliver(clinic: Clinic, partner: str, source: str, file: Path, again: bytes = b"") -> None:
    incoming = Incoming(
        partner=partner,
        source=source,
        raw=file.read_bytes() + again,
        content_type="application/xml",
        idempotency_key=None,
        channel="http",
    )
    assert isinstance(accept_record(clinic.hub, incoming, at=clinic.world.at), Accepted)
    assert process_accepted(clinic.hub, limit=10, at=clinic.world.at) == 1
    clinic.only_two_parents()


def noor(clinic: Clinic) -> None:
    deliver(clinic, CLB, "clb", TRAJECTORY)
    deliver(clinic, VAPH, "vaph", REVISED)
    clinic.world.both_grant(to=CAW)


def test_noor_reads_as_one_diagnosis_for_each_disorder_proposed_by_the_hub(clinic: Clinic) -> None:
    noor(clinic)
    assert clinic.codes() == [
        ("F80", "2", "leading+proposed"),
        ("F84.0", "1", "leading+proposed"),
    ]


def test_a_vanished_code_and_a_less_specific_one_wait_for_a_person(clinic: Clinic) -> None:
    noor(clinic)
    tasks = clinic.tasks()
    assert set(tasks) == {"confirm-leading F80", "confirm-leading F84.0", "inactivate F80.2"}
    why = [one["valueCoding"]["code"] for one in tasks["confirm-leading F80"]["input"][:2]]
    assert why == ["proposed", "less-specific"]


def test_a_task_does_not_tell_what_another_service_said(clinic: Clinic) -> None:
    clinic.state(CLB, condition("H90.3", "2023-01-01", author=CGG))
    clinic.state(VAPH, condition("H90", "2024-01-01"))
    clinic.state(CLB, condition("G40.1", "2025-01-01", author=CGG, basis="quoted"))
    clinic.state(VAPH, condition("G40.0", "2024-01-01"))
    tasks = clinic.tasks()
    why = {
        name: [one["valueCoding"]["code"] for one in task["input"] if "valueCoding" in one]
        for name, task in tasks.items()
    }
    assert {name: why[name] for name in ("confirm-leading H90", "confirm-leading G40.0")} == {
        "confirm-leading H90": ["proposed"],
        "confirm-leading G40.0": ["proposed"],
    }


def test_who_confirms_the_wider_code_supersedes_the_other_and_it_stays_so(clinic: Clinic) -> None:
    noor(clinic)
    assert clinic.decide(clinic.tasks()["confirm-leading F80"]) == "completed"
    assert clinic.codes() == [
        ("F80", "3", "leading+confirmed"),
        ("F84.0", "1", "leading+proposed"),
    ]
    assert set(clinic.tasks()) == {"confirm-leading F84.0"}
    # The old dossier once more, in other bytes: the same end.
    deliver(clinic, VAPH, "vaph", Path("schemas/sources/vaph/vaph_01_dossier_noor_2023.xml"), b" ")
    assert clinic.codes()[0] == ("F80", "3", "leading+confirmed")
    assert set(clinic.tasks()) == {"confirm-leading F84.0"}


def test_who_rejects_the_wider_code_gets_the_specific_one_back(clinic: Clinic) -> None:
    noor(clinic)
    assert clinic.decide(clinic.tasks()["confirm-leading F80"], "reject") == "rejected"
    assert clinic.codes()[0] == ("F80.2", "3", "leading+proposed")
    assert set(clinic.tasks()) == {
        "confirm-leading F80.2",
        "confirm-leading F84.0",
        "inactivate F80.2",
    }


def test_jonas_has_one_condition_with_two_authors_and_a_copy_that_is_none(clinic: Clinic) -> None:
    clinic.state(VAPH, condition("F92.8", "2018-10-09"), condition("F90", "2018-10-09"))
    quoted = condition("F92.8", "2024-04-22", author=CGG, basis="quoted")
    copied = condition("F90.0", "2018", author="CLB", basis="quoted", copied="vaph")
    clinic.state(CLB, quoted, copied)
    clinic.world.both_grant(to=CAW)
    found = {one["code"]["coding"][0]["code"]: one["id"] for one in clinic.conditions()}
    assert set(found) == {"F80.2", "F90", "F92.8"}
    assert clinic.authors(CAW, found["F92.8"]) == [
        (CGG, "2024-04-22", "CREATE"),
        ("MDT Revalidatiecentrum", "2018-10-09", "CREATE"),
    ]
    assert [one[0] for one in clinic.authors(CAW, found["F90"])] == ["MDT Revalidatiecentrum"]


def test_zeyneps_wrong_code_ends_and_what_vaph_strikes_leaves_the_clbs(clinic: Clinic) -> None:
    clinic.state(CLB, condition("F93.1", "2024-03-19", basis="quoted"))
    wrong = condition("F93.1", "2024-03-19", status="entered-in-error", clinical=None)
    clinic.state(CLB, wrong, condition("F93.2", "2024-03-19", basis="quoted"), on="2024-12-02")
    clinic.state(VAPH, condition("F93.2", "2024-05-01"))
    clinic.world.both_grant(to=CAW)
    assert ("F93.2", "3", "leading+proposed") in clinic.codes()
    clinic.withdraw(VAPH, "F93.2")
    assert ("F93.2", "4", "leading+proposed") in clinic.codes()
    (left,) = [one for one in clinic.conditions() if one["meta"]["versionId"] == "4"]
    assert left["recordedDate"] == "2024-03-19"


def test_an_independent_refutation_is_shown_beside_with_author_and_date(clinic: Clinic) -> None:
    clinic.state(VAPH, condition("F84.0", "2024-10-21"))
    refuted = condition("F84.0", "2025-02", author=CGG, status="refuted", clinical="inactive")
    clinic.state(CLB, refuted)
    clinic.world.both_grant(to=CAW)
    both = [one for one in clinic.conditions() if one["code"]["coding"][0]["code"] == "F84.0"]
    assert sorted(
        (one["verificationStatus"]["coding"][0]["code"], one["recorder"]["display"],
         one["recordedDate"], one["meta"]["tag"][0]["code"])
        for one in both
    ) == [
        ("confirmed", "MDT Revalidatiecentrum", "2024-10-21", "leading"),
        ("refuted", CGG, "2025-02", "disputing"),
    ]  # fmt: skip
    assert [len(clinic.authors(CAW, one["id"])) for one in both] == [1, 1]


def test_every_service_sees_the_same_version_of_the_same_diagnosis_or_nothing(
    clinic: Clinic,
) -> None:
    clinic.world.both_grant(to=CAW)
    clinic.world.both_grant(to=CLB)
    clinic.world.send()
    clinic.state(VAPH, condition("F80.1", "2025-01-01"), on="2025-01-01")
    assert clinic.codes(CAW) == clinic.codes(CLB) == [("F80.1", "2", "leading+proposed")]
    clinic.world.send()
    answers = [*clinic.world.read(CLB).values()], [*clinic.world.read(CAW).values()]
    # The first version was not opened in time: its key is gone, the second one opens.
    for states in answers:
        assert states.count("gone") == 1
        assert states[-1] == "released"
