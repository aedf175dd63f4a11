"""Every page for everybody: axe finds nothing, small screens fit, targets are large enough."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.visit import DESK, PHONE, Case, Visit
from tests.support.running_hub import AUDITOR, CLB, RunningHub

SERVICE = "CLB Voorbeeldstreek"
TARGET = 44
AXE = Axe()


def violations(page: Page) -> list[str]:
    found = AXE.run(page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def widest(page: Page) -> int:
    return int(page.evaluate("() => document.documentElement.scrollWidth"))


def small_targets(page: Page) -> list[str]:
    """Buttons, fields and links that stand alone; a link inside a sentence is text (WCAG 2.5.8)."""
    script = """least => [...document.querySelectorAll(`button, .button, select, nav a, .back a,
        .more, .choice label, .field input, summary, .brand`)].filter(one => {
        const box = one.getBoundingClientRect();
        return box.height > 0 && (box.height < least || box.width < least); })
        .map(one => one.outerHTML)"""
    found: list[str] = page.evaluate(script, TARGET)
    return found


def family_pages(visit: Visit) -> Iterator[str]:
    """Walk past every page of a parent; each is on screen when it is named."""
    page = visit.page
    yield "overview before"
    visit.follow(page.get_by_role("link", name=f"Geef toestemming aan {SERVICE}"))
    yield "choose"
    visit.follow(page.get_by_role("button", name="Verder"))
    yield "choose, something missing"
    page.get_by_label("de diagnose").check()
    visit.follow(page.get_by_role("button", name="Verder"))
    yield "question"
    visit.follow(page.get_by_role("button", name="Ja", exact=True))
    yield "overview after giving"
    visit.follow(page.get_by_role("link", name=f"Stop: {SERVICE}"))
    yield "stop"
    visit.follow(page.get_by_role("button", name="Stop", exact=True))
    yield "overview after stopping"
    page.locator("summary").click()
    yield "what ended"
    visit.open("/wie-keek")
    yield "who looked"
    visit.open("/stop/nothing")
    yield "not found"


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_a_parent_is_accessible_and_fits(
    visits: Callable[..., Visit], case: Case, screen: dict[str, int]
) -> None:
    visit = visits(viewport=screen)
    visit.sign_in_parent(case.family.mother)
    for name in family_pages(visit):
        assert violations(visit.page) == [], name
        assert small_targets(visit.page) == [], name
        assert widest(visit.page) <= screen["width"], name


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_an_auditor_and_of_a_visitor_is_accessible_and_fits(
    visits: Callable[..., Visit], case: Case, system: RunningHub, screen: dict[str, int]
) -> None:
    system.search(CLB, "Condition", case.patient)
    visit = visits(viewport=screen)
    for path in ("/", "/aanmelden/terug", "/audit"):
        visit.open(path)
        assert violations(visit.page) == [], path
        assert widest(visit.page) <= screen["width"], path
    visit.sign_in(AUDITOR)
    expect(visit.heading).to_have_text("Logboek")
    visit.open("/audit?handeling=search")
    link = visit.page.get_by_role("link", name="Klopt regel").first.get_attribute("href")
    for path in ("/audit?handeling=search", link or ""):
        visit.open(path)
        assert violations(visit.page) == [], path
        assert small_targets(visit.page) == [], path
        assert widest(visit.page) <= screen["width"], path


@pytest.mark.parametrize("language", ["fr", "en"])
def test_other_languages_fit_a_small_screen_too(
    visits: Callable[..., Visit], case: Case, language: str
) -> None:
    visit = visits(viewport=PHONE)
    visit.sign_in_parent(case.family.mother)
    for path in ("/", "/wie-keek", "/stop/nothing"):
        visit.open(f"{path}?taal={language}")
        assert violations(visit.page) == [], path
        assert widest(visit.page) <= PHONE["width"], path


def test_nothing_is_lost_at_twice_the_size(visits: Callable[..., Visit], case: Case) -> None:
    # 200 % zoom on a desk is half the width with everything twice as large.
    visit = visits(viewport={"width": 640, "height": 450}, device_scale_factor=2)
    visit.sign_in_parent(case.family.mother)
    visit.give(SERVICE, "de diagnose")
    assert widest(visit.page) <= 640
    expect(visit.row(SERVICE).get_by_role("link", name="Stop")).to_be_visible()


def test_the_state_is_readable_without_colour(mother: Visit) -> None:
    mother.page.emulate_media(forced_colors="active")
    expect(mother.row(SERVICE).locator(".state")).to_have_text("Mag niet zien")
    assert violations(mother.page) == []
