from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.pages.stand_in import FATHER, MOTHER, NOOR, Family
from tests.unit.pages.visitor import Visitor

UNTIL = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
CHOICE = f"child={NOOR}&to=caw-voorbeeldregio&purpose=care&until={UNTIL}"


def an_order(mother: Visitor, **changes: Any) -> dict[str, Any]:
    words = mother.get(f"/consents/wording?{CHOICE}&classes=diagnosis").json()
    return {
        "child": NOOR,
        "classes": ["diagnosis"],
        "purpose": "care",
        "to": "caw-voorbeeldregio",
        "until": UNTIL,
        "language": "nl",
        "wording_sha256": words["sha256"],
        **changes,
    }


def test_nobody_is_answered_without_a_session(visitor: Visitor) -> None:
    for address in ("/consents", f"/consents/wording?{CHOICE}&classes=diagnosis", "/log"):
        answer = visitor.get(address)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_parent_gives_lists_and_stops_as_json(mother: Visitor, family: Family) -> None:
    token = mother.get("/consents").headers["x-csrf-token"]
    given = mother.post_json("/consents", an_order(mother), x_csrf_token=token)
    assert given.status_code == 201
    (listed,) = mother.get(f"/consents?child={NOOR}").json()["consents"]
    assert (listed["id"], listed["mine"], listed["withdrawn"]) == (given.json()["id"], True, None)
    stopped = mother.post_json(f"/consents/{listed['id']}/withdraw", {}, x_csrf_token=token)
    assert stopped.status_code == 200
    assert mother.get("/consents").json()["consents"][0]["withdrawn"]


def test_classes_may_be_repeated_or_comma_separated(mother: Visitor) -> None:
    once = mother.get(f"/consents/wording?{CHOICE}&classes=diagnosis,logistics").json()
    twice = mother.get(f"/consents/wording?{CHOICE}&classes=logistics&classes=diagnosis").json()
    assert once == twice


@pytest.mark.parametrize("headers", [{}, {"x_csrf_token": "other"}])
def test_a_change_without_the_token_is_refused(
    mother: Visitor, family: Family, headers: dict[str, str]
) -> None:
    consent = family.give(MOTHER, "caw-voorbeeldregio", {"diagnosis"})
    assert mother.post_json("/consents", an_order(mother), **headers).status_code == 403
    assert mother.post_json(f"/consents/{consent}/withdraw", {}, **headers).status_code == 403
    assert [view.withdrawn for _, view in family.given] == [None]


def test_a_change_from_another_origin_is_refused(mother: Visitor, family: Family) -> None:
    answer = mother.post_json(
        "/consents", an_order(mother), x_csrf_token="token", origin="https://elsewhere.example"
    )
    assert answer.status_code == 403
    assert family.given == []


def test_absent_and_not_yours_are_the_same_bytes(mother: Visitor, family: Family) -> None:
    fathers = family.give(FATHER, "caw-voorbeeldregio", {"diagnosis"})
    answers = [
        mother.post_json(f"/consents/{consent}/withdraw", {}, x_csrf_token="token")
        for consent in (fathers, "absent")
    ]
    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content
    assert mother.get("/consents?child=absent").content == answers[0].content


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"wording_sha256": "0" * 64}, 400),
        ({"child": "absent"}, 404),
        ({"until": "soon"}, 400),
        ({"more": 1}, 400),
    ],
)
def test_a_consent_that_cannot_be_kept_says_why_without_personal_data(
    mother: Visitor, family: Family, changes: dict[str, Any], status: int
) -> None:
    answer = mother.post_json("/consents", an_order(mother, **changes), x_csrf_token="token")
    assert answer.status_code == status
    assert NOOR not in answer.text
    assert "Noor" not in answer.text
    assert family.given == []
