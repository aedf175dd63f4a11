"""docs/scenarios.md shows what the commands read and print."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from consent.changes import Kind
from gateway.cli import app
from gateway.scenarios.load import load_scenario
from tests.architecture.project import document
from tests.unit.scenarios.story import changed, written

pytestmark = pytest.mark.unit
PAGE = document("docs/scenarios.md")


def block(kind: str) -> str:
    """The text of the one code block of a kind."""
    [found] = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    return str(found)


def printed(*arguments: str | Path) -> Any:
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    return json.loads(done.stdout)


def shape(value: Any) -> Any:
    """The keys at every level; of a list, those of everything in it together."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        shapes = [found for one in value if (found := shape(one)) is not None]
        return merged(shapes)
    return None


def merged(shapes: list[Any]) -> Any:
    found: dict[str, Any] = {}
    for one in shapes:
        for key, inner in one.items():
            known = [shown for shown in (found.get(key), inner) if shown is not None]
            found[key] = merged(known)
    return found or None


def test_the_example_can_be_read_and_decides_as_it_expects(tmp_path: Path) -> None:
    written(tmp_path, block("yaml"), "my-story")
    assert printed("scenarios", tmp_path)["summary"] == {"match": 1, "differ": 0, "unreadable": 0}


def test_the_error_shown_is_the_error_given(tmp_path: Path) -> None:
    text = changed("kind: vaph_facility", "kind: vaph_facilty", block("yaml"))
    with pytest.raises(Exception, match="vaph_facilty") as found:
        load_scenario(written(tmp_path, text, "my-story"))
    assert str(found.value).startswith(block("text").rstrip("…\n"))


def test_the_machine_form_of_a_folder_has_the_keys_shown(tmp_path: Path) -> None:
    written(tmp_path, changed("outcome: redact", "outcome: permit"))
    broken = changed("scenario: dossier-for-vaph", "scenario: broken")
    written(tmp_path, changed("born: 2017-02-01", "born: 2017-02-30", broken), "broken")
    answer = printed("scenarios", tmp_path)
    shown = json.loads(block("json scenarios"))
    assert shape(answer) == shape(shown)
    assert answer["errors"] == shown["errors"]
    assert answer["scenarios"][0]["segments"][0] == shown["scenarios"][0]["segments"][0]


def test_the_machine_form_of_a_decision_has_the_keys_shown(tmp_path: Path) -> None:
    options = ("--who-can-see", "--if-granted", "mother:parent_data:vaph-1", "--language", "en")
    answer = printed("decide", written(tmp_path), *options)
    shown = json.loads(block("json decide"))
    for service in answer["if_granted"]["services"]:
        # The page leaves out what it showed before.
        service["before"]["segments"] = service["after"]["segments"] = []
    assert shape(answer) == shape(shown)
    assert shown["segments"][1] == answer["segments"][1]
    assert shown["segments"][0]["would_stop_if"][0] in answer["segments"][0]["would_stop_if"]


def test_every_kind_of_change_and_every_option_is_named() -> None:
    for word in (*Kind, "--who-can-see", "--if-granted", "--language", "--json"):
        assert f"`{word}" in PAGE
