"""Who can see what and why, the preview, decisions and saying no: in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.test_access_for_everybody import small_targets, violations, widest
from tests.browser.test_family import press_until
from tests.browser.visit import DESK, PHONE, Case, Visit

SERVICE = "CLB Voorbeeldstreek"


def new_pages(visit: Visit) -> Iterator[str]:
    """Walk past the pages about reasons and decisions; each is on screen when it is named."""
    visit.choose(SERVICE, "de diagnose")
    yield "question with its preview"
    visit.follow(visit.page.get_by_role("button", name="Ja", exact=True))
    visit.open("/wie-ziet-wat")
    yield "who can see what"
    visit.open("/beslissingen")
    yield "decisions"
    visit.follow(visit.page.get_by_role("link", name=f"Dit klopt niet: {SERVICE}"))
    yield "contest"
    visit.open()
    visit.follow(visit.page.get_by_role("link", name=f"Zeg nee tegen {SERVICE}"))
    yield "choose a no"
    visit.follow(visit.page.get_by_role("button", name="Verder"))
    yield "choose a no, something missing"
    visit.page.get_by_label("Deze dienst mag niets meer zien").check()
    visit.follow(visit.page.get_by_role("button", name="Verder"))
    yield "the words of a no"
    visit.follow(visit.page.get_by_role("button", name="Bevestig mijn nee"))
    yield "overview after a no"
    visit.open("/beslissingen")
    yield "decisions with a no"
    visit.open("/zelf-beslissen")
    yield "who can decide"


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_the_new_pages_are_accessible_and_fit(
    visits: Callable[..., Visit], case: Case, screen: dict[str, int]
) -> None:
    visit = visits(viewport=screen)
    visit.sign_in_parent(case.family.mother)
    for name in new_pages(visit):
        assert violations(visit.page) == [], name
        assert small_targets(visit.page) == [], name
        assert widest(visit.page) <= screen["width"], name


@pytest.mark.parametrize("language", ["fr", "en"])
def test_other_languages_fit_a_small_screen(
    visits: Callable[..., Visit], case: Case, language: str
) -> None:
    visit = visits(viewport=PHONE)
    visit.sign_in_parent(case.family.mother)
    for path in ("/", "/wie-ziet-wat", "/beslissingen"):
        visit.open(f"{path}?taal={language}")
        assert violations(visit.page) == [], path
        assert widest(visit.page) <= PHONE["width"], path


def test_a_yes_is_previewed_and_then_explained_without_javascript(
    case: Case, visits: Callable[..., Visit]
) -> None:
    visit = visits(java_script_enabled=False)
    visit.sign_in_parent(case.family.mother)
    visit.choose(SERVICE, "de diagnose")
    preview = visit.page.locator("section.preview")
    expect(preview).to_contain_text(f"{SERVICE} ziet dan ook:")
    expect(preview).to_contain_text("wat er aan de hand is: de diagnose")
    expect(preview).to_contain_text("Andere diensten zien door jouw ja niets meer dan nu.")
    visit.follow(visit.page.get_by_role("button", name="Ja", exact=True))
    visit.open("/wie-ziet-wat")
    seen = visit.page.locator(".part-seen").filter(has_text="de diagnose")
    seer = seen.locator("li.seer").filter(has_text=SERVICE)
    expect(seer.locator(".state")).to_have_text("Kan dit zien")
    expect(seer).to_contain_text("Dit stopt als")


def test_saying_no_and_taking_it_back_works_with_the_keyboard_only(mother: Visit) -> None:
    page = mother.page
    press_until(page, f"Zeg nee tegen {SERVICE}")
    page.keyboard.press("Enter")
    expect(mother.heading).to_contain_text("niet zien over")
    press_until(page, "Deze dienst mag niets meer zien")
    page.keyboard.press("Space")
    press_until(page, "Verder")
    page.keyboard.press("Enter")
    expect(mother.heading).to_have_text("Zeg je hier nee op?")
    press_until(page, "Bevestig mijn nee")
    page.keyboard.press("Enter")
    expect(mother.message).to_contain_text("Je zei nee.")
    press_until(page, "Beslissingen")
    page.keyboard.press("Enter")
    expect(mother.heading).to_have_text("Wat is er beslist?")
    press_until(page, f"Neem je nee terug: {SERVICE}")
    page.keyboard.press("Enter")
    expect(mother.message).to_contain_text("Je nam je nee terug.")
