"""A parent decides in a browser: give, see, stop, and see who looked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import Case, Visit
from tests.support.running_hub import CLB, STRANGER, RunningHub

SERVICE = "CLB Voorbeeldstreek"


def test_a_parent_gives_sees_it_stops_it_and_sees_who_looked(
    mother: Visit, case: Case, system: RunningHub
) -> None:
    expect(mother.row(SERVICE)).to_contain_text("Mag niet zien")
    mother.give(SERVICE, "de diagnose")
    expect(mother.row(SERVICE)).to_contain_text("wat er aan de hand is: de diagnose")
    expect(mother.row(SERVICE).locator(".state")).to_have_text("Mag zien")
    assert system.search(CLB, "Condition", case.patient)

    mother.stop(SERVICE)
    expect(mother.message).to_contain_text(f"Vanaf nu ziet {SERVICE} niets meer.")
    expect(mother.row(SERVICE).locator(".state")).to_have_text("Mag niet zien")
    assert system.search(CLB, "Condition", case.patient) == []

    mother.follow(mother.page.get_by_role("link", name="Wie keek", exact=True))
    looks = mother.page.locator("li.look")
    expect(looks.first).to_contain_text("mocht niet")
    allowed = looks.filter(has_text="de diagnose").filter(has_text=SERVICE).last
    expect(allowed).to_contain_text("om het kind te helpen")
    expect(allowed).to_contain_text("gaf toestemming")


def test_saying_no_changes_nothing_and_is_not_held_against_anybody(mother: Visit) -> None:
    mother.choose(SERVICE, "de diagnose")
    mother.follow(mother.page.get_by_role("button", name="Nee", exact=True))
    expect(mother.message).to_have_text("Je zei nee. Er verandert niets.")
    expect(mother.row(SERVICE)).to_contain_text("Mag niet zien")


def test_the_other_parents_yes_is_not_shown_as_mine(
    mother: Visit, case: Case, visits: Callable[..., Visit]
) -> None:
    mother.give(SERVICE, "de diagnose")
    father = visits()
    father.sign_in_parent(case.family.father)
    expect(father.row(SERVICE)).to_contain_text("De andere ouder zei ja.")
    expect(father.row(SERVICE).get_by_role("link", name="Stop")).to_have_count(0)
    expect(father.row(SERVICE).get_by_role("link", name="Geef toestemming")).to_have_count(1)


def test_yes_and_no_weigh_the_same(mother: Visit) -> None:
    mother.choose(SERVICE, "de diagnose")
    yes, no = (mother.page.get_by_role("button", name=name, exact=True) for name in ("Ja", "Nee"))
    looks = "one => { const style = getComputedStyle(one); return Object.fromEntries("
    looks += "[...style].map(name => [name, style.getPropertyValue(name)])); }"
    assert yes.evaluate(looks) == no.evaluate(looks)
    left, right = yes.bounding_box(), no.bounding_box()
    assert left is not None
    assert right is not None
    assert (left["width"], left["height"], left["y"]) == (
        right["width"],
        right["height"],
        right["y"],
    )


def test_the_whole_way_works_without_javascript(case: Case, visits: Callable[..., Visit]) -> None:
    visit = visits(java_script_enabled=False)
    visit.sign_in_parent(case.family.mother)
    visit.give(SERVICE, "de diagnose")
    visit.stop(SERVICE)
    expect(visit.message).to_contain_text("niets meer")
    visit.follow(visit.page.get_by_role("button", name="Afmelden"))
    expect(visit.message).to_have_text("Je bent afgemeld.")


def press_until(page: Page, name: str, key: str = "Tab") -> None:
    """Walk with the keyboard until the focus is on the thing with this name, then show it."""
    named = "() => { const one = document.activeElement; return one.getAttribute('aria-label')"
    named += " || one.labels?.[0]?.innerText || one.innerText || ''; }"
    for _ in range(40):
        page.keyboard.press(key)
        if str(page.evaluate(named)).strip().startswith(name):
            outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
            return
    pytest.fail(f"the keyboard does not reach `{name}`")


def test_the_whole_way_works_with_the_keyboard_only(mother: Visit) -> None:
    page = mother.page
    press_until(page, f"Geef toestemming aan {SERVICE}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/toestemming?*")
    press_until(page, "wat er aan de hand is: de diagnose")
    page.keyboard.press("Space")
    press_until(page, "Verder")
    page.keyboard.press("Enter")
    expect(mother.heading).to_contain_text("dit zien over")
    press_until(page, "Ja")
    page.keyboard.press("Enter")
    expect(mother.message).to_contain_text("Je gaf toestemming")
    press_until(page, f"Stop: {SERVICE}")
    page.keyboard.press("Enter")
    expect(mother.heading).to_contain_text("niets meer zien")
    press_until(page, "Stop")
    page.keyboard.press("Enter")
    expect(mother.message).to_contain_text("Gestopt om")


def test_the_first_tab_offers_to_skip_to_the_content(mother: Visit) -> None:
    mother.open()
    mother.page.keyboard.press("Tab")
    mother.page.keyboard.press("Enter")
    expect(mother.page.locator("main")).to_be_focused()


def test_a_stranger_sees_nothing(visit: Visit, case: Case, system: RunningHub) -> None:
    visit.open()
    visit.sign_in(STRANGER)
    expect(visit.heading).to_have_text("Je bent hier niet bekend")
    for path in ("/", "/wie-keek", f"/toestemming?kind={case.patient}&dienst={CLB}", "/audit"):
        visit.open(path)
        expect(visit.page.get_by_role("link", name="Aanmelden")).to_be_visible()
        assert "Noor" not in visit.page.content()


def test_who_says_no_at_the_provider_is_not_signed_in(visit: Visit) -> None:
    visit.open("/aanmelden")
    visit.page.get_by_role("button", name="Deny").click()
    expect(visit.heading).to_have_text("Aanmelden is niet gelukt")


def test_a_way_back_that_was_not_begun_here_signs_nobody_in(visit: Visit) -> None:
    visit.open("/aanmelden/terug?code=anything&state=anything")
    expect(visit.heading).to_have_text("Aanmelden is niet gelukt")


def test_a_code_works_once(mother: Visit, case: Case) -> None:
    page = mother.page
    with page.expect_request("**/aanmelden/terug?*") as back:
        page.goto(f"{mother.system.base_url}/aanmelden")
        page.locator("input[name=sub]").fill(f"person-{case.family.mother}")
        page.get_by_role("button", name="Authorize").click()
    expect(mother.heading).to_have_text("Wie mag wat zien?")
    page.goto(back.value.url)
    expect(mother.heading).to_have_text("Aanmelden is niet gelukt")


def test_after_signing_out_the_pages_are_closed(mother: Visit) -> None:
    mother.follow(mother.page.get_by_role("button", name="Afmelden"))
    expect(mother.message).to_have_text("Je bent afgemeld.")
    mother.page.go_back()
    mother.page.reload()
    assert "Noor" not in mother.page.content()


def test_a_form_that_is_too_old_says_what_to_do(mother: Visit) -> None:
    mother.choose(SERVICE, "de diagnose")
    mother.page.context.clear_cookies()
    mother.follow(mother.page.get_by_role("button", name="Ja", exact=True))
    expect(mother.heading).to_have_text("Dit is niet bewaard")
    expect(mother.page.locator("main")).to_contain_text("Ga terug naar het begin")


def test_the_language_changes_and_the_place_stays(mother: Visit) -> None:
    mother.choose(SERVICE, "de diagnose")
    mother.follow(mother.page.get_by_role("link", name="English"))
    expect(mother.heading).to_have_text(f"May {SERVICE} see this about Noor?")
    expect(mother.page.locator("html")).to_have_attribute("lang", "en")
    mother.follow(mother.page.get_by_role("button", name="Yes", exact=True))
    expect(mother.message).to_contain_text(f"You gave consent to {SERVICE}")
