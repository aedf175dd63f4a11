"""Retention: first a list, then statements by class, and at last the whole child."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from adapters.contract import Part, Segment
from gateway.exchange.erasure import retention_register
from gateway.exchange.erasure.retention import apply_retention, retention_plan
from gateway.store.vault import AUDITORS
from tests.integration.erasure.world import NOOR, Family, Rows, shared
from tests.integration.identity.world import diagnosis, number, somebody
from tests.support.running_hub import CHILDCARE, VAPH

BIRTHDAY_35 = datetime(2054, 3, 14, 12, tzinfo=UTC)


def _visit(key: str, data_class: str = "logistics") -> Segment:
    resource = {"resourceType": "Observation", "status": "final", "code": {"text": key}}
    return Segment(resource=resource, data_class=data_class, key=key)


def _childcare(family: Family, *says: Segment) -> UUID:
    part: Part = somebody("Peeters", "Noor", insz=NOOR, says=says)
    return family.desk.tell(CHILDCARE, part)


def test_nothing_is_due_while_every_period_runs(family: Family) -> None:
    plan = retention_plan(family.desk.hub, at=family.desk.at)
    assert plan.due == ()
    assert plan.kept["not_yet"] == 3


def test_a_dry_run_names_pseudonyms_and_counts_and_changes_nothing(family: Family) -> None:
    _childcare(family, _visit("day/1"), _visit("day/2"), _visit("crisis", "concern"))
    before: Rows = family.rows()
    [due] = retention_plan(family.desk.hub, at=datetime(2031, 6, 1, tzinfo=UTC)).due
    assert due.child == family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    assert (due.source, due.data_class, due.count) == ("childcare", "logistics", 2)
    # Five years after its last contact, 1 January 2026.
    assert (due.due, due.period, due.erases) == (date(2031, 1, 1), "childcare", "statements")
    assert family.rows() == before


def test_a_class_that_is_over_leaves_tombstones_and_the_rest_stays(family: Family) -> None:
    receipt = _childcare(family, _visit("day/1"), _visit("crisis", "concern"))
    shared(family)
    done = apply_retention(family.desk.hub, at=datetime(2031, 6, 1, tzinfo=UTC))
    assert done == {"statements": 1, "children": 0, "postponed": 0, "failed": 0}
    rows = family.desk.rows(
        "select r.*, (select count(*) from resource_version v where v.resource = r.id) as versions"
        " from resource r where child = :child and partner = :partner order by data_class",
        child=family.noor,
        partner=CHILDCARE,
    )
    assert [(row.data_class, row.status, row.versions) for row in rows] == [
        ("concern", "active", 1),
        ("logistics", "erased", 0),
    ]
    assert rows[1].above == [] == rows[1].about
    left = family.desk.rows("select content_type from receipt where id = :id", id=receipt)
    assert left[0].content_type.endswith("reduced+json")
    again = apply_retention(family.desk.hub, at=datetime(2031, 6, 1, tzinfo=UTC))
    assert not any(again.values())


def test_the_same_statement_can_be_told_anew(family: Family) -> None:
    _childcare(family, _visit("day/1"), _visit("crisis", "concern"))
    apply_retention(family.desk.hub, at=datetime(2031, 6, 1, tzinfo=UTC))
    before = family.desk.statements(family.noor)
    _childcare(family, _visit("day/1"))
    assert family.desk.statements(family.noor) == before + 1


def test_a_diagnosis_that_is_over_leaves_no_derived_copy(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tuple(one for one in retention_register.PERIODS if one.source == "childcare")
    _childcare(family, _visit("crisis", "concern"), diagnosis("F70"))
    shared(family)
    with monkeypatch.context() as patched:
        patched.setattr(retention_register, "PERIODS", short)
        done = apply_retention(family.desk.hub, at=datetime(2031, 6, 1, tzinfo=UTC))
    assert done["failed"] == 0
    assert done["statements"] == 1
    stale = family.desk.rows(
        "select 1 from resource_version v join resource r on r.id = v.resource"
        " where r.child = :child and r.layer = 'leading' and v.version < r.version",
        child=family.noor,
    )
    assert stale == []


def test_a_child_of_whom_nothing_is_left_is_erased_whole(family: Family) -> None:
    shared(family)
    [noor] = retention_plan(family.desk.hub, at=BIRTHDAY_35).due
    # No day: who has the list would learn a birthday, and beside a pseudonym.
    assert (noor.erases, noor.period, noor.due) == ("child", "youth-help", None)
    done = apply_retention(family.desk.hub, at=BIRTHDAY_35)
    assert done["children"] == 1
    assert family.desk.found(NOOR) is None
    assert "child_erased" in family.desk.acts(family.noor)
    # Sam is a day younger.
    assert family.desk.statements(family.sam) == 1


def test_who_has_no_known_birth_date_is_kept_and_counted(family: Family) -> None:
    told = somebody("Jans", "Bo", None, insz=number(33), says=(diagnosis("F70"),))
    family.desk.tell(VAPH, told)
    plan = retention_plan(family.desk.hub, at=BIRTHDAY_35)
    assert plan.kept["birth_date_unknown"] == 1
    assert {one.count for one in plan.due} == {2}
