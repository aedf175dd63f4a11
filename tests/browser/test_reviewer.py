"""A data protection officer reviews what a service said without consent, on any screen."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from gateway import clock
from tests.browser.test_access_for_everybody import small_targets, violations, widest
from tests.browser.visit import DESK, PHONE, Case, Visit
from tests.support.route_records import CANARY, necessity
from tests.support.running_hub import CAW, CLB, RunningHub

OFFICER, CLINICIAN = "dina-deckers", "karim-claes"


@pytest.fixture
def place(case: Case, system: RunningHub) -> str:
    """Let the CLB speak to the CAW of danger; return where that is reviewed."""
    listed = system.call(CLB, "GET", f"/legal-routes/resources?patient={case.patient}").json()
    body = {
        "ground": "necessity",
        "to": CAW,
        "patient": case.patient,
        "resources": [one["id"] for one in listed["resources"]],
        "record": necessity(clock.now()),
    }
    answer = system.call(CLB, "POST", "/legal-routes", json=body)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    return f"/audit/routes/{answer.json()['route']}"


def test_two_people_review_and_the_second_stops_it(
    visits: Callable[..., Visit], place: str
) -> None:
    officer, clinician = visits(), visits()
    for visit, who, finding in (
        (officer, OFFICER, "Terecht"),
        (clinician, CLINICIAN, "Niet terecht"),
    ):
        visit.open("/audit/routes")
        visit.sign_in(who)
        visit.follow(visit.page.get_by_role("link", name="Spreken zonder toestemming"))
        visit.follow(visit.page.locator(f'a[href="{place}"]').first)
        expect(visit.page.get_by_text(f"geweld {CANARY}")).to_be_visible()
        visit.page.get_by_label(finding, exact=True).check()
        visit.page.get_by_label("Waarom vind je dat?").fill("omdat het zo is")
        visit.follow(visit.page.get_by_role("button", name="Bewaar mijn oordeel"))
        row = visit.page.locator("table.log tbody tr").filter(
            has=visit.page.locator(f'a[href="{place}"]')
        )
        expect(row).to_contain_text(finding)
    expect(row).to_contain_text("Gestopt")
    officer.open("/audit/routes")
    expect(officer.page.get_by_role("heading", name="Datalekken")).to_be_visible()
    expect(clinician.page.get_by_role("heading", name="Datalekken")).to_have_count(0)


def test_a_finding_without_reasons_is_asked_again_and_saved_nowhere(
    visit: Visit, place: str
) -> None:
    visit.open("/audit/routes")
    visit.sign_in(OFFICER)
    visit.open(place)
    visit.follow(visit.page.get_by_role("button", name="Bewaar mijn oordeel"))
    expect(visit.page.get_by_role("alert")).to_contain_text("Dit is niet bewaard")
    expect(visit.page.get_by_role("button", name="Bewaar mijn oordeel")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_are_for_everybody(
    visits: Callable[..., Visit], place: str, viewport: dict[str, int]
) -> None:
    visit = visits(viewport=viewport)
    visit.open("/audit/routes")
    visit.sign_in(OFFICER)
    for path in ("/audit/routes", place):
        visit.open(path)
        assert violations(visit.page) == []
        assert widest(visit.page) <= viewport["width"]
        assert small_targets(visit.page) == []
