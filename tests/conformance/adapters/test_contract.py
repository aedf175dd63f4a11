"""What every adapter promises, checked on every sample of every registered source."""

import json
import re
from pathlib import Path

import pytest

from adapters.contract import dump, load
from adapters.registry import ADAPTERS
from gateway.kit.check import HEADINGS
from gateway.kit.promises import PROMISES, Promise
from tests.conformance.adapters.samples import Sample, every_sample

ROOT = Path(__file__).parents[3]
every_adapter = pytest.mark.parametrize("source", sorted(ADAPTERS))


@every_adapter
def test_an_adapter_has_samples_and_a_page_that_names_owner_ground_and_version(
    source: str,
) -> None:
    assert list((ROOT / "schemas" / "sources" / source).iterdir())
    page = (ROOT / "adapters" / source / "README.md").read_text(encoding="utf-8")
    assert [heading for heading in HEADINGS if f"## {heading}" not in page] == []


def test_every_folder_of_a_source_is_registered() -> None:
    folders = {path.parent.name for path in (ROOT / "adapters").glob("*/README.md")}
    assert folders == set(ADAPTERS) == {adapter.source for adapter in ADAPTERS.values()}


@every_sample
@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.text)
def test_every_promise_is_kept(sample: Sample, promise: Promise) -> None:
    assert list(promise.faults(sample)) == []


def test_every_code_table_names_its_source_and_date() -> None:
    for path in (ROOT / "schemas" / "codes").glob("*.json"):
        table = json.loads(path.read_text(encoding="utf-8"))
        assert table["table"] == path.stem
        assert table["source"]
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", table["date"])
        assert table["rows"]


def test_decimals_keep_their_spelling_both_ways() -> None:
    raw = b'{"a":84.0,"b":117.50,"c":3,"d":[0.10]}'
    assert dump(load(raw)) == raw
