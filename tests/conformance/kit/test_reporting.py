"""`deelregie translate` tells what became of every field, as text, as JSON and as a page."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.registry import ADAPTERS
from gateway.cli import app
from gateway.kit.promises import is_telling
from gateway.kit.samples import Sample, samples_of, walk

SAMPLES = [one for source in sorted(ADAPTERS) for one in samples_of(source)]
every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def translated(sample: Sample, *options: str) -> Result:
    words = ["translate", sample.source, str(sample.path), "--allow-test-numbers", *options]
    return CliRunner().invoke(app, words)


@every_sample
@pytest.mark.parametrize("shown", ["text", "html"])
def test_a_report_to_read_holds_no_value_of_the_file(sample: Sample, shown: str) -> None:
    found = translated(sample, "--report", shown)
    assert found.exit_code in {0, 1}, found.output
    # Ids and the fingerprint are made by the hub; they follow from no value that can be read.
    said = re.sub(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", found.output)
    assert [path for path, value in walk(sample) if is_telling(value) and value in said] == []


@every_sample
def test_the_page_names_every_field_and_is_one_whole_document(sample: Sample) -> None:
    page = translated(sample, "--report", "html").output
    texts = Texts()
    texts.feed(page)
    account = json.loads(translated(sample, "--report", "json").output)["account"]
    assert {line["path"] for line in account} <= texts.found
    assert "<script" not in page
    assert "src=" not in page


def test_json_is_the_same_by_both_options_and_names_the_file() -> None:
    sample = SAMPLES[0]
    found = translated(sample, "--json").output
    assert found == translated(sample, "--report", "json").output
    assert json.loads(found)["source"] == sample.source


def test_an_unreadable_file_is_told_with_its_place_and_exit_code(tmp_path: Path) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_bytes(b"")
    found = CliRunner().invoke(app, ["translate", "vaph", str(empty)])
    assert found.exit_code == 1
    assert "byte 0" in found.output
    assert CliRunner().invoke(app, ["translate", "nobody", str(empty)]).exit_code == 2


class Texts(HTMLParser):
    """The texts between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_data(self, data: str) -> None:
        self.found.add(data)
