"""Every decision in the log can be made again as of its instant, whatever became of the facts."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from consent.edition import EDITION
from consent.model import Segment
from gateway.clock import brussels_date
from gateway.exchange.audit import recompute as recomputing
from gateway.exchange.audit.recompute import Recomputed, Result, Wanted, recompute
from gateway.exchange.hub import Hub
from gateway.store.access_log import DECIDED
from gateway.store.engine import transaction
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH
from tests.support.told_story import DAY, AnyStory, Story, a_hub

STORIES, ACTS = 8, 50
# Emergencies are decided again where their own stories are told.
OF_A_STORY = set(DECIDED) - {"emergency_access"}
DIAGNOSIS = Segment(id="0", data_class="diagnosis")


@pytest.fixture
def story(database_url: str) -> Iterator[Story]:
    hub = a_hub(database_url)
    yield Story.begin(hub)
    hub.engine.dispose()


def again(story: Story, *lines: int, todays_rules: bool = False) -> list[Recomputed]:
    wanted = Wanted(lines=lines) if lines else Wanted(child=story.child)
    return list(recompute(story.hub, wanted, by="operator", at=story.at, todays_rules=todays_rules))


def results(found: list[Recomputed]) -> set[Result]:
    return {one.result for one in found}


def last_line(story: Story) -> int:
    return int(story.lines()[-1].id)


def tamper(hub: Hub, table: str, statement: str, **values: object) -> None:
    """Change what is append-only, as only the owner of the tables can."""
    with transaction(hub.engine) as tx:
        tx.execute(text(f"alter table {table} disable trigger append_only"))
        assert tx.execute(text(statement), values).rowcount == 1
        tx.execute(text(f"alter table {table} enable trigger append_only"))


def everything_happens(story: Story) -> None:
    """Tell a story in which each kind of line is written, with each kind of answer."""
    mother, father = story.parents
    assert story.search(CLB) == 0
    story.both_grant(CLB, "diagnosis", "functional", "development")
    story.grant(mother, CAW, "diagnosis")
    story.both_grant(CHILDCARE, "functional", "diagnosis")
    story.later()
    assert story.search(CLB) == 1
    assert story.search(CLB, "Observation") > 0
    assert story.search(CLB, purpose="nonsense") == 0
    story.search(CAW)
    story.search(CHILDCARE, "Observation")
    mothers, _, to_caw, *_ = (one for _, one in story.given)
    assert story.consents(CLB) == 2
    assert story.consents(CLB, mothers) == 1
    assert story.consents(CLB, to_caw) == 0
    [leading] = [one for one in story.resources() if story.read(CLB, one) and one[1] == "Condition"]
    assert story.seal() > 0
    messages = story.messages(CLB)
    assert "released" in story.ask_keys(CLB, messages[:2])
    # What was sealed whole is not opened while only an extract of it may go.
    story.change("update partner set secrecy = 'discretion' where id = 'clb-voorbeeldstreek'")
    assert "released" not in story.ask_keys(CLB, messages[2:4])
    story.change("update partner set secrecy = null where id = 'clb-voorbeeldstreek'")
    assert story.evaluate(CAW, CLB, DIAGNOSIS)
    assert not story.evaluate(CAW, "nobody", DIAGNOSIS)
    assert CLB in story.who_may(CAW, DIAGNOSIS)
    story.evaluate(VAPH, CLB, DIAGNOSIS)
    story.later(30 * DAY)
    story.suspend(CLB)
    assert story.search(CLB) == 0
    story.suspend(CLB, "active")
    story.say(father, "exclude", partner=CLB, classes=["diagnosis"])
    assert story.read(CLB, leading) == 0
    story.ask_keys(CLB, messages)
    story.ask_keys(CLB, messages[:1])
    for person, one in story.given:
        story.withdraw(person, one)
    story.later()
    assert story.search(CLB) == 0
    story.born("2014-11-22")
    story.grant(mother, CLB, "diagnosis")
    story.later(6 * 365 * DAY)
    story.search(CLB)
    story.assess("capable")
    story.search(CLB)
    story.change("update care_relation set until = :at where child = :child and partner = 'vaph'")
    story.evaluate(VAPH, CLB, DIAGNOSIS)


def test_every_kind_of_line_is_decided_equally_after_all_facts_have_changed(story: Story) -> None:
    everything_happens(story)
    story.change_everything()
    lines = [one for one in story.lines() if one.act in DECIDED]
    found = again(story)
    assert [one.line for one in found] == [one.id for one in lines]
    assert [one for one in found if one.result not in {Result.EQUAL, Result.UNDECIDED}] == []
    equal = [one for one in found if one.result is Result.EQUAL]
    assert {one.said.act for one in equal} == OF_A_STORY
    assert {one.said.outcome for one in equal} == {"permit", "redact", "deny"}
    # Only what had no key left, so that there was nothing to decide about, stays out.
    assert {one.said.rules for one in found if one not in equal} <= {("key_destroyed",)}


def test_any_story_is_decided_equally(story: Story) -> None:
    stories = [story, *(Story.begin(story.hub) for _ in range(STORIES - 1))]
    for seed, one in enumerate(stories):
        AnyStory(one, seed).go_on(ACTS)
    for one in stories:
        one.change_everything()
    found = [one for told in stories for one in again(told)]
    assert [one for one in found if one.result not in {Result.EQUAL, Result.UNDECIDED}] == []
    equal = Counter((one.said.act, one.said.outcome) for one in found if one.result == "equal")
    # The stories are worth telling: most acts are answered in more than one way.
    assert {act for act, _ in equal} == OF_A_STORY
    assert {outcome for _, outcome in equal} == {"permit", "redact", "deny"}
    assert equal.total() > STORIES * ACTS / 2


def test_facts_of_today_would_decide_otherwise(story: Story) -> None:
    """The other way round: without what is kept, the log could not be explained any more."""
    story.both_grant(CLB, "diagnosis")
    story.later()
    assert story.search(CLB) == 1
    granted = last_line(story)
    story.change_everything()
    assert story.search(CLB) == 0
    [found] = again(story, granted)
    assert (found.result, found.said.outcome) == (Result.EQUAL, "permit")


def test_what_was_denied_without_a_legal_basis_is_denied_again_as_of_then(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.both_grant(CLB, "diagnosis")
    story.later()
    days: list[date] = []

    def lapsed(day: date) -> frozenset[str]:
        days.append(day)
        return frozenset({"release-of-secrecy"})

    with monkeypatch.context() as then:
        then.setattr("gateway.exchange.facts.lapsed_bases", lapsed)
        assert story.search(CLB) == 0
    denied = last_line(story)
    assert set(days) == {brussels_date(story.at)}
    assert story.search(CLB) == 1
    [found] = again(story, denied)
    assert (found.result, found.said.outcome, found.said.rules) == (Result.EQUAL, "deny", ("T6",))


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ("outcome = 'deny'", ("outcome",)),
        ("outcome = 'redact', rules = '{K2}'", ("outcome", "rules")),
        ("resources = '{}'", ("resources",)),
        ("classes = '{functional}'", ("classes",)),
        ("consents = '{}'", ("consents",)),
        ("purpose = 'referral'", ("purpose",)),
        ("partner = 'vaph'", ("partner",)),
        ("act = 'read'", ("act",)),
        ("at = at + interval '2 years'", ("outcome", "resources", "classes", "rules", "consents")),
    ],
)
def test_a_line_that_was_changed_is_found(
    story: Story, change: str, differs: tuple[str, ...]
) -> None:
    story.both_grant(CLB, "diagnosis")
    story.later()
    assert story.search(CLB) == 1
    line = last_line(story)
    tamper(story.hub, "access_log", f"update access_log set {change} where id = :line", line=line)
    [found] = again(story, line)
    assert (found.result, found.differs) == (Result.DIFFERS, differs)


@pytest.mark.parametrize(
    "change",
    [
        "basis = null",
        "basis = null, rules_version = null",
        "basis = null, rules_version = null, child = null, rules = '{}'",
        "basis = null, act = 'key_release', rules = '{key_destroyed}'",
    ],
)
def test_a_line_that_lost_its_basis_is_found(story: Story, change: str) -> None:
    story.both_grant(CLB, "diagnosis")
    story.search(CLB)
    line = last_line(story)
    tamper(story.hub, "access_log", f"update access_log set {change} where id = :line", line=line)
    assert results(again(story, line)) == {Result.MISSING}


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ("update decision_basis set content = 'damaged' where hash = :hash", Result.DIFFERS),
        ("update decision_basis set child = :other where hash = :hash", Result.DIFFERS),
        ("delete from decision_basis where hash = :hash", Result.MISSING),
    ],
)
def test_a_basis_that_was_changed_or_removed_is_found(
    story: Story, change: str, result: Result
) -> None:
    story.search(CLB)
    line = story.lines()[-1]
    values = {"hash": line.basis} | ({"other": UUID(int=1)} if ":other" in change else {})
    tamper(story.hub, "decision_basis", change, **values)
    [found] = again(story, line.id)
    assert found.result is result


def test_a_line_of_one_consent_that_was_read_names_no_other(story: Story) -> None:
    story.both_grant(CLB, "diagnosis")
    story.later()
    (_, mothers), (_, fathers) = story.given
    assert story.consents(CLB, mothers) == 1
    line = last_line(story)
    assert results(again(story, line)) == {Result.EQUAL}
    change = "update access_log set consents = array[cast(:other as uuid)] where id = :line"
    tamper(story.hub, "access_log", change, other=fathers, line=line)
    [found] = again(story, line)
    assert (found.result, found.differs) == (Result.DIFFERS, ("consents",))


def test_the_facts_of_another_decision_are_not_taken_for_these(story: Story) -> None:
    story.search(CLB)
    nothing = story.lines()[-1]
    story.both_grant(CLB, "diagnosis")
    story.later()
    story.search(CLB)
    something = story.lines()[-1]
    tamper(
        story.hub,
        "decision_basis",
        "update decision_basis set content = (select content from decision_basis where hash = :two)"
        " where hash = :one",
        one=nothing.basis,
        two=something.basis,
    )
    [found] = again(story, nothing.id)
    assert (found.result, found.differs) == (Result.DIFFERS, ("basis",))


def test_a_child_whose_key_was_destroyed_is_reported_as_erased(story: Story) -> None:
    story.both_grant(CLB, "diagnosis")
    story.search(CLB)
    story.change("update child set wrapped_key = null where id = :child")
    assert results(again(story)) == {Result.ERASED}


def test_a_decision_of_other_rules_is_left_to_their_release(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.search(CLB)
    line = last_line(story)
    monkeypatch.setattr(recomputing, "EDITION", "2031-01.1")
    [found] = again(story, line)
    assert (found.result, found.edition, found.again) == (Result.OTHER_RULES, EDITION, None)
    assert found.release == "0.1.0"
    [found] = again(story, line, todays_rules=True)
    assert (found.result, found.differs) == (Result.OTHER_RULES, ())
    assert found.again == found.said


def test_each_content_is_kept_once_and_never_changed(story: Story) -> None:
    story.both_grant(CLB, "diagnosis")
    for _ in range(3):
        story.later()
        story.search(CLB)
        # Another process, which does not know yet what is kept.
        story.hub.bases.forget()
        story.search(CLB)
    bases = [one.basis for one in story.lines() if one.act == "search"]
    assert len(bases) == 6
    assert len(set(bases)) == 1
    with transaction(story.hub.engine) as tx:
        count = text("select count(*) from decision_basis where hash = :hash")
        assert tx.execute(count, {"hash": bases[0]}).scalar_one() == 1


def test_deciding_again_is_in_the_log_and_names_nobody(story: Story) -> None:
    story.search(CLB)
    again(story, last_line(story))
    line = story.lines()[-1]
    assert (line.act, line.actor, line.outcome, line.basis) == (
        "recomputed",
        "operator",
        "done",
        None,
    )
    [found] = again(story, line.id)
    assert found.result is Result.UNDECIDED


def test_a_line_about_nobody_has_nothing_to_decide_again(story: Story) -> None:
    with transaction(story.hub.engine) as tx:
        before = tx.execute(text("select max(id) from access_log")).scalar_one()
    stranger = Story(story.hub, UUID(int=7), story.parents, story.family, at=story.at)
    stranger.search(CLB)
    stranger.evaluate(CLB, CAW, DIAGNOSIS)
    stranger.ask_keys(CLB, ["nobody's"])
    found = again(story, *range(before + 1, before + 4))
    assert [one.result for one in found] == [Result.UNDECIDED] * 3


def test_what_was_written_before_a_failed_commit_is_sent_again(story: Story) -> None:
    full = "alter table access_log add constraint disk_full check (act <> 'search') not valid"
    story.change(full)
    with pytest.raises(Exception, match="disk_full"):
        story.search(CLB)
    story.change("alter table access_log drop constraint disk_full")
    story.search(CLB)
    assert results(again(story)) == {Result.EQUAL}


def test_a_database_that_was_away_is_sent_everything_again(story: Story) -> None:
    story.search(CLB)
    assert story.lines()[-1].basis in story.hub.bases
    story.hub.engine.dispose()
    assert story.lines()[-1].basis not in story.hub.bases


def test_a_made_up_name_of_a_service_is_not_kept(story: Story) -> None:
    for name in ("somebody", "somebody-else"):
        assert not story.evaluate(CAW, name, DIAGNOSIS)
    one, other = story.lines()[-2:]
    assert one.basis == other.basis
    assert results(again(story, one.id, other.id)) == {Result.EQUAL}


def test_the_same_facts_kept_at_the_same_moment_are_kept_once(story: Story) -> None:
    story.both_grant(CLB, "diagnosis")
    story.later()
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            story.change("update family_tie set claimed_at = :at where child = :child")
            story.grant(story.parents[0], CLB, "diagnosis", "functional")
            assert list(pool.map(story.search, [CLB] * 8)) == [1] * 8
    assert results(again(story)) == {Result.EQUAL}
