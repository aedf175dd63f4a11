"""Who looks at what was said by law: two reviewers, an operator, the family and nobody else."""

import json
import re
from html import unescape
from pathlib import Path

import httpx
from sqlalchemy import select

from gateway import clock
from gateway.i18n import say_date
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import metadata
from tests.integration.api.by_law import (
    CLINICIAN,
    HOSPITAL,
    OFFICER,
    VK,
    Case,
    asked,
    case,
    csrf,
    form,
)
from tests.support.route_records import CANARY, concern, day, necessity

__all__ = ["case"]


def test_two_reviewers_open_the_record_and_file_a_finding_on_the_pages(case: Case) -> None:
    told = case.speaks(case.body("necessity", necessity(clock.now()))).json()
    place = f"/audit/routes/{told['route']}"
    officer = case.system.person(OFFICER).client
    assert place in officer.get("/audit/routes").text
    page = unescape(officer.get(place).text)
    assert f"geweld {CANARY}" in page
    assert "praten hielp niet" in page
    filed = officer.post(place, data=form(page, "dpo", "justified"))
    assert filed.url.path == "/audit/routes"
    assert "Terecht" in filed.text
    clinician = case.system.person(CLINICIAN).client
    page = clinician.get(place).text
    again = clinician.post(place, data=form(page, "dpo", "justified"))
    assert again.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    clinician.post(place, data=form(page, "clinician", "unjustified"))
    overview = unescape(officer.get("/audit/routes").text)
    assert "Datalekken" in overview
    assert place in overview
    assert "Datalekken" not in clinician.get("/audit/routes").text
    breach = re.search(r'action="(/audit/breaches/[0-9a-f-]{36})"', overview)
    assert breach is not None
    closed = officer.post(breach[1], data={"csrf": csrf(overview)})
    assert closed.url.path == "/audit/routes"


def test_others_open_no_record(case: Case) -> None:
    told = case.speaks(case.body("necessity", necessity(clock.now()))).json()
    place = f"/audit/routes/{told['route']}"
    auditor = case.system.person("an-auditor").client
    assert told["route"] not in auditor.get("/audit/routes").text
    assert auditor.get(place).status_code == httpx.codes.NOT_FOUND
    mother = case.system.parent(case.family.mother).client
    for path in ("/audit/routes", place):
        assert mother.get(path).status_code == httpx.codes.FORBIDDEN
        assert CANARY not in httpx.get(case.system.base_url + path).text
    forged = case.system.person(OFFICER).client.post(place, data={"csrf": "x"})
    assert forged.status_code == httpx.codes.FORBIDDEN


def test_an_operator_lists_routes_without_child_or_content(case: Case) -> None:
    told = case.speaks(case.body("necessity", necessity(clock.now()))).json()
    listed = case.system.stack.run("route", "list", "--json", "--waiting")
    row = next(json.loads(line) for line in str(listed).splitlines() if told["route"] in line)
    assert row["ground"] == "necessity"
    assert "child" not in row
    assert CANARY not in str(listed)


def test_nothing_of_a_record_or_question_stands_in_clear_anywhere(case: Case) -> None:
    case.speaks(case.body("necessity", necessity(clock.now())))
    delayed = {"delayed": {"reason": CANARY, "review_on": day(clock.now(), 3)}}
    case.speaks(case.body("concern_report", concern(clock.now()) | {"family": delayed}))
    case.pulls()
    asked(case, insz=case.family.child)
    case.speaks(case.body("necessity", {"danger": CANARY, CANARY: "x"}))
    for log in Path(case.system.stack.addresses.logs).glob("*.log"):
        assert CANARY not in log.read_text(errors="replace"), log.name
    with transaction(case.system.hub.engine) as tx:
        for table in metadata.sorted_tables:
            for row in tx.execute(select(table)):
                told = "\n".join(
                    one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row
                )
                assert CANARY not in told, table.name
                assert case.family.child not in told, table.name


def test_the_family_reads_why_it_was_allowed_when_and_between_which_services(case: Case) -> None:
    assert case.speaks(case.body("necessity", necessity(clock.now()))).status_code == 201
    assert case.pulls().status_code == httpx.codes.OK
    today = say_date("nl", clock.brussels_date(clock.now()))
    for number in (case.family.mother, case.family.father):
        page = case.system.parent(number).overview
        assert re.search(f"Voorbeeldstreek gaf op {today} iets over .+ aan {VK} vzw. Er was", page)
        assert re.search(f"Een arts van {HOSPITAL} vzw keek op {today} naar gegevens over", page)
        assert CANARY not in page
    page = case.system.parent(case.family.mother).client.get("/?taal=en").text
    assert "There was serious danger." in page


def test_the_notice_of_a_report_of_concern_waits_and_never_says_who_reported(case: Case) -> None:
    written = concern(clock.now())
    delayed = {"delayed": {"reason": CANARY, "review_on": day(clock.now(), 3)}}
    mother = case.system.parent(case.family.mother)
    told = case.speaks(case.body("concern_report", written | {"family": delayed}))
    assert told.status_code == httpx.codes.CREATED
    assert "Nieuw voor jou" not in mother.overview
    assert case.speaks(case.body("concern_report", written)).status_code == httpx.codes.CREATED
    [notice] = re.findall('<li class="notice">.+?</li>', mother.overview, re.DOTALL)
    assert "Er is bezorgdheid over de veiligheid" in notice
    assert f"kreeg {VK} vzw daarover iets te lezen" in notice
    assert "CLB" not in notice
