"""An auditor asks that a child is erased and the data protection officer decides, on any screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.test_access_for_everybody import small_targets, violations, widest
from tests.browser.visit import DESK, PHONE, Case, Visit
from tests.support.running_hub import AUDITOR, CLB, RunningHub

OFFICER = "dina-deckers"
PAGE = "/audit/erasures"


@pytest.fixture
def place(visits: Callable[..., Visit], case: Case, system: RunningHub) -> str:
    """Let an auditor ask for the erasure of a child; return where that is decided."""
    system.search(CLB, "Condition", case.patient)
    visit = visits()
    visit.open("/audit")
    visit.sign_in(AUDITOR)
    # The newest line may be about another test's child; the newest search is this one's.
    searched = visit.page.locator("table.log tbody tr").filter(has_text="Zocht").first
    child = searched.locator("td").nth(4).inner_text()
    visit.follow(visit.page.get_by_role("link", name="Een kind wissen"))
    visit.page.get_by_label("Kind (schuilnaam)").fill(child.strip())
    visit.page.get_by_label("De gegevens werden tegen de wet bewaard").check()
    visit.page.get_by_label("Waarom").fill("omdat het zo is")
    visit.follow(visit.page.get_by_role("button", name="Vraag om een kind te wissen"))
    expect(visit.heading).to_have_text("Dit kind wissen?")
    expect(visit.page.get_by_text("Jij vroeg dit zelf")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Wis dit kind", exact=True)).to_have_count(0)
    return visit.page.url.removeprefix(system.base_url)


def test_the_officer_reads_what_goes_and_erases(visit: Visit, place: str) -> None:
    visit.open(PAGE)
    visit.sign_in(OFFICER)
    visit.open(PAGE)
    visit.follow(visit.page.locator(f'a[href="{place}"]'))
    erase = visit.page.get_by_role("button", name="Wis dit kind", exact=True)
    reload_until_there(visit, erase)
    visit.follow(erase)
    expect(visit.page.get_by_role("alert")).to_contain_text("Er is niets gewist")
    visit.page.get_by_label("Ik las wat weggaat en wat blijft.").check()
    visit.follow(erase)
    expect(visit.message).to_contain_text("Het kind is gewist.")
    assert violations(visit.page) == []


def reload_until_there(visit: Visit, wanted: Locator) -> None:
    """While records that came in before are still being stored, nobody can erase."""
    for _ in range(60):
        if wanted.count():
            return
        visit.page.wait_for_timeout(500)
        visit.page.reload()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_are_for_everybody_and_a_no_has_its_reason(
    visits: Callable[..., Visit], place: str, viewport: dict[str, int]
) -> None:
    visit = visits(viewport=viewport)
    visit.open(PAGE)
    visit.sign_in(OFFICER)
    for path in (PAGE, place):
        visit.open(path)
        assert violations(visit.page) == [], path
        assert small_targets(visit.page) == [], path
        assert widest(visit.page) <= viewport["width"], path
    visit.page.get_by_label("Waarom niet").fill("het dossier moet blijven")
    visit.follow(visit.page.get_by_role("button", name="Wis dit kind niet"))
    visit.open(place)
    expect(visit.page.get_by_text("het dossier moet blijven")).to_be_visible()
    assert violations(visit.page) == []
