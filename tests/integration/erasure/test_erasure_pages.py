"""Two people decide on pages about an erasure, with what it destroys before their eyes."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from gateway.exchange.erasure.erase_child import VALID, reject_erasure, words_of
from gateway.exchange.erasure.show_erasures import Consequences, every_erasure, find_erasure
from gateway.exchange.families.answer_notice import answer_notice
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.store import erasure_counts, erasures
from gateway.store.engine import transaction
from gateway.store.vault import AUDITORS
from tests.integration.erasure.visits import OURS, signed_in
from tests.integration.erasure.world import AUDITOR, DPO, Family, fill_every_table, shared
from tests.integration.identity.world import diagnosis, somebody
from tests.support.running_hub import CLB, PARTNERS, VAPH
from tests.unit.pages.visitor import Visitor

PAGE = "/audit/erasures"
TOKEN = {"csrf": "token"}
SURE = TOKEN | {"zeker": "ja"}


def _asked(family: Family, visitor: Visitor) -> str:
    """Let a first auditor ask, by the form; return the address of the request."""
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    form = TOKEN | {"kind": pseudonym, "grond": "unlawful", "redenen": "verkeerd gekoppeld"}
    answer = signed_in(visitor, "a1").post(PAGE, form, **OURS)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _consequences(family: Family, asked: UUID) -> Consequences:
    found = find_erasure(family.desk.hub, asked, DPO, at=family.desk.at)
    assert found
    assert found.consequences
    return found.consequences


def test_two_people_erase_a_child_on_pages_and_only_who_read_what_goes(
    family: Family, visitor: Visitor
) -> None:
    path = _asked(family, visitor)
    own = visitor.get(path).text
    assert "Jij vroeg dit zelf" in own
    assert "/confirm" not in own, "who asked is not offered to confirm"
    assert visitor.post(f"{path}/confirm", SURE, **OURS).status_code == 422
    other = signed_in(visitor, "a2", "dpo")
    page = other.get(path).text
    assert "verkeerd gekoppeld" in page
    assert "Jeugdhulp: tot de persoon 35 jaar is" in page
    assert "/confirm" in page
    assert "Wat diensten over het kind zeiden</dt><dd>2<" in page
    assert "Vragen tussen diensten" not in page, "what there is none of is left out"
    unread = other.post(f"{path}/confirm", TOKEN, **OURS)
    assert (unread.status_code, "Er is niets gewist" in unread.text) == (422, True)
    assert family.desk.statements(family.noor)
    done = other.post(f"{path}/confirm", SURE, **OURS)
    assert done.status_code == 200, done.text
    assert "Bestanden: 2." in done.text
    assert "verkeerd gekoppeld" not in done.text, "the reason ends with the key"
    assert not family.desk.statements(family.noor)
    assert family.desk.acts(family.noor)[-2:] == ["erasure_asked", "child_erased"]
    again = other.post(f"{path}/confirm", SURE, **OURS)
    assert (again.status_code, "wacht niet meer" in again.text) == (422, True)


def test_neither_of_two_is_the_officer_and_the_page_says_so(
    family: Family, visitor: Visitor
) -> None:
    path = _asked(family, visitor)
    third = signed_in(visitor, "a3")
    assert "Een van de twee moet de functionaris" in third.get(path).text
    assert third.post(f"{path}/confirm", SURE, **OURS).status_code == 422
    assert family.desk.statements(family.noor)


def test_who_says_no_says_why_and_it_is_kept_under_the_childs_key(
    family: Family, visitor: Visitor
) -> None:
    path = _asked(family, visitor)
    other = signed_in(visitor, "a2")
    assert other.post(f"{path}/reject", TOKEN | {"redenen": " "}, **OURS).status_code == 422
    why = "Noor moet haar dossier houden"
    assert other.post(f"{path}/reject", TOKEN | {"redenen": why}, **OURS).status_code == 303
    page = other.get(path).text
    assert ("verkeerd gekoppeld" in page, why in page) == (True, True)
    assert "/confirm" not in page
    assert family.desk.acts(family.noor)[-1] == "erasure_rejected"
    [row] = family.desk.rows("select * from erasure")
    assert why.encode() not in bytes(row.reason)
    assert visitor.post(f"{path}/reject", TOKEN | {"redenen": why}, **OURS).status_code == 422
    family.erase()
    assert why not in other.get(path).text


def test_the_list_has_what_waits_what_was_not_erased_and_what_was(
    family: Family, visitor: Visitor
) -> None:
    hub = family.desk.hub
    family.desk.at -= VALID
    family.ask(child=family.sam)
    family.desk.at += VALID
    family.ask(child=family.sam, ground="struck")
    family.erase()
    shown = [one.state for one in every_erasure(hub, at=family.desk.at)]
    assert sorted(shown) == ["confirmed", "over", "waiting"]
    page = signed_in(visitor, "a1").get(PAGE).text
    heads = re.findall(r"<h2 id=\"([a-z-]+)\"|<dd>(Wacht|Niemand|Gewist)", page)
    assert [one or other for one, other in heads] == [
        "open", "Wacht", "not-erased", "Niemand", "erased", "Gewist", "help",
    ]  # fmt: skip
    assert "Peeters" not in page


def test_what_is_over_since_long_is_listed_after_what_was_decided_later(family: Family) -> None:
    hub, begun = family.desk.hub, family.desk.at
    for days, refused in ((90, False), (70, True), (31, False), (20, False), (10, True)):
        family.desk.at = begun - timedelta(days=days)
        asked = family.ask()
        assert not refused or reject_erasure(hub, asked, DPO, at=family.desk.at)
    shown = [((begun - one.asked_at).days + 1, one.state) for one in every_erasure(hub, at=begun)]
    # What waits; then by when it was decided, or was over after 30 days: 1, 10, 60 and 70 days ago.
    assert shown[0] == (20, "waiting")
    assert shown[1:] == [(31, "over"), (10, "rejected"), (90, "over"), (70, "rejected")]


def test_what_the_page_counts_is_what_an_erasure_takes_away(family: Family) -> None:
    shared(family)
    fill_every_table(family, family.noor)
    asked = family.ask()
    told = _consequences(family, asked)
    assert {kind for kind, count in told.goes.items() if count == 0} == set()
    with transaction(family.desk.hub.engine) as tx:
        before = erasure_counts.stays(tx, family.noor)
    done = family.confirm(asked)
    assert (told.goes["keys"], told.services) == (done.keys_destroyed, done.services_told)  # type: ignore[union-attr]
    assert told.originals >= done.originals > 0  # type: ignore[union-attr]
    assert told.stays == before
    with transaction(family.desk.hub.engine) as tx:
        assert set(erasure_counts.goes(tx, family.noor).values()) == {0}
        after = erasure_counts.stays(tx, family.noor)
    assert after == {**before, "log_lines": before["log_lines"] + 1}


def test_the_page_shows_what_each_service_that_was_told_did_with_its_copy(
    family: Family, visitor: Visitor
) -> None:
    hub = family.desk.hub
    shared(family)
    asked = family.ask()
    family.confirm(asked)
    page = signed_in(visitor, "a1").get(f"{PAGE}/{asked}").text
    told = f"<dt>{PARTNERS[CLB][0]}</dt><dd>"
    assert f"{told}Nog geen antwoord" in page
    assert page.count("Nog geen antwoord") == 1, "Sam's reader was told nothing"
    family.send()
    [notice] = family.desk.rows(
        "select id from delivery where child = :child and kind = 'ended'", child=family.noor
    )
    caller = PartnerCaller(partner=CLB, scopes=frozenset())
    name, at = str(notice.id), family.desk.at
    assert answer_notice(hub, caller, name, done="kept-by-law", basis="clb-file", at=at)
    page = visitor.get(f"{PAGE}/{asked}").text
    assert f"{told}Houdt een kopie, omdat de wet dat vraagt of toelaat. Een CLB moet zijn" in page
    assert "Nog geen antwoord" not in page


def test_a_notice_that_went_on_to_a_successor_is_one_line(family: Family) -> None:
    hub, at = family.desk.hub, family.desk.at
    shared(family)
    asked = family.ask()
    family.confirm(asked)
    family.send()
    keys = {"keys": [public_part(new_signing_jwk())]}
    heir = Registration(id="clb-nieuw", name="CLB Nieuw", kind="clb", source="clb", jwks=keys)
    register_partner(hub, heir, at=at)
    assert merge_partner(hub, CLB, heir.id, at=at).settled
    family.send()
    [notice] = family.desk.rows(
        "select id from delivery where kind = 'ended' and partner = :heir", heir=heir.id
    )
    caller = PartnerCaller(partner=heir.id, scopes=frozenset())
    assert answer_notice(hub, caller, str(notice.id), done="erased", basis=None, at=at)
    found = find_erasure(hub, asked, DPO, at=family.desk.at)
    assert found
    assert [(one.service, one.outcome) for one in found.answers] == [("CLB Nieuw", "erased")]


def test_an_erasure_that_nobody_was_told_of_says_so(family: Family, visitor: Visitor) -> None:
    asked = family.ask(child=family.sam)
    family.confirm(asked)
    assert (
        "Geen enkele dienst had een kopie." in signed_in(visitor, "a1").get(f"{PAGE}/{asked}").text
    )


def test_the_page_says_whether_the_law_still_keeps_what_goes_and_not_until_when(
    family: Family, visitor: Visitor
) -> None:
    asked = family.ask()
    [duty] = _consequences(family, asked).duties
    assert (duty.source, duty.period, duty.count, duty.over) == ("vaph", "youth-help", 2, False)
    page = signed_in(visitor, "a2").get(f"{PAGE}/{asked}").text
    assert "Die termijn loopt nog." in page
    # Noor was born on 14 March 2019: the day, or the year, 35 years later would tell.
    assert not re.search(r"2054|2019|14 maart", page)
    family.desk.at = datetime(2054, 3, 14, 12, tzinfo=UTC)
    [duty] = _consequences(family, family.ask()).duties
    assert duty.over


def test_a_match_that_waits_is_said_before_anybody_confirms(
    family: Family, visitor: Visitor
) -> None:
    family.desk.tell(VAPH, somebody("Peeters", "Noor", says=(diagnosis("F80.2"),)))
    page = signed_in(visitor, "dpo", "dpo").get(f"{PAGE}/{family.ask()}").text
    assert "Beslis eerst of een open koppeling" in page
    assert "/confirm" not in page


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": "f" * 32}, "geen kind met deze schuilnaam"),
        ({"grond": ""}, "Kies een grond"),
        ({"redenen": " "}, "Schrijf op waarom"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words_and_what_was_typed_stays(
    family: Family, visitor: Visitor, changed: dict[str, str], says: str
) -> None:
    pseudonym = family.desk.hub.vault.pairwise(AUDITORS, family.noor)
    form = TOKEN | {"kind": pseudonym, "grond": "struck", "redenen": "de familie"} | changed
    answer = signed_in(visitor, "a1").post(PAGE, form, **OURS)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert form["redenen"] in answer.text
    assert not family.desk.rows("select 1 from erasure")


def test_only_auditors_come_in_and_only_by_our_own_form(family: Family, visitor: Visitor) -> None:
    path = f"{PAGE}/{family.ask(by=AUDITOR)}"
    for page in (PAGE, path):
        assert 'href="/aanmelden"' in visitor.get(page).text
        assert visitor.signed_in(person="mother").get(page).status_code == 403
        visitor.cookies.clear()
    for step in (PAGE, f"{path}/confirm", f"{path}/reject"):
        assert visitor.post(step, SURE, **OURS).status_code == 403
        other = signed_in(visitor, "a2", "dpo")
        assert other.post(step, SURE | {"csrf": "x"}, **OURS).status_code == 403
        assert other.post(step, SURE, Sec_Fetch_Site="cross-site").status_code == 403
        visitor.cookies.clear()
    assert family.desk.statements(family.noor)
    unknown = signed_in(visitor, "a2").get(f"{PAGE}/{UUID(int=7)}")
    assert unknown.status_code == 404


def test_a_mark_between_two_reasons_cannot_be_typed(family: Family) -> None:
    asked = family.ask(reason="een\x1etwee")
    with transaction(family.desk.hub.engine) as tx:
        row = erasures.find(tx, asked)
        assert row is not None
        assert words_of(tx, family.desk.hub, row) == ("een twee", "")
