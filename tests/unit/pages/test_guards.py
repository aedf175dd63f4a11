import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from gateway.i18n import LANGUAGES
from tests.unit.pages.stand_in import MOTHER, NOOR, Family
from tests.unit.pages.visitor import ISSUER, Visitor, pages_app, settings

ADDRESSES = (
    "/",
    "/wie-keek",
    f"/toestemming?kind={NOOR}&dienst=caw-voorbeeldregio",
    f"/toestemming?kind={NOOR}&dienst=caw-voorbeeldregio&soort=diagnosis",
    "/stop/consent-1",
    "/stop/nothing",
)
FORMS = ("/afmelden", "/toestemming", "/stop/consent-1")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_holds_a_script_a_style_or_an_address_elsewhere(
    mother: Visitor, family: Family, address: str, language: str
) -> None:
    family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    page = mother.get(f"{address}{'&' if '?' in address else '?'}taal={language}").text
    assert f'<html lang="{language}">' in page
    assert not re.search(r"<script|<style|<iframe|\son\w+=|\sstyle=|javascript:", page)
    assert not re.search(r"(?:href|src|action)=\"(?:https?:)?//", page)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_forbids_scripts_framing_keeping_and_telling(
    mother: Visitor, address: str
) -> None:
    headers = mother.get(address).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self' http://127.0.0.1:9000; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [{}, {"csrf": ""}, {"csrf": "other"}, {"csrf": "tokén"}])
def test_a_form_without_this_sessions_token_changes_nothing(
    mother: Visitor, family: Family, path: str, token: dict[str, str]
) -> None:
    family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    answer = mother.post(path, token)
    assert answer.status_code == 403
    assert "Ga terug naar het begin" in answer.text
    assert family.given[0][1].withdrawn is None
    assert "Afmelden" in mother.get("/").text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "https://elsewhere.example"},
    ],
)
def test_a_form_from_another_site_changes_nothing(
    mother: Visitor, family: Family, headers: dict[str, str]
) -> None:
    consent = family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    assert mother.post(f"/stop/{consent}", {"csrf": "token"}, **headers).status_code == 403
    assert family.given[0][1].withdrawn is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": ISSUER}, {"sec_fetch_site": "same-origin", "origin": "null"}],
)
def test_our_own_form_is_accepted(mother: Visitor, family: Family, headers: dict[str, str]) -> None:
    consent = family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    assert mother.post(f"/stop/{consent}", {"csrf": "token"}, **headers).status_code == 303


@pytest.mark.parametrize("path", FORMS)
def test_without_a_session_a_form_changes_nothing_even_with_an_empty_token(
    visitor: Visitor, path: str
) -> None:
    assert visitor.post(path, {"csrf": ""}).status_code == 403


def test_signing_out_works_by_form_only(mother: Visitor) -> None:
    assert mother.get("/afmelden").status_code == 405
    mother.post("/afmelden", {"csrf": "token"})
    page = mother.get("/").text
    assert "Je bent afgemeld." in page
    assert "Noor" not in page


@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_a_visitor_is_sent_to_the_way_in(visitor: Visitor, address: str) -> None:
    answer = visitor.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_session_ends_after_eight_hours_however_busy(visitor: Visitor) -> None:
    long_ago = int((datetime.now(UTC) - timedelta(hours=9)).timestamp())
    visitor.signed_in(person=MOTHER, since=long_ago)
    assert "Noor" not in visitor.get("/").text


def test_a_cookie_that_was_tampered_with_is_no_session(mother: Visitor) -> None:
    cookie = mother.cookies["deelregie"]
    mother.cookies.set("deelregie", "A" + cookie[1:], domain="127.0.0.1")
    assert "Noor" not in mother.get("/").text


@pytest.mark.parametrize(
    ("issuer", "name", "secure"),
    [(ISSUER, "deelregie", False), ("https://hub.example", "__Host-deelregie", True)],
)
def test_the_cookie_is_closed_to_scripts_and_other_sites(
    family: Family, issuer: str, name: str, secure: bool
) -> None:
    app: FastAPI = pages_app(settings(issuer=issuer))
    cookie = Visitor(app).get("/?taal=fr").headers["set-cookie"].lower()
    app.state.hub.engine.dispose()
    assert cookie.startswith(f"{name.lower()}=")
    assert {"httponly", "samesite=lax", "path=/", "max-age=1800"} <= {*cookie.split("; ")}
    assert ("secure" in cookie.split("; ")) is secure
    assert "domain" not in cookie


def test_the_language_is_kept_and_the_place_too(mother: Visitor) -> None:
    page = mother.get("/wie-keek?kind=&taal=fr").text
    assert 'href="?kind=&amp;taal=en"' in page
    assert '<html lang="fr">' in mother.get("/").text
    assert '<html lang="fr">' in mother.get("/?taal=xx").text


def test_an_auditor_is_no_parent_and_a_parent_no_auditor(visitor: Visitor, family: Family) -> None:
    visitor.signed_in(auditor="a1", roles=["auditor"])
    assert visitor.get("/").headers["location"] == "/audit"
    assert visitor.get("/wie-keek").headers["location"] == "/"
    visitor.signed_in(person=MOTHER)
    answer = visitor.get("/audit")
    assert answer.status_code == 403
    assert family.queries == []


@pytest.mark.parametrize("held", [{"auditor": "a1"}, {"roles": ["auditor"]}])
def test_an_auditor_needs_both_the_role_and_the_id(visitor: Visitor, held: dict[str, Any]) -> None:
    assert visitor.signed_in(**held).get("/log").status_code == 401


def test_static_files_are_kept_but_never_guessed(visitor: Visitor) -> None:
    page = visitor.get("/").text
    (style,) = re.findall('href="(/static/site.css[^"]*)"', page)
    headers = visitor.get(style).headers
    assert headers["content-type"].startswith("text/css")
    assert headers["x-content-type-options"] == "nosniff"
    assert visitor.get("/static/../render.py").status_code == 404
