"""What the format does not know is an error that names file, line, key and the remedy."""

from datetime import date
from pathlib import Path

import pytest

from consent.decide import decide
from consent.model import Consent, ToService
from gateway.scenarios.error import ScenarioError
from gateway.scenarios.load import load_folder, load_scenario, read_folder
from tests.unit.scenarios.story import NAME, STORY, WHOLE, changed, line_of, written

pytestmark = pytest.mark.unit


def refused(folder: Path, text: str | bytes, *, must_expect: bool = True) -> ScenarioError:
    with pytest.raises(ScenarioError) as found:
        load_scenario(written(folder, text), must_expect=must_expect)
    return found.value


def test_a_whole_scenario_becomes_facts_a_request_and_an_expectation(tmp_path: Path) -> None:
    read = load_scenario(written(tmp_path))
    assert read.name == NAME
    assert read.request.to == ToService("vaph-1")
    assert read.facts.child.born == date(2017, 2, 1)
    assert read.facts.protocols is None
    assert read.facts.consents[0] == Consent(
        id="consents[0]",
        by="mother",
        effect="grant",
        classes=frozenset({"diagnosis"}),
        purpose="care",
        to=frozenset({"vaph-1"}),
        since=date(2026, 1, 1),
    )
    assert read.expect.rules == {"dx": "K1", "history": "H5"}
    assert read.expect.silent is False


def test_the_legal_bases_that_lapsed_are_those_of_the_register_unless_the_story_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days: list[date] = []

    def lapsed(day: date) -> frozenset[str]:
        days.append(day)
        return frozenset({"necessity"})

    monkeypatch.setattr("gateway.scenarios.facts.lapsed_bases", lapsed)
    late = changed("2026-03-02T10:00:00+01:00", "2026-03-02T23:30:00Z")
    assert load_scenario(written(tmp_path, late)).facts.lapsed_bases == {"necessity"}
    assert days == [date(2026, 3, 3)]
    said = changed("record:", "lapsed_bases: [release-of-secrecy]\nrecord:")
    told = load_scenario(written(tmp_path, said))
    assert told.facts.lapsed_bases == {"release-of-secrecy"}
    assert decide(told.request, told.facts, at=told.at).outcome == "deny"
    none = changed("record:", "lapsed_bases: []\nrecord:")
    assert load_scenario(written(tmp_path, none)).facts.lapsed_bases == frozenset()


# What stands in the story, what is written instead, the key that is named, words of the
# complaint and of the remedy.
WRONG = {
    "unknown key": (
        "creche: {kind: childcare}",
        "creche: {kind: childcare, secrcy: none}",
        "services.creche.secrcy",
        "unknown key `secrcy` in `services.creche`",
        "Did you mean `secrecy`?",
    ),
    "unknown key at the top": ("people:", "persons:", "persons", "unknown key", "people"),
    "missing key": (
        "{service: vaph-1, role: care}",
        "{service: vaph-1}",
        "actors.an.role",
        "key `role` is missing",
        "Add `role: …`",
    ),
    "legal basis nobody knows": (
        "child: {born: 2017-02-01}",
        "child: {born: 2017-02-01}\nlapsed_bases: [necessty]",
        "lapsed_bases[0]",
        "unknown word `necessty`",
        "Did you mean `necessity`?",
    ),
    "wrong word": (
        "kind: childcare",
        "kind: childcaer",
        "services.creche.kind",
        "unknown word `childcaer`",
        "Did you mean `childcare`?",
    ),
    "unknown service": (
        "- {service: vaph-1, from",
        "- {service: vaph-9, from",
        "relations[0].service",
        "`vaph-9` does not stand under `services`",
        "Did you mean `vaph-1`?",
    ),
    "unknown person": (
        "by: father",
        "by: fahter",
        "consents[1].by",
        "`fahter` does not stand under `people`",
        "Did you mean `father`?",
    ),
    "unknown person in a list": (
        "about: [mother]",
        "about: [child, moeder]",
        "record.segments[1].about[1]",
        "`moeder` does not stand",
        "Add it there",
    ),
    "unknown recipient": (
        "to: {service: vaph-1}",
        "to: {actor: bo}",
        "request.to.actor",
        "`bo` does not stand under `actors`",
        "Use one of: an",
    ),
    "two recipients": (
        "to: {service: vaph-1}",
        "to: {service: vaph-1, actor: an}",
        "request.to",
        "must name one recipient",
        "{service: …}",
    ),
    "unknown segment": (
        "rules: {dx: K1,",
        "rules: {xd: K1,",
        "expect.rules.xd",
        "`xd` is no segment",
        "dx, history",
    ),
    "segment twice": (
        "id: history, class: parent",
        "id: dx, class: parent",
        "record.segments[1].id",
        "segment `dx` stands twice",
        "its own id",
    ),
    "impossible date": (
        "born: 2017-02-01",
        "born: 2017-02-30",
        "child.born",
        "impossible date `2017-02-30`",
        "in the calendar",
    ),
    "impossible instant": (
        "2026-03-02T10:00:00+01:00",
        "2026-03-02T25:00:00+01:00",
        "at",
        "impossible date or time",
        "that exists",
    ),
    "no date": ("from: 2025-01-01", "from: January", "relations[0].from", "is not", "2026-03-01"),
    "a date in another order": ("born: 2017-02-01", "born: 01-02-2017", "child.born", "date", "ye"),
    "no time zone": ('T10:00:00+01:00"', 'T10:00:00"', "at", "needs a time zone", "Add +01:00"),
    "nothing behind a key": ("born: 2017-02-01", "born: ", "child.born", "must be one word", "W"),
    "a word for yes": ("silent: false", "silent: no", "expect.silent", "yes or no", "true"),
    "a quoted yes": ("silent: false", 'silent: "false"', "expect.silent", "yes or no", "quotes"),
    "key twice": (
        "  source: clb-1",
        "  source: clb-1\n  source: clb-1",
        "record.source",
        "key `source` stands twice, the first time on line",
        "Take one",
    ),
    "another name": ("scenario: dossier", "scenario: file", "scenario", "file's name", "rename"),
    "no list": (
        "obligations: [minimum, no_onward]",
        "obligations: minimum",
        "expect.obligations",
        "must be a list",
        "[one, two]",
    ),
    "a child among the people": ("  mother: {rel", "  child: {rel", "people.child", "own", "name"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_error_names_file_line_and_key_and_how_to_mend_it(tmp_path: Path, case: str) -> None:
    line, wrong, key, problem, remedy = WRONG[case]
    text = changed(line, wrong)
    error = refused(tmp_path, text)
    where = line_of(text, wrong) + wrong.count("\n")
    assert (error.file, error.line, error.key) == (f"{NAME}.yaml", where, key)
    assert problem in error.problem
    assert remedy in error.remedy
    assert str(error).startswith(f"{NAME}.yaml, line {where}, key `{key}`: {error.problem}. ")


GARBAGE = {
    "not YAML": (b"scenario: dossier\nchild: {born: 2017-02-01\npeople: x\n", 3, "not YAML"),
    "not UTF-8": ("scenario: x\ntitle: Zo\u00eb\n".encode("latin-1"), 2, "not UTF-8"),
    "two documents": (b"scenario: a\n---\nscenario: b\n", 2, "not YAML"),
    "empty": (b"# nothing yet\n", 1, "empty"),
    "a list": (b"- scenario\n", 1, "must hold keys"),
    "control character": (b"scenario: x\n\ntitle: \x07\n", 3, "character"),
    "anchor": (b"scenario: x\nchild: &c {born: 2017-02-01}\n", 2, "anchors"),
    "contains itself": (b"&a [*a]\n", 1, "anchors"),
    "tag": (b"scenario: x\nchild: !!python/object:os.system {}\n", 2, "tag"),
    "nested without end": (b"a: " + b"[" * 20_000, 1, "nested"),
    "a list as key": (b"[a, b]: c\n", 1, "one word"),
}


@pytest.mark.parametrize("case", GARBAGE)
def test_a_file_that_is_no_scenario_is_refused_by_line(tmp_path: Path, case: str) -> None:
    raw, line, problem = GARBAGE[case]
    error = refused(tmp_path, raw)
    assert (error.file, error.line) == (f"{NAME}.yaml", line)
    assert problem in error.problem
    assert error.remedy


def test_a_huge_or_absent_file_is_refused(tmp_path: Path) -> None:
    assert "too large" in refused(tmp_path, b"#" * 1_000_001).problem
    with pytest.raises(ScenarioError, match="cannot be opened"):
        load_scenario(tmp_path / "absent.yaml")


def test_expect_may_be_left_out_only_where_nothing_is_compared(tmp_path: Path) -> None:
    assert "key `expect` is missing" in refused(tmp_path, STORY).problem
    read = load_scenario(written(tmp_path, STORY), must_expect=False)
    assert read.expect.outcome is None


def test_a_folder_is_read_by_name_and_an_empty_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="holds no scenario"):
        load_folder(tmp_path)
    written(tmp_path)
    written(tmp_path, changed("scenario: dossier-for-vaph", "scenario: another"), "another")
    assert [one.name for one in load_folder(tmp_path)] == ["another", NAME]


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, "scenario: [", "broken")
    read, errors = read_folder(tmp_path)
    assert [one.name for one in read] == [NAME]
    assert [error.file for error in errors] == ["broken.yaml"]
    with pytest.raises(ScenarioError):
        load_folder(tmp_path)


def test_a_key_written_twice_far_apart_names_both_lines(tmp_path: Path) -> None:
    error = refused(tmp_path, WHOLE + "child: {born: 2000-01-01}\n")
    assert (error.line, error.key) == (WHOLE.count("\n") + 1, "child")
    assert "the first time on line 4" in error.problem


def test_a_service_that_merged_must_say_into_which(tmp_path: Path) -> None:
    merged = "creche: {kind: childcare, status: {merged_into: clb-1}}"
    read = load_scenario(written(tmp_path, changed("creche: {kind: childcare}", merged)))
    assert read.facts.services["creche"].merged_into == "clb-1"
    error = refused(tmp_path, changed("creche: {kind: childcare}", merged.replace("clb-1", "no")))
    assert error.key == "services.creche.status.merged_into"
    error = refused(
        tmp_path, changed("creche: {kind: childcare}", "creche: {kind: childcare, status: merged}")
    )
    assert error.key == "services.creche.status"


def test_a_legal_route_knows_its_own_keys_only(tmp_path: Path) -> None:
    route = "  purpose: care\n  ground: {kind: team, validated: true}\nexpect:"
    error = refused(tmp_path, changed("  purpose: care\nexpect:", route))
    assert error.key == "request.ground.validated"
    assert "Use one of: kind, team" in error.remedy


@pytest.mark.parametrize("line", ['"\\U00110000"', '"\\UFFFFFFFF"'])
def test_an_escape_that_means_no_character_is_an_error_of_its_file(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(f"scenario: {line}\n", "utf-8")
    with pytest.raises(ScenarioError, match=r"odd\.yaml"):
        load_scenario(file)
