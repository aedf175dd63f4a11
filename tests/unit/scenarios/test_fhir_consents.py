"""`deelregie decide --fhir-consent`, on the example of docs/fhir-consent.md as it stands."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from tests.architecture.project import document

pytestmark = pytest.mark.unit
PAGE = document("docs/fhir-consent.md")
REQUEST, CONSENT, ANSWER = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    request, consent = tmp_path / "request.json", tmp_path / "consent.json"
    request.write_text(REQUEST, "utf-8")
    consent.write_text(CONSENT, "utf-8")
    return consent, request


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["decide", *map(str, arguments)])


def asked(consent: Path, request: Path) -> list[str]:
    return ["--fhir-consent", str(consent), "--request", str(request)]


def test_the_example_of_the_page_is_answered_by_the_command(files: tuple[Path, Path]) -> None:
    done = run(*asked(*files), "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == json.loads(ANSWER)
    assert "Consent/school-year" in run(*asked(*files), "--language", "en").stdout


def test_another_consent_that_refuses_wins(files: tuple[Path, Path], tmp_path: Path) -> None:
    refused = json.loads(CONSENT) | {"id": "refused", "provision": {"type": "deny"}}
    other = tmp_path / "refused.json"
    other.write_text(json.dumps(refused), "utf-8")
    told = json.loads(run(*asked(*files), "--fhir-consent", other, "--json").stdout)
    assert told["outcome"] == "deny"


@pytest.mark.parametrize("what", ["consent.json", "request.json"])
def test_a_file_that_cannot_be_read_is_named_and_exits_2(
    files: tuple[Path, Path], what: str
) -> None:
    broken = next(one for one in files if one.name == what)
    broken.write_bytes(b"\xff{")
    for more in ((), ("--json",)):
        done = run(*asked(*files), *more)
        assert done.exit_code == 2
        assert what in done.output
    broken.unlink()
    assert what in run(*asked(*files)).output


def test_a_mistake_in_the_request_names_its_place(files: tuple[Path, Path]) -> None:
    files[1].write_text(REQUEST.replace('"at"', '"when"'), "utf-8")
    done = run(*asked(*files), "--json")
    assert json.loads(done.stdout)["error"]["where"].startswith("request")


@pytest.mark.parametrize(
    "arguments",
    [(), ("--request", "r.json"), ("--fhir-consent", "c.json"), ("a.yaml", "--request", "r.json")],
)
def test_half_a_question_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert "--fhir-consent" in done.output
