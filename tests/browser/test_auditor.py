"""An auditor signs in and searches the log; it holds no names and no content."""

from playwright.sync_api import expect

from tests.browser.visit import Case, Visit
from tests.support.running_hub import AUDITOR, CLB, RunningHub


def test_an_auditor_signs_in_and_searches_the_log(
    visit: Visit, case: Case, system: RunningHub
) -> None:
    system.search(CLB, "Condition", case.patient)
    visit.open("/audit")
    visit.sign_in(AUDITOR)
    expect(visit.heading).to_have_text("Logboek")
    visit.page.get_by_label("Dienst (kenmerk)").fill(CLB)
    visit.page.get_by_label("Uitkomst").select_option(label="Mocht niet")
    visit.follow(visit.page.get_by_role("button", name="Zoek"))
    lines = visit.page.locator("table.log tbody tr")
    expect(lines.first).to_contain_text("Mocht niet")
    expect(lines.first).to_contain_text(CLB)

    lines.first.locator("td").nth(4).get_by_role("link").click()
    child = visit.page.get_by_label("Kind (schuilnaam)").input_value()
    assert child
    assert child != case.patient
    for line in lines.all():
        expect(line).to_contain_text(child)


def test_the_log_shows_no_name_and_no_national_number(visit: Visit, case: Case) -> None:
    visit.open("/audit")
    visit.sign_in(AUDITOR)
    page = visit.page.content()
    for secret in ("Noor", "Peeters", case.family.child, case.family.mother):
        assert secret not in page


def test_the_log_goes_on_page_by_page(visit: Visit, case: Case, system: RunningHub) -> None:
    for _ in range(51):
        system.search(CLB, "Condition", case.patient)
    visit.open("/audit")
    visit.sign_in(AUDITOR)
    first = visit.page.locator("table.log tbody tr").last.inner_text()
    visit.follow(visit.page.get_by_role("link", name="Volgende bladzijde"))
    assert visit.page.locator("table.log tbody tr").first.inner_text() != first
    expect(visit.page.get_by_role("link", name="Eerste bladzijde")).to_be_visible()


def test_an_auditor_asks_whether_a_line_is_right(
    visit: Visit, case: Case, system: RunningHub
) -> None:
    system.search(CLB, "Condition", case.patient)
    visit.open("/audit")
    visit.sign_in(AUDITOR)
    visit.open("/audit?handeling=search")
    visit.follow(visit.page.get_by_role("link", name="Klopt regel").first)
    expect(visit.heading).to_have_text("Klopt deze regel?")
    expect(visit.page.locator(".lead")).to_contain_text("Ja. De regels beslissen hetzelfde")
    visit.follow(visit.page.get_by_role("link", name="Terug naar het logboek"))
    expect(visit.page.locator("table.log tbody tr").first).to_contain_text("Keek na")


def test_a_parent_gets_no_log(mother: Visit) -> None:
    mother.open("/audit")
    expect(mother.heading).to_have_text("Deze pagina is niet voor jou")
