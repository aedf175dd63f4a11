"""An operator asks and looks by command, an auditor approves; no argument leads to a person."""

import json
import logging
from collections.abc import Callable
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app as command_line
from gateway.exchange.audit.reidentify import Refused, approve, ask_who, who_is_it
from gateway.exchange.family_views.family_view import who_looked
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.identity.sign_in import person_id
from gateway.store.vault import AUDITORS
from tests.integration.erasure.visits import signed_in
from tests.integration.erasure.world import MOTHER, Family
from tests.integration.streams.world import environment
from tests.unit.pages.visitor import Visitor

ANN = AuditorCaller(auditor="ann", correlation="test")
OPERATOR, COLLEAGUE = "shell-1", "shell-2"
Run = Callable[..., Result]


@pytest.fixture
def run(family: Family) -> Run:
    given = environment(family.desk.hub.settings)

    def typed(*words: object, says: str = "", who: str = OPERATOR) -> Result:
        me = () if words[0] == "list" else ("--as", who)
        typed = ["reidentify", *map(str, words), *me]
        return CliRunner(env=given).invoke(command_line, typed, says)

    return typed


def _says(family: Family, **changed: str) -> str:
    child = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    lines = {"child": child, "case": "2026/17", "reason": "klacht van Noor"} | changed
    return "\n".join(lines.values()) + "\n"


def _asked(family: Family, run: Run) -> UUID:
    done = run("ask", "--json", says=_says(family))
    assert done.exit_code == 0, done.output
    return UUID(json.loads(done.stdout)["question"])


def test_an_operator_asks_an_auditor_approves_and_the_operator_sees_who_it_is(
    family: Family, run: Run
) -> None:
    asked = _asked(family, run)
    early = run("show", asked)
    assert (early.exit_code, "not approved" in early.stderr) == (1, True)
    assert approve(family.desk.hub, ANN, asked, at=family.desk.at) is None
    shown = run("show", asked, "--json")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["names"][0] == "Noor Peeters"
    assert "born:  2019-03-14" in run("show", asked).stdout
    steps = ["reidentification_asked", "reidentification_approved", "reidentified", "reidentified"]
    assert family.desk.acts(family.noor)[-4:] == steps


def test_the_operators_question_is_not_for_the_auditor_to_look_nor_the_other_way(
    family: Family, run: Run
) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family, run)
    approve(hub, ANN, asked, at=at)
    assert who_is_it(hub, ANN, asked, at=at) == Refused("not_yours")
    theirs = ask_who(
        hub, ANN, hub.vault.pairwise(AUDITORS, family.noor), case="1", reason="x", at=at
    )
    done = run("show", theirs)
    assert (done.exit_code, "somebody else asked this" in done.stderr) == (1, True)


def test_two_operators_are_two_persons_and_one_is_not_also_who_approves(
    family: Family, run: Run, visitor: Visitor
) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family, run)
    as_auditor = person_id(hub.settings, OPERATOR)
    same = AuditorCaller(auditor=as_auditor, correlation="test")
    assert approve(hub, same, asked, at=at) == Refused("same_person")
    address = f"/audit/identities/{asked}"
    assert f"{address}/approve" not in signed_in(visitor, as_auditor).get("/audit/identities").text
    assert f"{address}/approve" in signed_in(visitor, "ann").get("/audit/identities").text
    assert approve(hub, ANN, asked, at=at) is None
    assert f"{address}/look" not in signed_in(visitor, as_auditor).get("/audit/identities").text
    other = run("show", asked, who=COLLEAGUE)
    assert (other.exit_code, "somebody else asked this" in other.stderr) == (1, True)
    assert run("show", asked).exit_code == 0
    # In the log under the id that this person has as an auditor, which names nobody.
    actors = family.desk.rows("select distinct actor from access_log where act = 'reidentified'")
    assert [row.actor for row in actors] == [f"operator/{as_auditor}"]


def test_who_does_not_say_who_asks_asks_nothing(family: Family, run: Run) -> None:
    assert run("ask", says=_says(family), who=" ").exit_code == 2
    assert not family.desk.rows("select 1 from reidentification")


def test_no_command_approves(run: Run) -> None:
    assert run("approve", UUID(int=1)).exit_code == 2


def test_what_is_listed_and_logged_names_nobody(
    family: Family, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = _asked(family, run)
    listed = run("list"), run("list", "--json")
    assert all(str(asked) in one.stdout for one in listed)
    assert json.loads(listed[1].stdout)["open_until"] is None
    said = "".join(one.output for one in listed) + caplog.text
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    for secret in ("Noor", "2026/17", "klacht", pseudonym, str(family.noor)):
        assert secret not in said


@pytest.mark.parametrize("says", [{"child": "f" * 32}, {"child": "niemand"}])
def test_a_pseudonym_of_nobody_is_refused(family: Family, run: Run, says: dict[str, str]) -> None:
    done = run("ask", says=_says(family, **says))
    assert (done.exit_code, "nothing is known" in done.stderr) == (1, True)
    assert run("list").stdout == ""


def test_who_types_nothing_asks_nothing(family: Family, run: Run) -> None:
    done = run("ask", says="")
    assert (done.exit_code, "each on a line" in done.stderr) == (1, True)
    assert not family.desk.rows("select 1 from reidentification")


def test_the_family_sees_that_an_operator_looked(family: Family, run: Run) -> None:
    hub, at = family.desk.hub, family.desk.at
    asked = _asked(family, run)
    approve(hub, ANN, asked, at=at)
    run("show", asked)
    mother = PersonCaller(person=str(family.person(MOTHER)), correlation="test")
    seen = who_looked(hub, mother, str(family.noor), at=at)
    told = [one.act for one in seen if one.act.startswith("reidentif")]
    assert told == ["reidentified", "reidentification_approved", "reidentification_asked"]
