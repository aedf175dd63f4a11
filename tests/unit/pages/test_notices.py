from datetime import date
from typing import Any

import pytest

from gateway.exchange.family_views.read_notices import NoticeView
from gateway.exchange.grounds.route_record import CONCERN, EMERGENCY, PARTS
from gateway.i18n import LANGUAGES, say_date
from gateway.portal.saying import say_notice
from gateway.store import notices
from tests.unit.pages.stand_in import NOOR, Family
from tests.unit.pages.visitor import Visitor

KINDS = [
    str(value)
    for name, value in vars(notices).items()
    if name.isupper() and isinstance(value, str) and name != "UUID"
]


def a_notice(**changes: Any) -> NoticeView:
    values: dict[str, Any] = {
        "id": "1",
        "kind": notices.CONSENT_ENDS_SOON,
        "child": NOOR,
        "given_name": "Noor",
        "about_me": False,
        "day": date(2026, 12, 1),
        "read": False,
        "partner_name": "CAW",
        "successor_name": "CAW Zuid",
    }
    return NoticeView(**(values | changes))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("me", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_has_words_for_parents_and_youngsters(
    kind: str, me: bool, language: str
) -> None:
    text = say_notice(language, a_notice(kind=kind, about_me=me))
    assert "{" not in text
    if me and kind != notices.OTHER_PARENT_DECIDED:
        assert "Noor" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("me", [True, False])
@pytest.mark.parametrize("ground", sorted({*PARTS, "other"}))
def test_what_was_shared_by_law_is_told_with_its_ground_and_its_day(
    ground: str, me: bool, language: str
) -> None:
    law: dict[str, Any] = {"kind": notices.SHARED_BY_LAW, "about_me": me, "recipient_name": "VK"}
    text = say_notice(language, a_notice(ground=ground, **law))
    assert text != say_notice(language, a_notice(**law))
    assert "{" not in text
    assert say_date(language, date(2026, 12, 1)) in text
    assert "VK" in text
    assert ("Noor" in text) is not me
    assert ground == "other" or text != say_notice(language, a_notice(ground="other", **law))
    # Who reported, and who cares for the child beside the doctor, is not told here.
    assert ("CAW" in text) is (ground not in {CONCERN, EMERGENCY})


def test_a_new_notice_stands_on_the_first_page_until_it_is_read(
    mother: Visitor, family: Family
) -> None:
    family.notices = [a_notice(), a_notice(id="2", read=True, partner_name="CLB")]
    page = mother.get("/").text
    assert "De toestemming voor CAW over Noor stopt na 1 december 2026." in page
    assert "CLB over Noor" not in page
    answer = mother.post("/gelezen/1", {"csrf": "token"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Nieuw voor jou" not in mother.get("/").text


def test_a_notice_is_read_by_our_own_form_only(mother: Visitor, family: Family) -> None:
    family.notices = [a_notice()]
    assert mother.post("/gelezen/1", {"csrf": "other"}).status_code == 403
    assert not family.notices[0].read
