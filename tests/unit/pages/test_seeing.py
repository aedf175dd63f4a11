import re
from typing import Any

import pytest

from gateway.exchange.families.viewing import Standing
from gateway.exchange.family_views.preview import Preview, ServicePreview, StillClosed, Wish
from gateway.exchange.family_views.who_can_see import PartAnswer, Sees, ServiceAnswer
from tests.unit.pages.stand_in import FATHER, MOTHER, NOOR, Family
from tests.unit.pages.visitor import Visitor

SEEING = f"/wie-ziet-wat?kind={NOOR}"
SEEN = f"/children/{NOOR}/who-can-see"


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def a_service(**changes: Any) -> ServiceAnswer:
    values: dict[str, Any] = {
        "service": "clb-voorbeeldstreek",
        "name": "Vrij CLB Voorbeeldstreek",
        "kind": "clb",
        "sees": Sees.NO,
        "partly": False,
        "rules": ("T6",),
        "purposes": ("care",),
        "changes": (("you_agrees", "other_parent_agrees"),),
    }
    return ServiceAnswer(**(values | changes))


def a_part(*services: ServiceAnswer, data_class: str = "diagnosis") -> PartAnswer:
    return PartAnswer(data_class=data_class, written_by=("VAPH",), services=services)


def service_preview(**changes: Any) -> ServicePreview:
    values: dict[str, Any] = {
        "service": "caw-voorbeeldregio",
        "name": "CAW Voorbeeldregio",
        "kind": "caw",
        "opens": (),
        "extracts": (),
        "already": (),
        "stops": (),
        "closed": (),
    }
    return ServicePreview(**(values | changes))


def a_preview(**changes: Any) -> Preview:
    values: dict[str, Any] = {
        "wish": Wish(child=NOOR, classes=frozenset(), purpose="care", to=""),
        "by_child": False,
        "to": service_preview(),
        "others": (),
        "empty": (),
        "never": ("therapy_notes",),
    }
    return Preview(**(values | changes))


def test_the_page_tells_who_can_see_what_why_and_what_would_change_it(
    mother: Visitor, family: Family
) -> None:
    family.parts = [
        a_part(
            a_service(),
            a_service(name="CAW", sees=Sees.YES, rules=("K1",), changes=(("you_stops",),)),
        )
    ]
    page = words(mother.get(SEEING).text)
    assert "Opgeschreven door : VAPH" in page.replace("door:", "door :")
    assert "Kan dit niet zien Niemand gaf hiervoor toestemming." in page
    assert "Dit gaat open als jij ja zegt en de andere ouder ja zegt." in page
    assert "Kan dit zien De familie gaf toestemming. Dit stopt als jij stopt of nee zegt." in page


def test_what_is_silently_closed_looks_like_nothing_to_share(
    mother: Visitor, family: Family
) -> None:
    family.parts = [a_part(a_service(sees=Sees.NOTHING, rules=(), changes=()))]
    page = words(mother.get(SEEING).text)
    assert "Er is nu niets dat deze dienst kan zien." in page
    assert "verandert dit nu niet" not in page
    (part,) = mother.get(SEEN).json()["parts"]
    assert part["services"][0]["reason"] == "Er is nu niets dat deze dienst kan zien."
    assert (part["services"][0]["rules"], part["services"][0]["change"]) == ([], "")


def test_what_nobody_can_change_says_so(mother: Visitor, family: Family) -> None:
    family.parts = [a_part(a_service(rules=("G5",), changes=()))]
    page = words(mother.get(SEEING).text)
    assert "Deze dienst heeft dit niet nodig voor haar werk." in page
    assert "verandert dit nu niet" in page


def test_a_parent_of_a_child_that_decides_sees_that_and_the_own_running_decisions(
    mother: Visitor, family: Family
) -> None:
    family.give(MOTHER, "caw-voorbeeldregio", {"logistics"})
    family.standing = Standing.CHILD_DECIDES
    family.parts = [a_part(a_service())]
    for address in ("/", SEEING):
        page = mother.get(address).text
        assert "Noor beslist nu zelf" in page
        assert "Vrij CLB" not in page
        assert "/toestemming?" not in page
        assert "de diagnose" not in page
    assert "Je zei ja tegen CAW Voorbeeldregio, tot en met" in mother.get("/").text
    answer = mother.get(SEEN).json()
    assert (answer["standing"], answer["parts"]) == ("child_decides", [])


@pytest.mark.parametrize(
    ("standing", "title"),
    [
        (Standing.UNSETTLED, "Het is nog niet duidelijk wie beslist over Noor"),
        (Standing.NO_AUTHORITY, "Je ziet hier alleen wat je zelf koos voor Noor"),
    ],
)
def test_who_may_not_know_is_told_why_and_nothing_else(
    mother: Visitor, family: Family, standing: Standing, title: str
) -> None:
    family.standing = standing
    assert title in mother.get(SEEING).text
    assert "Vrij CLB" not in mother.get("/").text


def test_a_youngster_is_spoken_to_about_the_own_file(mother: Visitor, family: Family) -> None:
    family.is_me = True
    family.parts = [a_part(a_service(rules=("R1",)))]
    page = words(mother.get(SEEING).text)
    assert "Jouw dossier" in page
    assert "je kind" not in page
    assert "Jij zei nee of stopte." in page


def test_the_same_as_json_in_three_languages(mother: Visitor, family: Family) -> None:
    family.parts = [a_part(a_service())]
    for language, sentence in (
        ("nl", "Dit gaat open als jij ja zegt en de andere ouder ja zegt."),
        ("fr", "Ceci s'ouvre si tu dis oui et si l'autre parent dit oui."),
        ("en", "This opens if you say yes and the other parent says yes."),
    ):
        answer = mother.get(f"{SEEN}?language={language}")
        (part,) = answer.json()["parts"]
        (service,) = part["services"]
        assert (part["class"], service["sees"], service["rules"]) == ("diagnosis", "no", ["T6"])
        assert service["change"] == sentence
        assert answer.headers["cache-control"] == "no-store"


def test_absent_and_not_yours_are_the_same_bytes_here_too(mother: Visitor) -> None:
    absent = mother.get("/children/somebody/who-can-see")
    assert absent.status_code == 404
    assert mother.get(f"/children/{NOOR}/decisions/{'0' * 32}").content == absent.content
    assert mother.get("/wie-ziet-wat?kind=somebody").status_code == 404


def test_the_question_shows_what_a_yes_would_change(mother: Visitor, family: Family) -> None:
    family.preview = a_preview(
        to=service_preview(
            opens=("diagnosis",),
            already=("logistics",),
            closed=(
                StillClosed(
                    data_class="context",
                    sees=Sees.NO,
                    rules=("T6",),
                    changes=(("other_parent_agrees",),),
                ),
            ),
        ),
        empty=("development",),
    )
    asked = "soort=diagnosis&soort=context&soort=development&maanden=3"
    page = words(mother.get(f"/toestemming?kind={NOOR}&dienst=caw-voorbeeldregio&{asked}").text)
    assert family.wishes[0].classes == {"diagnosis", "context", "development"}
    assert "CAW Voorbeeldregio ziet dan ook: wat er aan de hand is: de diagnose" in page
    assert "CAW Voorbeeldregio ziet al: praktische afspraken" in page
    assert "Dit gaat open als de andere ouder ja zegt." in page
    assert "Andere diensten zien door jouw ja niets meer dan nu." in page
    assert page.index("Wat verandert er als je ja zegt?") < page.index("Nee zeggen kost niets.")


def test_a_preview_as_json_keeps_nothing_and_needs_the_token(
    mother: Visitor, family: Family
) -> None:
    family.preview = a_preview(to=service_preview(extracts=("functional",)))
    wish = {
        "child": NOOR,
        "classes": ["functional"],
        "purpose": "care",
        "to": "caw-voorbeeldregio",
    }
    assert mother.post_json("/consents/preview", wish).status_code == 403
    found = mother.post_json("/consents/preview", wish, x_csrf_token="token").json()
    assert found["to"]["extracts"] == ["functional"]
    assert found["never"] == ["therapy_notes"]
    assert family.given == []


@pytest.mark.parametrize(
    "wish",
    [
        {"classes": []},
        {"classes": ["x"] * 40},
        {"to": "x" * 100},
        {"more": 1},
    ],
)
def test_a_preview_that_is_no_question_is_refused_without_its_text(
    mother: Visitor, wish: dict[str, Any]
) -> None:
    asked = {"child": NOOR, "classes": ["diagnosis"], "purpose": "care", "to": "caw", **wish}
    answer = mother.post_json("/consents/preview", asked, x_csrf_token="token")
    assert answer.status_code in {400, 404}
    assert NOOR not in answer.text


def test_nobody_is_answered_without_a_session(visitor: Visitor) -> None:
    assert visitor.get(SEEN).status_code == 401
    assert visitor.post_json("/consents/preview", {}).status_code in {400, 401}
    assert visitor.get(SEEING).status_code == 303
    assert FATHER not in visitor.get(SEEN).text
