"""`deelregie scenarios` and `deelregie decide`, as somebody who never saw the code types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.support.scenarios import FOLDER
from tests.unit.scenarios.story import NAME, STORY, WHOLE, changed, written

pytestmark = pytest.mark.unit


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def told(*arguments: str | Path, exit_code: int = 0) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout)


def segment(answer: Any, name: str) -> Any:
    return next(one for one in answer["segments"] if one["id"] == name)


def test_a_folder_that_decides_as_expected_exits_0(tmp_path: Path) -> None:
    written(tmp_path)
    done = run("scenarios", tmp_path)
    assert done.exit_code == 0
    assert done.stdout == "1 scenarios decided: 1 as expected, 0 differ; 0 unreadable\n"


def test_a_difference_is_shown_per_segment_with_its_explanation_and_exits_1(
    tmp_path: Path,
) -> None:
    text = changed("{dx: K1, history: H5}", "{dx: K4, history: H5}")
    written(tmp_path, changed("[minimum, no_onward]", "[seal]", text))
    done = run("scenarios", tmp_path)
    assert done.exit_code == 1
    assert f"{NAME} differs: Both parents granted" in done.stdout
    assert (
        "  obligations: seal missing\n"
        "  dx (diagnosis)  <- differs\n"
        "    expected: permit by K4\n"
        "    got:      permit by K1\n"
        "    because:  Iedereen die hierover beslist, gaf toestemming.\n"
        "  history (parent_data)\n"
    ) in done.stdout
    assert "0 as expected, 1 differ" in done.stdout
    english = run("scenarios", tmp_path, "--language", "en").stdout
    assert "Everybody who decides about this agreed." in english


@pytest.mark.parametrize(
    ("line", "other", "difference"),
    [
        ("outcome: redact", "outcome: deny", "outcome is redact, not deny"),
        ("{dx: permit,", "{dx: extract,", "dx is permit, not extract"),
        ("{dx: K1,", "{dx: K4,", "dx fell to K1, not K4"),
        ("[minimum, no_onward]", "[minimum, seal]", "obligations ['seal'] are missing"),
        ("silent: false", "silent: true", "silent is False, not True"),
    ],
)
def test_each_part_that_differs_alone_is_a_difference(
    tmp_path: Path, line: str, other: str, difference: str
) -> None:
    written(tmp_path, changed(line, other))
    [one] = told("scenarios", tmp_path, exit_code=1)["scenarios"]
    assert one["differences"] == [difference]


def test_outcome_and_silence_that_differ_are_shown(tmp_path: Path) -> None:
    text = changed("outcome: redact", "outcome: deny")
    written(tmp_path, changed("silent: false", "silent: true", text))
    shown = run("scenarios", tmp_path).stdout
    assert "  outcome: expected deny, got redact\n  silent: expected true, got false\n" in shown


def test_an_unreadable_scenario_exits_2_and_the_others_are_decided(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, changed("purpose: care\nexpect", "purpose: fun\nexpect"), "broken")
    done = run("scenarios", tmp_path)
    assert done.exit_code == 2
    assert "unreadable: broken.yaml, line " in done.stdout
    assert "1 as expected, 0 differ; 1 unreadable" in done.stdout


@pytest.mark.parametrize("folder", ["absent", "."])
def test_a_folder_without_scenarios_exits_2(tmp_path: Path, folder: str) -> None:
    answer = told("scenarios", tmp_path / folder, exit_code=2)
    assert answer["scenarios"] == []
    assert answer["errors"][0]["remedy"] == "Name a folder with files that end in .yaml"


def test_the_machine_form_of_a_folder_holds_expected_and_got(tmp_path: Path) -> None:
    written(tmp_path, changed("outcome: redact", "outcome: permit"))
    written(tmp_path, "scenario: [", "broken")
    answer = told("scenarios", tmp_path, exit_code=2)
    assert answer["summary"] == {"match": 0, "differ": 1, "unreadable": 1}
    [one] = answer["scenarios"]
    assert one["matches"] is False
    assert one["differences"] == ["outcome is redact, not permit"]
    assert one["outcome"] == {"expected": "permit", "got": "redact"}
    assert segment(one, "history")["got"] == {"effect": "withhold", "rule": "H5"}
    assert answer["errors"][0]["file"] == "broken.yaml"
    assert answer["errors"][0]["line"] == 1


def test_the_projects_own_scenarios_can_all_be_read() -> None:
    done = run("scenarios", FOLDER, "--json")
    answer = json.loads(done.stdout)
    assert answer["errors"] == []
    assert answer["summary"]["match"] >= 55
    assert done.exit_code == (1 if answer["summary"]["differ"] else 0)


def test_a_pull_that_did_not_ask_for_a_segment_says_so(tmp_path: Path) -> None:
    pull = "  purpose: care\n  kind: pull\n  classes: [diagnosis]\nexpect:"
    text = changed("  purpose: care\nexpect:", pull)
    written(tmp_path, text)
    assert "got:      not asked for by no rule" in run("scenarios", tmp_path).stdout


def test_a_decision_tells_rule_reason_obligations_consents_and_basis(tmp_path: Path) -> None:
    answer = told("decide", written(tmp_path, STORY))
    assert answer["outcome"] == "redact"
    assert answer["matches"] is None
    dx = segment(answer, "dx")
    assert (dx["effect"], dx["rule"], dx["basis"]) == ("permit", "K1", "release-of-secrecy")
    assert dx["reason"] == "Iedereen die hierover beslist, gaf toestemming."
    assert dx["obligations"] == ["minimum", "no_onward"]
    assert dx["consents"] == [
        {"id": "consents[0]", "by": "mother"},
        {"id": "consents[1]", "by": "father"},
    ]


def test_a_decision_tells_what_would_change_it(tmp_path: Path) -> None:
    answer = told("decide", written(tmp_path, STORY), "--language", "en")
    [opens] = segment(answer, "history")["would_go_if"]
    assert [change["text"] for change in opens["changes"]] == ["mother agrees to this"]
    assert (opens["effect"], opens["rule"]) == ("permit", "K1")
    stops = segment(answer, "dx")["would_stop_if"]
    assert {(one["changes"][0]["kind"], one["changes"][0]["who"]) for one in stops} == {
        (kind, who) for kind in ("withdraw", "refuse") for who in ("mother", "father")
    }
    assert {one["rule"] for one in stops} == {"R5"}


SENTENCES = {
    "nl": ("history (parent_data): blijft", "Dit gaat als mother hiervoor toestemming geeft"),
    "fr": ("history (parent_data): reste", "Ceci est transmis si mother donne son accord"),
    "en": ("history (parent_data): stays", "This goes if mother agrees to this"),
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_decision_speaks_three_languages(tmp_path: Path, language: str) -> None:
    shown = run("decide", written(tmp_path, STORY), "--language", language).stdout
    for sentence in SENTENCES[language]:
        assert sentence in shown


def test_dutch_is_spoken_by_default_and_another_language_is_wrong_usage(tmp_path: Path) -> None:
    file = written(tmp_path, STORY)
    assert run("decide", file).stdout == run("decide", file, "--language", "nl").stdout
    assert run("decide", file, "--language", "de").exit_code == 2


def test_a_decision_other_than_the_file_expects_says_so_and_exits_0(tmp_path: Path) -> None:
    done = run("decide", written(tmp_path, changed("outcome: redact", "outcome: deny")))
    assert done.exit_code == 0
    assert "Anders dan het bestand verwacht: outcome is redact, not deny" in done.stdout


def test_what_nobody_can_change_is_said(tmp_path: Path) -> None:
    text = changed("class: parent_data, about: [mother]", "class: placement", STORY)
    shown = run("decide", written(tmp_path, text), "--language", "en").stdout
    assert "Nothing that people can do or settle now changes this." in shown


def test_an_unreadable_file_exits_2_with_its_place(tmp_path: Path) -> None:
    file = written(tmp_path, changed("born: 2017-02-01", "born: 2017-02-30", STORY))
    done = run("decide", file)
    assert done.exit_code == 2
    assert f"{NAME}.yaml, line 4, key `child.born`: impossible date" in done.stderr
    assert told("decide", file, exit_code=2)["error"]["key"] == "child.born"


def test_who_can_see_tells_for_every_service_but_the_source_what_and_why(tmp_path: Path) -> None:
    file = written(tmp_path, STORY)
    views = {one["service"]: one for one in told("decide", file, "--who-can-see")["who_can_see"]}
    assert set(views) == {"vaph-1", "creche"}
    assert segment(views["vaph-1"], "dx")["rule"] == "K1"
    assert segment(views["creche"], "dx")["rule"] == "G4"
    shown = run("decide", file, "--who-can-see").stdout
    assert "Wie kan dit zien, voor doel care?" in shown
    assert "creche (childcare)\n    dx (diagnosis): blijft (G4)." in shown


def test_if_granted_shows_what_each_service_would_see_before_and_after(tmp_path: Path) -> None:
    file = written(tmp_path, STORY)
    option = ("--if-granted", "mother:parent_data,diagnosis:vaph-1,creche")
    preview = told("decide", file, *option)["if_granted"]
    assert preview["grants"] == [
        {"by": "mother", "classes": ["diagnosis", "parent_data"], "to": ["creche", "vaph-1"]}
    ]
    services = {one["service"]: one for one in preview["services"]}
    assert segment(services["vaph-1"]["before"], "history")["effect"] == "withhold"
    after = segment(services["vaph-1"]["after"], "history")
    assert (after["effect"], after["rule"]) == ("permit", "K1")
    assert segment(services["creche"]["after"], "history")["effect"] == "withhold"
    shown = run("decide", file, *option).stdout
    assert "history (parent_data) nu: blijft (H5); dan: gaat (K1)." in shown
    assert "dx (diagnosis) blijft zoals het was: blijft (G4)." in shown


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("mother:diagnosis", "PERSON:CLASSES:SERVICES"),
        ("nobody:diagnosis:vaph-1", "unknown person `nobody`"),
        ("mother:everything:vaph-1", "unknown class `everything`"),
        ("mother:diagnosis:any", "unknown service `any`"),
        ("mother::vaph-1", "unknown class ``"),
    ],
)
def test_a_grant_that_names_something_unknown_is_wrong_usage(
    tmp_path: Path, typed: str, complaint: str
) -> None:
    done = run("decide", written(tmp_path), "--if-granted", typed)
    assert done.exit_code == 2
    # The frame around an error breaks lines; the words stay.
    assert complaint.split(maxsplit=1)[0] in done.stderr


def test_any_class_leaves_out_what_must_be_named(tmp_path: Path) -> None:
    preview = told("decide", written(tmp_path), "--if-granted", "mother:any:vaph-1")["if_granted"]
    assert preview["grants"][0]["classes"] == "any"
    [vaph, _] = preview["services"]
    assert segment(vaph["after"], "history")["rule"] == "H5"


@pytest.mark.parametrize("command", ["scenarios", "decide"])
def test_help_tells_the_exit_codes_and_where_the_format_is(command: str) -> None:
    shown = run(command, "--help").stdout
    assert "Exit 0" in shown
    assert "docs/scenarios.md" in shown
    assert "--json" in shown


def test_the_story_is_as_the_engine_decides_it(tmp_path: Path) -> None:
    assert told("decide", written(tmp_path, WHOLE))["matches"] is True
