"""An auditor asks of a line whether it is right, on a page and as JSON."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from consent.edition import EDITION
from gateway.store.engine import transaction
from tests.support.running_hub import CLB
from tests.support.told_story import Story, a_hub
from tests.unit.pages.visitor import Visitor, pages_app, settings


@pytest.fixture
def story(database_url: str) -> Iterator[Story]:
    hub = a_hub(database_url)
    told = Story.begin(hub)
    told.both_grant(CLB, "diagnosis")
    told.later()
    told.search(CLB)
    yield told
    hub.engine.dispose()


@pytest.fixture
def visitor(story: Story) -> Visitor:
    app = pages_app(settings())
    app.state.hub.engine.dispose()
    app.state.hub = story.hub
    return Visitor(app)


@pytest.fixture
def auditor(visitor: Visitor) -> Visitor:
    return visitor.signed_in(auditor="a1", roles=["auditor"])


def last_line(story: Story) -> int:
    return int(story.lines()[-1].id)


def test_a_right_line_is_said_to_be_right_and_the_question_is_logged(
    story: Story, auditor: Visitor
) -> None:
    line = last_line(story)
    assert f'href="/audit/{line}">Klopt regel {line}?</a>' in auditor.get("/audit").text
    page = auditor.get(f"/audit/{line}").text
    assert "Ja. De regels beslissen hetzelfde" in page
    assert EDITION in page
    asked = story.lines()[-1]
    assert (asked.act, asked.actor, asked.role) == ("recomputed", "auditor/a1", "auditor")


def test_a_wrong_line_names_what_differs_and_no_value(story: Story, auditor: Visitor) -> None:
    line = last_line(story)
    with transaction(story.hub.engine) as tx:
        tx.execute(text("alter table access_log disable trigger append_only"))
        tx.execute(text("update access_log set outcome = 'deny', resources = '{}'"))
    page = auditor.get(f"/audit/{line}").text
    assert "Nee. Wat in het logboek staat" in page
    assert "de uitkomst, welke gegevens" in page
    answer = auditor.get(f"/log/{line}/recomputed")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "line": line,
        "result": "differs",
        "differs": ["outcome", "resources"],
        "edition": EDITION,
        "release": "0.1.0",
    }


def test_a_line_without_a_decision_has_no_link_and_says_so(story: Story, auditor: Visitor) -> None:
    auditor.get(f"/audit/{last_line(story)}")
    line = last_line(story)
    assert f"/audit/{line}" not in auditor.get("/audit").text
    assert "hebben de regels niets beslist" in auditor.get(f"/audit/{line}").text


def test_a_line_that_does_not_exist_is_not_found(auditor: Visitor) -> None:
    assert auditor.get("/audit/999999999").status_code == 404
    assert auditor.get("/log/999999999/recomputed").status_code == 404


def test_nobody_but_an_auditor_may_ask(story: Story, visitor: Visitor) -> None:
    line, before = last_line(story), len(story.lines())
    assert 'href="/aanmelden"' in visitor.get(f"/audit/{line}").text
    assert visitor.get(f"/log/{line}/recomputed").status_code == 401
    mother = visitor.signed_in(person="mother")
    assert mother.get(f"/audit/{line}").status_code == 403
    assert mother.get(f"/log/{line}/recomputed").status_code == 403
    assert len(story.lines()) == before
